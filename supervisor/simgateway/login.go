package simgateway

import (
	"os"
	"path/filepath"
	"time"
)

// The lines here are those that IBC prints, in their order, with the window
// events that come with them; those of versions before 3.24.1 as far as they
// tell of logins and ends.

const (
	loginFrame      = "IBKR Gateway"
	twoFactorDialog = "Second Factor Authentication"
	existingDialog  = "Existing session detected"
	exitTwoFactor   = 1111 // 87 after mod 256
	exitNoDialog    = 1112 // 88 after mod 256
)

// preamble is what IBC prints before it does anything.
func (g *gateway) preamble() {
	g.out.raw("IBC Settings:")
	for _, line := range g.props.masked() {
		g.out.raw("    %s", line)
	}
	g.out.raw("End IBC Settings\n")
	g.out.ibc("version: %s-simulated", g.scenes.IBC)
	g.out.raw("System Properties\n------------------------------------------------------------")
	g.out.raw("simulated = true\nibcsessionid = %s\njtsConfigDir = %s", g.args.sessionID, g.args.configDir)
	if g.args.restart != "" {
		g.out.raw("restart = %s", g.args.restart)
	}
	g.out.raw("------------------------------------------------------------")
	g.out.ibc("using default settings provider: ini file is %s", g.args.ini)
	g.out.ibc("using default login manager: will get username and password from settings; FIX username and password (if required) from settings")
	g.out.ibc("using default main window manager")
	if g.args.mode != "" {
		g.out.ibc("using default trading mode manager: constructor parameter args: tradingMode=%s", g.args.mode)
	} else {
		g.out.ibc("using default trading mode manager: constructor parameter args but trading mode not present - will be taken from settings")
	}
	g.out.ibc("using default config dialog manager")
}

// session goes from the start to the end of the login, or as far as it gets. A
// status other than 0 ends the process at once.
func (g *gateway) session() int {
	g.starting()
	if g.scenes.LoginResult == LoginNoDialog {
		return g.fail(time.Duration(g.scenes.LaunchDelay), exitNoDialog, "IBC closing after TWS/Gateway failed to display login dialog")
	}
	if !g.pause(g.ctx, time.Duration(g.scenes.LaunchDelay)) {
		return 0
	}
	g.out.frame(loginFrame, "Opened")
	if g.ibc.since(15, 0) {
		g.out.ibc("Login dialog WINDOW_OPENED: LoginState is LOGGED_OUT")
	}
	began := time.Now()
	if g.args.restart == "" {
		g.enterCredentials()
	} else {
		g.out.frame(loginFrame, "Activated", "Focused")
	}
	g.loading()
	if g.args.restart == "" {
		if goOn, code := g.authenticate(began); !goOn {
			return code
		}
	} else if !g.pause(g.ctx, time.Duration(g.scenes.LoginDelay)) {
		return 0
	}
	g.complete()
	return 0
}

func (g *gateway) starting() {
	g.out.ibc("TWS Settings directory is: %s", g.args.configDir)
	if g.args.restart != "" {
		g.out.ibc("Re-starting session")
		// The Gateway uses the file up: it serves one restart.
		if err := os.Remove(g.autorestartFile()); err != nil && !os.IsNotExist(err) {
			g.out.exception(err)
		}
	} else {
		g.out.ibc("Starting session: will exit if login dialog is not displayed within %d seconds", g.props.getInt("LoginDialogDisplayTimeout", 60))
	}
	jts := filepath.Join(g.args.configDir, "jts.ini")
	g.out.ibc("Ensuring %s contains required minimal lines", jts)
	for _, setting := range jtsSettings {
		g.out.ibc("Found setting: [%s]/%s=%s", setting.section, setting.key, setting.value)
	}
	g.out.ibc("Confirmed %s contains required minimal lines", jts)
	g.out.ibc("Starting Gateway")
	g.out.ibc("Getting config dialog")
	g.out.ibc("Creating config dialog future")
	g.out.ibc("Getting main window")
	g.out.ibc("Creating main window future")
}

// jtsSettings are the lines that IBC wants in jts.ini.
var jtsSettings = []struct{ section, key, value string }{
	{"Logon", "s3store", "true"},
	{"Logon", "Locale", "en"},
	{"Logon", "displayedproxymsg", "1"},
	{"Logon", "UseSSL", "true"},
	{"IBGateway", "ApiOnly", "true"},
	{"IBGateway", "TrustedIPs", "127.0.0.1"},
}

func (g *gateway) logTradingMode() {
	if g.args.mode == "" {
		g.out.ibc("trading mode from settings: tradingMode=%s", g.tradingMode())
	}
}

func (g *gateway) enterCredentials() {
	g.out.ibc("Clicking IB API selector")
	g.logTradingMode()
	g.out.ibc("Setting Trading mode = %s", g.tradingMode())
	if g.ibc.since(17, 0) {
		g.out.ibc("Setting user name")
		g.out.ibc("Setting password")
	}
	g.countLogin()
	if g.ibc.since(14, 0) {
		g.out.ibc("Login attempt: 1")
	}
	g.logTradingMode()
	g.out.frame(loginFrame, "Activated", "Focused")
	button := "Log In"
	if g.tradingMode() == "paper" {
		button = "Paper Log In"
	}
	g.out.ibc("Click button: %s", button)
	g.out.ibc("Button now disabled: %s", button)
}

func (g *gateway) loading() {
	g.out.frame("Loading...", "Opened")
	g.out.ibc("Found Gateway main window")
	g.out.ibc("Got main window from future")
	g.out.ibc("Invoking config dialog menu")
	g.out.frame(loginFrame, "Lost focus", "Deactivated")
	g.out.frame("Loading...", "Activated", "Focused")
	g.out.frame("Authenticating...", "Opened")
	g.out.frame("Loading...", "Lost focus", "Deactivated")
	g.out.frame("Authenticating...", "Activated", "Focused")
}

// authenticate plays the part that depends on the account. It reports whether
// the login goes on, and otherwise the exit status, 0 to wait for an ending.
func (g *gateway) authenticate(began time.Time) (goOn bool, code int) {
	if g.scenes.TwoFactor != 0 && !g.twoFactor(began) {
		return false, 0
	}
	delay := time.Duration(g.scenes.LoginDelay)
	switch g.scenes.LoginResult {
	case LoginUnanswered:
		g.out.frame("Authenticating...", "Closed")
		g.out.frame(loginFrame, "Activated", "Focused")
		return false, 0
	case LoginStuck:
		text := "IBC closing because login has not completed after Second Factor Authentication"
		if !g.ibc.since(14, 0) {
			text = "IBC closing after Second Factor Authentication dialog timeout"
		}
		g.out.ibc("If login has not completed, IBC will exit in %d seconds", g.props.getInt("SecondFactorAuthenticationExitInterval", 60))
		return false, g.fail(delay, exitTwoFactor, text)
	}
	if !g.pause(g.ctx, delay) {
		return false, 0
	}
	switch g.scenes.LoginResult {
	case LoginFailed:
		g.out.dialog("Login failed", "Opened")
		g.out.ibc("Login failed")
		if g.ibc.since(20, 0) { // older ones leave the dialog open
			g.coldRestart()
		}
		return false, 0
	case LoginConnectionFailed:
		g.out.dialog("Gateway", "Opened")
		if g.ibc.since(21, 1) {
			g.out.ibc("Connection to server failed: Server disconnected, please try again")
			g.coldRestart()
		}
		return false, 0
	case LoginTooMany:
		g.out.dialog(loginFrame, "Opened")
		g.out.ibc("Too many failed login attempts. Please wait 5 seconds before attempting to re-login again.")
		return false, 0
	case LoginExisting:
		return g.existingSession(), 0
	}
	return true, 0
}

// existingSession asks which session to keep, and goes on when a hand has
// answered.
func (g *gateway) existingSession() (goOn bool) {
	g.setWaiting(true)
	defer g.setWaiting(false)
	g.out.dialog(existingDialog, "Opened")
	if g.ibc.since(8, 7) {
		g.out.ibc("User must choose whether to continue with this session (scenario 1)")
	} else {
		g.out.ibc("User must choose whether to continue with this session")
	}
	select {
	case <-g.approved:
	case <-g.ctx.Done():
		return false
	}
	g.out.dialog(existingDialog, "Closed")
	return true
}

// fail ends like IBC's exitWithError. A status of 0 means that something else
// ended the process first.
func (g *gateway) fail(after time.Duration, code int, message string) int {
	if !g.pause(g.ctx, after) {
		return 0
	}
	g.out.boxed("%s", message)
	if g.ibc.since(24, 0) {
		g.out.ibc("Exiting after error with exit code=%d", code)
	} else {
		g.out.ibc("Exiting with exit code=%d", code)
	}
	return code
}

// coldRestart begins a new start of everything.
func (g *gateway) coldRestart() {
	g.out.ibc("Cold restart in progress")
	g.out.ibc("Click button: OK")
	g.end(endColdReboot)
}

// twoFactor waits for the approval and reports whether it came.
func (g *gateway) twoFactor(began time.Time) bool {
	g.setWaiting(true)
	defer g.setWaiting(false)
	g.out.dialog(twoFactorDialog, "Opened")
	if !g.ibc.since(14, 0) {
		g.out.ibc("Second Factor Authentication dialog opened")
	}
	g.out.ibc("Second Factor Authentication initiated")
	g.out.frame("Authenticating...", "Lost focus", "Deactivated")
	g.out.dialog(twoFactorDialog, "Activated", "Focused")
	var alone <-chan time.Time // stays nil where nobody approves unasked
	if d := time.Duration(g.scenes.TwoFactor); d != Never {
		t := time.NewTimer(d)
		defer t.Stop()
		alone = t.C
	}
	select {
	case <-alone:
	case <-g.approved:
	case <-g.ctx.Done():
		return false
	}
	g.out.dialog(twoFactorDialog, "Closed")
	if g.ibc.since(14, 0) {
		g.out.ibc("Duration since login: %d seconds", int(time.Since(began).Seconds()))
	} else {
		g.out.ibc("Second Factor Authentication dialog closed")
	}
	return true
}

func (g *gateway) setWaiting(approval bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.waiting = approval
}

// approve lets a waiting login go on.
func (g *gateway) approve() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.waiting {
		return false
	}
	g.waiting = false
	g.approved <- struct{}{}
	return true
}

// complete is the end of a login that went well. The API port is open before
// the last line says that all is configured.
func (g *gateway) complete() {
	g.out.frame(loginFrame, "Closed")
	g.out.frame("Starting application...", "Closed")
	g.out.ibc("Login has completed")
	close(g.loggedIn)
	g.openPort()
	g.api.update(func() { g.api.ready = true })

	dialog := g.scenes.Account + " Trader Workstation Configuration (Simulated Trading)"
	g.out.dialog(dialog, "Opened")
	g.out.ibc("Got config dialog from future")
	g.out.dialog(dialog, "Activated", "Focused")
	if g.props.get("OverrideTwsApiPort", "") != "" {
		g.out.ibc("Performing port configuration")
		g.out.ibc("TWS API socket port is already set to %d", g.apiPort())
	}
	if g.props.get("ReadOnlyApi", "") != "" {
		g.out.ibc("Setting ReadOnlyApi")
		g.out.ibc("Read-Only API checkbox is already set to: %t", g.props.getBoolOr("ReadOnlyApi", true))
	}
	if at := g.props.get("AutoRestartTime", ""); at != "" {
		g.out.ibc("Setting Auto restart time")
		g.out.ibc("Auto restart time already set to %s", at)
	}
	g.out.ibc("Configuration tasks completed")
	g.out.ibc("Click button: OK")
	g.out.dialog(dialog, "Closed")
}
