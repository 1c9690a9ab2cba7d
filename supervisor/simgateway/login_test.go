//go:build unix

package simgateway

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestLoginThenStop(t *testing.T) {
	t.Parallel()
	h := launchAndLogIn(t, Options{})
	if got, want := h.command("STOP\n"), "OK Shutting down: STOP command\n"; got != want {
		t.Errorf("STOP: %q, want %q", got, want)
	}
	h.wantStatus(0)
	h.wantInOrder(banner, "Parsing arguments", "Starting IBC version 3.24.1-simulated on ", "Arguments:", "TWS version = "+h.layout.Version,
		"Finding autorestart file", "autorestart file not found: full authentication will be required",
		"Starting Gateway with this command:", "simgateway java", banner, "IBC Settings:", "    IbLoginId=***", "    IbPassword=***", "End IBC Settings",
		"IBC: version: 3.24.1", "CommandServer is starting with port", "CommandServer listening on address: 127.0.0.1 port: ",
		"CommandServer started and is ready to accept commands", "TWS Settings directory is: ",
		"Starting session: will exit if login dialog is not displayed within 60 seconds", "Starting Gateway",
		"Login attempt: 1", "Click button: Paper Log In", "Login has completed", "Performing port configuration",
		"TWS API socket port is already set to", configured, "CommandServer received command: STOP", "Closing command channel",
		"Login has completed: exiting via [File, Close] menu", "detected dialog entitled: Shutdown progress; event=Opened",
		"CommandServer closing", "CommandServer is shutdown", "IBC returned exit status 0", "Finding autorestart file", "Gateway finished")
	if _, err := os.Stat(h.layout.Control); !os.IsNotExist(err) {
		t.Errorf("the control socket is still there: %v", err)
	}
}

func TestTheLoginWaitsForTheApproval(t *testing.T) {
	t.Parallel()
	h := launch(t, Options{TwoFactor: Never})
	h.waitForLog("Second Factor Authentication initiated", 1)
	h.control("approve")
	h.waitForLog(configured, 1)
	h.wantInOrder("Login attempt: 1", "detected dialog entitled: Second Factor Authentication; event=Opened", "Second Factor Authentication initiated",
		"detected dialog entitled: Second Factor Authentication; event=Closed", "Duration since login: 0 seconds", "Login has completed")
	if _, err := Control(t.Context(), h.layout.Control, "approve"); err == nil {
		t.Error("an approval that nobody waits for passed")
	}
}

func TestTheApprovalComesByItselfAfterATime(t *testing.T) {
	t.Parallel()
	launch(t, Options{TwoFactor: time.Millisecond}).waitForLog(configured, 1)
}

func TestStopBeforeTheLoginEndsAtOnce(t *testing.T) {
	t.Parallel()
	h := launch(t, Options{TwoFactor: Never})
	h.waitForLog("Second Factor Authentication initiated", 1)
	h.command("stop\n")
	h.wantStatus(0)
	h.wantInOrder("CommandServer received command: stop", "CommandServer is shutdown", "Login has not completed: exiting immediately", "Gateway finished")
}

func TestRestartNeedsNoAuthentication(t *testing.T) {
	t.Parallel()
	h := launchAndLogIn(t, Options{TwoFactor: time.Millisecond})
	if got, want := h.command("RESTART\n"), "OK RESTART in progress\n"; got != want {
		t.Errorf("RESTART: %q, want %q", got, want)
	}
	h.waitForLog(configured, 2)
	h.wantInOrder("CommandServer received command: RESTART", "RestartTask: pauseOnly = false", "RestartTask: verb = RESTART", "Closing command channel",
		"CommandServer is shutdown", "IBC returned exit status 0", "autorestart file found at "+filepath.Join(h.layout.TWSSettingsPath, "simulated", "autorestart")+": authentication will not be required",
		"AUTORESTART_OPTION is -Drestart=simulated", "IBC will restart shortly", "Starting Gateway with this command:", "-Drestart=simulated", "Re-starting session", "Login has completed")
	if c := h.counts(); c.Logins != 1 {
		t.Errorf("%d logins, not 1", c.Logins)
	}
	h.command("STOP\n")
	h.wantStatus(0) // the file was used up: no second restart
}

func TestTheNightlyRestartNeedsNoCommand(t *testing.T) {
	t.Parallel()
	h := launchAndLogIn(t, Options{})
	h.control("nightly")
	h.waitForLog(configured, 2)
	h.wantInOrder("CommandServer is shutdown", "IBC returned exit status 0", "IBC will restart shortly", "Re-starting session")
	if strings.Contains(h.text(), "received command") {
		t.Error("nobody sent a command")
	}
}

func TestPauseEndsWithoutARestart(t *testing.T) {
	t.Parallel()
	h := launchAndLogIn(t, Options{})
	if got, want := h.command("PAUSE\n"), "OK PAUSE in progress\n"; got != want {
		t.Errorf("PAUSE: %q, want %q", got, want)
	}
	h.wantStatus(0)
	h.wantInOrder("autorestart file found at", "IBC is paused", "Gateway finished")
}

func TestACrashEndsWithStatus137(t *testing.T) {
	t.Parallel()
	h := launchAndLogIn(t, Options{})
	h.control("crash")
	h.wantStatus(137)
	h.wantInOrder("ibcstart.sh: line 536: ", "IBC returned exit status 137", "Gateway finished")
}

func TestAStaleControlSocketIsReplaced(t *testing.T) {
	t.Parallel()
	h := launchAndLogIn(t, Options{})
	h.control("crash")
	h.status()
	again := newHarness(t, h.layout, h.opts)
	again.start(h.cmd.Args[1:]...)
	again.waitForLog(configured, 1)
	if info, err := os.Stat(h.layout.Control); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("control socket: %v, %v", info, err)
	}
	if c := again.counts(); c.Logins != 2 {
		t.Errorf("%d logins, not 2", c.Logins)
	}
}

func TestFailedLoginsAreRepeated(t *testing.T) {
	t.Parallel()
	for result, text := range map[string]string{LoginFailed: "IBC: Login failed", LoginConnectionFailed: "IBC: Connection to server failed"} {
		h := launch(t, Options{LoginResult: result})
		h.waitForLog("Login attempt: 1", 3)
		h.wantInOrder(text, "Cold restart in progress", "Login has not completed: exiting immediately", "IBC returned exit status 0",
			"IBC will cold-restart shortly", "IBC will restart shortly", "Starting Gateway with this command:", text)
		terminateGroup(t, h)
		if code := h.status(); code != 143 && code != 0 {
			t.Errorf("%s: exit status %d", result, code)
		}
	}
}

func TestScenesChangeBetweenStarts(t *testing.T) {
	t.Parallel()
	h := launch(t, Options{LoginResult: LoginFailed})
	h.waitForLog("IBC: Login failed", 1)
	if err := h.layout.SetScenes(Options{}); err != nil {
		t.Fatal(err)
	}
	h.waitForLog(configured, 1)
	if n := h.counts().Logins; n != strings.Count(h.text(), "Login attempt: 1") {
		t.Errorf("%d logins are not what the log says", n)
	}
}

func TestUnfinishedLoginsCanBeStopped(t *testing.T) {
	t.Parallel()
	for result, text := range map[string]string{
		LoginUnanswered: "detected frame entitled: Authenticating...; event=Closed",
		LoginTooMany:    "Too many failed login attempts. Please wait 5 seconds before attempting to re-login again.",
	} {
		h := launch(t, Options{LoginResult: result, TwoFactor: time.Millisecond})
		h.waitForLog(text, 1)
		h.command("STOP\n")
		if code := h.status(); code != 0 {
			t.Errorf("%s: exit status %d", result, code)
		}
	}
}

func TestAMissingLoginDialogEndsWithStatus88(t *testing.T) {
	t.Parallel()
	h := launch(t, Options{LoginResult: LoginNoDialog})
	h.waitForLog("IBC returned exit status 88", 2)
	h.wantInOrder("IBC closing after TWS/Gateway failed to display login dialog", "Exiting after error with exit code=1112", "IBC returned exit status 88", "IBC will restart shortly")
}

func TestAStuckLoginEndsWithStatus87(t *testing.T) {
	t.Parallel()
	h := launch(t, Options{TwoFactor: time.Millisecond, LoginResult: LoginStuck})
	h.wantStatus(87)
	h.wantInOrder("Duration since login:", "If login has not completed, IBC will exit in 60 seconds", "Exiting after error with exit code=1111", "IBC returned exit status 87", "Gateway finished")
}

func TestAStuckLoginIsRepeatedOnRequest(t *testing.T) {
	t.Parallel()
	launch(t, Options{LoginResult: LoginStuck}, "--on2fatimeout=restart").waitForLog("IBC returned exit status 87", 2)
}

func terminateGroup(t *testing.T, h *harness) {
	t.Helper()
	if err := syscall.Kill(-h.cmd.Process.Pid, syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
}

func TestATerminatedGroupEndsWithStatus143(t *testing.T) {
	t.Parallel()
	for _, o := range []Options{{}, {TwoFactor: Never}, {IgnoreStop: true}} {
		h := launch(t, o)
		if o.TwoFactor == Never {
			h.waitForLog("Second Factor Authentication initiated", 1)
		} else {
			h.waitForLog(configured, 1)
		}
		if o.IgnoreStop {
			h.command("STOP\n")
			h.waitForLog("Main window already found", 1)
		}
		terminateGroup(t, h)
		if code := h.status(); code != 143 { // and the log has ended: nobody is left
			t.Errorf("%+v: exit status %d, not 143", o, code)
		}
		h.wantInOrder("IBC returned exit status 143", "Finding autorestart file", "autorestart file not found", "Gateway finished")
	}
}

func TestJavaOutlivesItsLauncher(t *testing.T) {
	t.Parallel()
	h := launchAndLogIn(t, Options{})
	if err := syscall.Kill(h.cmd.Process.Pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	<-h.ended
	h.login(1)
	h.control("counts")
}

func TestATermMayBeIgnored(t *testing.T) {
	t.Parallel()
	h := launchAndLogIn(t, Options{IgnoreTerm: true})
	terminateGroup(t, h)
	h.login(1) // still there
}

func TestMissingPartsHaveExitStatuses(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		argument string
		code     int
	}{
		{"--ibc-ini=/nowhere/config.ini", 6},
		{"--ibc-path=/nowhere", 5},
		{"--tws-settings-path=/nowhere", 5},
		{"--tws-path=/nowhere", 4},
		{"--mode=dreams", 3},
		{"--unheard-of", 3},
		{"extra", 3},
	} {
		h := launch(t, Options{}, tc.argument)
		if code := h.status(); code != tc.code {
			t.Errorf("%s: exit status %d, not %d", tc.argument, code, tc.code)
		}
		h.wantInOrder("An error has occurred", "Error: ")
	}
	h := install(t, Options{})
	h.start("-g")
	if code := h.status(); code != 2 {
		t.Errorf("no version: exit status %d", code)
	}
}

func TestTwoAutorestartFilesAreDeleted(t *testing.T) {
	t.Parallel()
	h := install(t, Options{})
	for _, dir := range []string{"one", "two"} {
		path := filepath.Join(h.layout.TWSSettingsPath, dir, "autorestart")
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	h.start(h.layout.Version, "-g", "--tws-path="+h.layout.TWSPath, "--tws-settings-path="+h.layout.TWSSettingsPath, "--ibc-path="+h.layout.IBCPath, "--ibc-ini="+h.layout.Config)
	h.waitForLog(configured, 1)
	h.wantInOrder("WARNING: deleting extra autorestart file found at", "WARNING: deleting first autorestart file found", "Starting session:", "Login attempt: 1")
}

func TestWrongArgumentsAreAUsageError(t *testing.T) {
	for _, args := range [][]string{nil, {"dance"}, {"probe"}, {"probe", "x", "y", "z"}, {"java"}, {"java", "--what"}, {"java", "/nowhere.ini"}} {
		if code := Main(args, io.Discard, io.Discard); code != exitUsage {
			t.Errorf("%q: exit status %d", args, code)
		}
	}
}
