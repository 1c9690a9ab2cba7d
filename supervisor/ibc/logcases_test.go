package ibc

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gatelight/supervisor"
)

// An input is what is printed from the click on the login button on. A line
// with "| " in front has no time, and one with "! " is an error of IBC's.
type input struct {
	name, version string
	lines         []string
}

// text is the log of the whole run.
func (i input) text() string {
	var b strings.Builder
	b.WriteString(javaOf(i.version) + stamp + "Click button: Log In\n")
	for _, line := range i.lines {
		switch kind, rest := line[:2], line[2:]; kind {
		case "| ":
			b.WriteString(rest + "\n")
		case "! ":
			b.WriteString(errorBlock(rest))
		default:
			b.WriteString(stamp + line + "\n")
		}
	}
	return b.String()
}

// after are the events that follow those of the login attempt.
func (i input) after(t *testing.T, config string) []supervisor.Event {
	t.Helper()
	l := writtenLog(t, i.text())
	ini := filepath.Join(t.TempDir(), "config.ini")
	if err := os.WriteFile(ini, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	l.parser.settings = readRunSettings(ini)
	var events []supervisor.Event
	l.read(func(e supervisor.Event) { events = append(events, e) })
	return events[4:] // launching, LAUNCH, login, LOGIN
}

// problems are the problems that a login has had.
func problems(events []supervisor.Event) (found []supervisor.LoginProblem) {
	for _, e := range events {
		if p, ok := e.(supervisor.LoginProblemSeen); ok {
			found = append(found, p.LoginProblem)
		}
	}
	return found
}

func dialog(title string, events ...string) (lines []string) {
	for _, e := range events {
		lines = append(lines, "detected dialog entitled: "+title+"; event="+e)
	}
	return lines
}

// shown is the order in which a Gateway shows a dialog.
func shown(title string) []string { return dialog(title, "Activated", "Focused", "Opened") }

func TestWhatKeepsALoginFromGoingOnIsTold(t *testing.T) {
	const canary = "canary4711"
	for _, tt := range []struct {
		in     input
		reason supervisor.LoginReason
		waits  bool
		says   string
	}{
		// Windows that IBC does not know.
		{input{"a refused login in a window", "3.24.1", shown("Unrecognized Username or Password")}, supervisor.LoginRefused, true, "user name, password and TradingMode"},
		{input{"the same with IBC 3.16, which prints a capital", "3.16.2", []string{"Detected dialog entitled: Unrecognized Username or Password; event=Opened"}}, supervisor.LoginRefused, true, "user name"},
		{input{"an agreement", "3.24.1", shown("Market Data Agreement")}, supervisor.LoginDialog, true, `the window "Market Data Agreement" of the Gateway waits`},
		{input{"a bulletin", "3.20.0", shown("Login Messages")}, supervisor.LoginDialog, true, "Login Messages"},
		{input{"a window without a title", "3.21.2", shown("** no title **")}, supervisor.LoginDialog, true, "a window without a title"},
		{input{"a window without a title, IBC 3.8.1", "3.8.1", shown("null")}, supervisor.LoginDialog, true, "a window without a title"},
		{input{"a window that is shown again", "3.24.1", dialog("Notice", "Activated", "Focused")}, supervisor.LoginDialog, true, "Notice"},
		{input{"the account in a title is not shown", "3.24.1", shown("Disclosure for U1234567")}, supervisor.LoginDialog, true, `"Disclosure for •••"`},
		{input{"nor is the user", "3.24.1", shown("Message to " + canary + "-login")}, supervisor.LoginDialog, true, `"Message to •••"`},
		{input{"the password has expired", "3.24.1", shown("Change Password")}, supervisor.LoginPassword, true, "Client Portal"},
		{input{"a window below another one", "3.24.1", slices.Concat(shown("First"), shown("Second"), dialog("Second", "Closed"))}, supervisor.LoginDialog, true, `"First"`},
		{input{"a login error that IBC 3.16 only sees", "3.16.2", shown("Login Error")}, supervisor.LoginDialog, true, `"Login Error"`},

		// The reason behind a text that IBC prints.
		{input{"the Gateway is too old", "3.24.1", append(dialog("Gateway", "Opened"), "Connection to server failed: Required PassKey is not supported, please upgrade to latest version GATEWAY", "Cold restart in progress")},
			supervisor.LoginUpgradeNeeded, false, "install the newest"},
		{input{"the version is not supported", "3.21.1", append(dialog("Gateway", "Opened"), "Connection to server failed: This version is no longer supported", "Click button: OK")}, supervisor.LoginUpgradeNeeded, false, "install the newest"},
		{input{"the server has ended the connection", "3.24.1", append(dialog("Gateway", "Opened"), "Connection to server failed: Server disconnected, please try again", "Cold restart in progress")},
			supervisor.LoginNoServer, false, "(Server disconnected, please try again); look at the network"},
		{input{"a reason on the next line", "3.24.1", append(dialog("Gateway", "Opened"), "Connection to server failed:", "| Read timed out for "+canary+"-login", "Click button: OK")},
			supervisor.LoginNoServer, false, "(Read timed out for •••)"},
		{input{"no reason", "3.24.1", append(dialog("Gateway", "Opened"), "Connection to server failed")}, supervisor.LoginNoServer, false, "could not be reached; look at the network"},

		// Errors of IBC.
		{input{"the device is not in the list", "3.24.1", []string{"Login frame has now become SecondFactorAuthenticationDialog", "detected frame entitled: IBKR Gateway; event=Opened", "! could not find second factor device 'IBKR Mobile' in the list"}},
			supervisor.LoginNoDevice, true, "SecondFactorDevice in config.ini is not in IBKR's list"},
		{input{"the same with IBC 3.12", "3.12.0", append(dialog("Second Factor Authentication", "Opened"), "Second Factor Authentication dialog opened", "! Could not find second factor device 'My Phone' in the list")},
			supervisor.LoginNoDevice, true, "SecondFactorDevice"},
		{input{"no device is named", "3.20.0", append(dialog("Second Factor Authentication", "Opened"), "! You should specify the required second factor device using the SecondFactorDevice setting in config.ini")},
			supervisor.LoginNoDevice, true, "asks which two-factor device"},
		{input{"the login dialog is another one", "3.24.1", []string{"! could not login: could not find control: IB API selector"}}, supervisor.LoginNoDialog, false, "too new"},
		{input{"an error that nobody knows", "3.24.1", []string{"! could not press the button for 'trader1'", "Exiting after error with exit code=1100"}}, supervisor.LoginMessage, false, "IBC says: could not press the button for •••"},
		{input{"an error of several lines", "3.24.1", []string{"! An exception has occurred:\nthe first line\nand the second\n\tat ibcalpha.ibc.Foo(Foo.java:12)\n\tat java.lang.Thread.run"}}, supervisor.LoginMessage, false, "the first line and the second"},

		// The Gateway's own words.
		{input{"a login that is not permitted", "3.24.1", append(dialog("Login Error", "Opened"), "Login error message:", "| Your login is not permitted at this time", "Cold restart in progress", "Login has not completed: exiting immediately")},
			supervisor.LoginNotPermitted, false, "does not permit"},
		{input{"words that nobody knows", "3.20.0", append(dialog("Login Error", "Opened"), "Login error message:", "| The moon is in the wrong house,", "| user: trader1", "Click button: OK")},
			supervisor.LoginMessage, false, "the Gateway says: The moon is in the wrong house, user: •••"},
		{input{"words with IBC 3.19, which does nothing more", "3.19.0", append(dialog("Login Error", "Opened"), "Login error message:", "| Server disconnected, please try again", "Click button: OK")}, supervisor.LoginNoServer, true, "ended the connection"},
		{input{"a password in the Gateway's words", "3.24.1", append(dialog("Login Error", "Opened"), "Login error message:", "| Do not know "+canary+"-password", "Click button: OK")}, supervisor.LoginMessage, false, "Do not know •••"},
		{input{"a locked account", "3.24.1", append(dialog("Login Error", "Opened"), "Login error message:", "| Your account has been locked.", "Click button: OK")}, supervisor.LoginNotPermitted, false, "locked"},
		{input{"a box of the Gateway", "3.24.1", append(dialog("IBKR Gateway", "Opened"), "Your account needs attention in Client Portal")}, supervisor.LoginMessage, true, "the Gateway says: Your account needs attention in Client Portal"},
		{input{"a box of IBC 3.20, which does not print its text", "3.20.0", append(dialog("IBKR Gateway", "Opened"), "Words about something else")}, supervisor.LoginDialog, true, `the window "IBKR Gateway"`},
		{input{"a box of two lines", "3.21.1", append(dialog("IBKR Gateway", "Opened"), "There are documents", "| to sign for U7654321.")}, supervisor.LoginMessage, true, "There are documents to sign for •••; look at its window"},
		{input{"a box that mixes live and paper", "3.24.1", append(dialog("IBKR Gateway", "Opened"), "The specified user is a paper trading user")}, supervisor.LoginRefused, true, "TradingMode"},

		// Too many, refused, missed, elsewhere.
		{input{"too many", "3.24.1", append(dialog("IBKR Gateway", "Opened"), "Too many failed login attempts. Please wait 4 minutes & 3 seconds before attempting to re-login again.")}, supervisor.LoginTooManyAttempts, true, "wait before"},
		{input{"too many, and IBC waits", "3.16.2", append(dialog("IBKR Gateway", "Opened"), "Too many failed login attempts. Please wait 5 seconds", "Click button: OK", "Will re-login at 10:00:00; login number: 2")}, supervisor.LoginTooManyAttempts, false, "IBC waits, and then tries again"},
		{input{"too many, 3.8.6", "3.8.6", []string{"Too many failed login attempts", "Restarting in 5 minutes"}}, supervisor.LoginTooManyAttempts, false, "5 minutes"},
		{input{"refused, and IBC tries again", "3.24.1", append(dialog("Login failed", "Opened"), "Login failed", "Cold restart in progress", "Click button: OK")}, supervisor.LoginRefused, false, "password"},
		{input{"refused, and IBC 3.12 does nothing more", "3.12.0", []string{"Detected dialog entitled: Login failed; event=Opened", "Login failed"}}, supervisor.LoginRefused, true, "password"},
		{input{"refused, and IBC 3.19 clicks, and waits", "3.19.0", append(dialog("Login failed", "Opened"), "Login failed", "Click button: OK", dialog("Login failed", "Closed")[0])}, supervisor.LoginRefused, true, "password"},
		{input{"missed", "3.24.1", []string{"Second Factor Authentication initiated", "Duration since login: 181 seconds", "Re-login after second factor authentication timeout not required"}}, supervisor.LoginMissed, true, "not answered in time"},
		{input{"missed, 3.14", "3.14.0", []string{"Second Factor Authentication initiated", "Duration since login: 240 seconds", "Re-login after second factor authentication timeout not required"}}, supervisor.LoginMissed, true, "ReloginAfterSecond"},
		{input{"missed, and IBC logs in again", "3.17.0", []string{"Second Factor Authentication initiated", "Duration since login: 181 seconds", "Re-login after second factor authentication timeout in 5 second"}}, supervisor.LoginMissed, false, "IBC logs in again"},
		{input{"logged in elsewhere", "3.24.1", append(dialog("Existing session detected", "Opened"), "User must choose whether to continue with this session (scenario 1)")}, supervisor.LoginExistingSession, true, "which session to keep"},
		{input{"logged in elsewhere, 3.8.5", "3.8.5", append(dialog("Existing session detected", "Opened"), "User must choose whether to continue with this session")}, supervisor.LoginExistingSession, true, "which session to keep"},
		{input{"a hand-off that waits", "3.24.1", append(dialog("Trading Login Handoff", "Opened"), "Trading Login Handoff dialog; {}")}, supervisor.LoginDialog, true, "disconnect the other session"},
		{input{"elsewhere, after the login", "3.24.1", append([]string{"Login has completed"}, append(dialog("Existing session detected", "Opened"), "User must choose whether to continue with this session (scenario 1)")...)}, supervisor.LoginExistingSession, true, "which session"},
		{input{"the paper account's warning", "3.24.1", append([]string{"Login has completed"}, dialog("Warning", "Opened")...)}, supervisor.LoginDialog, true, "AcceptNonBrokerageAccountWarning"},
	} {
		events := tt.in.after(t, "IbLoginId="+canary+"-login\nIbPassword="+canary+"-password\n")
		found := problems(events)
		if len(found) == 0 {
			t.Errorf("%s: nothing was told: %s", tt.in.name, describe(events))
			continue
		}
		last := found[len(found)-1]
		if last.Reason != tt.reason || last.Waits != tt.waits || !strings.Contains(last.Text, tt.says) || last.Title == "" || strings.HasSuffix(last.Text, ".") {
			t.Errorf("%s: %+v, want %s (waits: %t): …%s…", tt.in.name, last, tt.reason, tt.waits, tt.says)
		}
		for _, p := range found {
			for _, secret := range []string{canary, "U1234567", "U7654321", "trader1"} {
				if strings.Contains(p.Text+p.Title, secret) {
					t.Errorf("%s: a secret is told: %+v", tt.in.name, p)
				}
			}
		}
	}
}

func TestWhatIBCDoesByItselfIsNoQuestion(t *testing.T) {
	for _, in := range []input{
		{"a tip of the day", "3.24.1", append(shown("Tip of the Day"), "Click button: Close")},
		{"a newer version, IBC 3.11, which answers later", "3.11.0", slices.Concat(dialog("Newer Version", "Opened", "Activated"), []string{"Click button: OK"}, dialog("Newer Version", "Focused"))},
		{"primary keeps this session", "3.24.1", append(shown("Existing session detected"), "Don't know the type of the other session, so continue this one (scenario 3)", "Click button: Continue Login")},
		{"a window that a person has closed", "3.24.1", dialog("Notice", "Opened", "Closed")},
		{"a hand-off that IBC answers", "3.24.1", append(shown("Trading Login Handoff"), "Trading Login Handoff dialog; {}", "Click button: Disconnect Other Session")},
		{"a question that a person has answered", "3.24.1", append(shown("Existing session detected"), "User must choose whether to continue with this session (scenario 1)", dialog("Existing session detected", "Closed")[0])},
		{"a box that a person has closed", "3.24.1", append(dialog("IBKR Gateway", "Opened"), "Read this", dialog("IBKR Gateway", "Closed")[0])},
	} {
		found := problems(in.after(t, ""))
		if len(found) == 0 || found[len(found)-1] != (supervisor.LoginProblem{}) {
			t.Errorf("%s: %+v, want that it goes on", in.name, found)
		}
	}
	for _, in := range []input{
		{"the settings", "3.24.1", shown("DU1234567 Trader Workstation Configuration (Simulated Trading)")},
		{"frames", "3.24.1", []string{"detected frame entitled: Loading...; event=Opened", "detected frame entitled: ; event=Opened"}},
		{"the two-factor window", "3.24.1", shown("Second Factor Authentication")},
		{"a bulletin after the login", "3.24.1", append([]string{"Login has completed"}, shown("Login Messages")...)},
		{"an error after the login", "3.24.1", []string{"Login has completed", "! could not find auto logoff/restart time settings"}},
		{"a refusal while it closes", "3.24.1", []string{"Login has completed", "detected dialog entitled: Shutdown progress; event=Opened", "detected dialog entitled: Login failed; event=Opened", "Login failed"}},
		{"a setting that the Gateway does not have", "3.24.1", []string{"! Read-only login not supported by Gateway"}},
		{"what a box cannot be", "3.24.1", append(dialog("IBKR Gateway", "Closed"), "Getting main window")},
		{"a line of the Gateway's own log", "3.24.1", []string{"| 2026-11-23 14:55:57,403 JTS-Main ERROR Unable to locate appender"}},
	} {
		if found := problems(in.after(t, "")); len(found) != 0 {
			t.Errorf("%s: %+v, want nothing", in.name, found)
		}
	}
}

func TestWhatARestartNeedsIsToldByJavaAndNotByTheScript(t *testing.T) {
	const found = "autorestart file found at /srv/Jts/x/autorestart: authentication will not be required\n"
	for _, tt := range []struct{ name, log, want string }{
		{"the script has found a file, and Java logs in", found + javaOf("3.24.1") + stamp + "Starting session: will exit if login dialog is not displayed within 60 seconds\n", "restarting, restarting, LAUNCH, launching"},
		{"the script has found none, and Java does not log in", javaOf("3.24.1") + stamp + "Re-starting session\n", "launching, LAUNCH, restarting"},
		{"3.15 says it in Java's options", "Java VM Options=-Xmx768m -Drestart=abc\n" + javaOf("3.15.2"), "restarting, LAUNCH"},
		{"3.20 logs in after all", found + javaOf("3.20.0") + stamp + "Re-starting session\n" + stamp + "Autorestart file contains invalid credentials: performing full login\n" + stamp + "Click button: Log In\n",
			"restarting, restarting, LAUNCH, restarting, launching, login, LOGIN 14:55:57"},
	} {
		if events, _ := readLog(t, tt.log); describe(events) != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, describe(events), tt.want)
		}
	}
}

// Before 3.15 the script's start line stands in front of its loop.
func TestEachJavaIsOneLaunchInEveryVersion(t *testing.T) {
	for version, again := range map[string]string{
		"3.8.1": "", "3.8.6": "IBC returned exit status 87\nIBC will restart shortly\nsleep 2\n", "3.12.0": "IBC returned exit status 87\nIBC will restart shortly\nsleep 2\n",
		"3.14.0": "IBC returned exit status 87\nIBC will restart shortly\nsleep 2\n", "3.15.0": "IBC returned exit status 87\nIBC will restart shortly\nsleep 2\nStarting Gateway with this command:\n",
		"3.24.1": "IBC returned exit status 87\nFinding autorestart file\nIBC will restart shortly\nsleep 2\nStarting Gateway with this command:\n",
	} {
		first := javaOf(version)
		java := strings.TrimPrefix(first, "Starting Gateway with this command:\n")
		events, _ := readLog(t, first+again+java+again+java)
		if got := describe(events); got != "launching, LAUNCH, launching, LAUNCH, launching, LAUNCH" {
			t.Errorf("%s: %q", version, got)
		}
	}
}
