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
	r := launch(t, Options{})
	r.sees(configured, 1)
	if got, want := r.command("STOP\n"), "OK Shutting down: STOP command\n"; got != want {
		t.Errorf("STOP: %q, want %q", got, want)
	}
	if code := r.status(); code != 0 {
		t.Errorf("exit status %d", code)
	}
	r.inOrder(banner, "Parsing arguments", "Starting IBC version 3.24.1-simulated on ", "Arguments:", "TWS version = "+r.layout.Version,
		"Finding autorestart file", "autorestart file not found: full authentication will be required",
		"Starting Gateway with this command:", "simgateway java", banner, "IBC Settings:", "    IbLoginId=***", "    IbPassword=***", "End IBC Settings",
		"IBC: version: 3.24.1", "CommandServer is starting with port", "CommandServer listening on address: 127.0.0.1 port: ",
		"CommandServer started and is ready to accept commands", "TWS Settings directory is: ",
		"Starting session: will exit if login dialog is not displayed within 60 seconds", "Starting Gateway",
		"Login attempt: 1", "Click button: Paper Log In", "Login has completed", "Performing port configuration",
		"TWS API socket port is already set to", configured, "CommandServer received command: STOP", "Closing command channel",
		"Login has completed: exiting via [File, Close] menu", "detected dialog entitled: Shutdown progress; event=Opened",
		"CommandServer closing", "CommandServer is shutdown", "IBC returned exit status 0", "Finding autorestart file", "Gateway finished")
	if _, err := os.Stat(r.layout.Control); !os.IsNotExist(err) {
		t.Errorf("the control socket is still there: %v", err)
	}
}

func TestTwoFactorApproval(t *testing.T) {
	t.Parallel()
	r := launch(t, Options{TwoFactor: Never})
	r.sees("Second Factor Authentication initiated", 1)
	r.control("approve")
	r.sees(configured, 1)
	r.inOrder("Login attempt: 1", "detected dialog entitled: Second Factor Authentication; event=Opened", "Second Factor Authentication initiated",
		"detected dialog entitled: Second Factor Authentication; event=Closed", "Duration since login: 0 seconds", "Login has completed")
	if _, err := Control(t.Context(), r.layout.Control, "approve"); err == nil {
		t.Error("an approval that nobody waits for passed")
	}
}

func TestTwoFactorApprovedAlone(t *testing.T) {
	t.Parallel()
	launch(t, Options{TwoFactor: time.Millisecond}).sees(configured, 1)
}

func TestStopBeforeTheLogin(t *testing.T) {
	t.Parallel()
	r := launch(t, Options{TwoFactor: Never})
	r.sees("Second Factor Authentication initiated", 1)
	r.command("stop\n")
	if code := r.status(); code != 0 {
		t.Errorf("exit status %d", code)
	}
	r.inOrder("CommandServer received command: stop", "CommandServer is shutdown", "Login has not completed: exiting immediately", "Gateway finished")
}

func TestRestartNeedsNoAuthentication(t *testing.T) {
	t.Parallel()
	r := launch(t, Options{TwoFactor: time.Millisecond})
	r.sees(configured, 1)
	if got, want := r.command("RESTART\n"), "OK RESTART in progress\n"; got != want {
		t.Errorf("RESTART: %q, want %q", got, want)
	}
	r.sees(configured, 2)
	r.inOrder("CommandServer received command: RESTART", "RestartTask: pauseOnly = false", "RestartTask: verb = RESTART", "Closing command channel",
		"CommandServer is shutdown", "IBC returned exit status 0", "autorestart file found at "+filepath.Join(r.layout.TWSSettingsPath, "simulated", "autorestart")+": authentication will not be required",
		"AUTORESTART_OPTION is -Drestart=simulated", "IBC will restart shortly", "Starting Gateway with this command:", "-Drestart=simulated", "Re-starting session", "Login has completed")
	if c := r.counts(); c.Logins != 1 {
		t.Errorf("%d logins, not 1", c.Logins)
	}
	r.command("STOP\n")
	if code := r.status(); code != 0 { // the file was used up: no second restart
		t.Errorf("exit status %d", code)
	}
}

func TestNightlyRestart(t *testing.T) {
	t.Parallel()
	r := launch(t, Options{})
	r.sees(configured, 1)
	r.control("nightly")
	r.sees(configured, 2)
	r.inOrder("CommandServer is shutdown", "IBC returned exit status 0", "IBC will restart shortly", "Re-starting session")
	if strings.Contains(r.text(), "received command") {
		t.Error("nobody sent a command")
	}
}

func TestPause(t *testing.T) {
	t.Parallel()
	r := launch(t, Options{})
	r.sees(configured, 1)
	if got, want := r.command("PAUSE\n"), "OK PAUSE in progress\n"; got != want {
		t.Errorf("PAUSE: %q, want %q", got, want)
	}
	if code := r.status(); code != 0 {
		t.Errorf("exit status %d", code)
	}
	r.inOrder("autorestart file found at", "IBC is paused", "Gateway finished")
}

func TestCrash(t *testing.T) {
	t.Parallel()
	r := launch(t, Options{})
	r.sees(configured, 1)
	r.control("crash")
	if code := r.status(); code != 137 {
		t.Errorf("exit status %d, not 137", code)
	}
	r.inOrder("ibcstart.sh: line 536: ", "IBC returned exit status 137", "Gateway finished")
}

func TestStaleControlSocketIsReplaced(t *testing.T) {
	t.Parallel()
	r := launch(t, Options{})
	r.sees(configured, 1)
	r.control("crash")
	r.status()
	again := newRig(t, r.layout, r.opts)
	again.start(r.cmd.Args[1:]...)
	again.sees(configured, 1)
	if info, err := os.Stat(r.layout.Control); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("control socket: %v, %v", info, err)
	}
	if c := again.counts(); c.Logins != 2 {
		t.Errorf("%d logins, not 2", c.Logins)
	}
}

func TestFailedLoginsGoOnForEver(t *testing.T) {
	t.Parallel()
	for result, text := range map[string]string{LoginFailed: "IBC: Login failed", LoginConnectionFailed: "IBC: Connection to server failed"} {
		r := launch(t, Options{LoginResult: result})
		r.sees("Login attempt: 1", 3)
		r.inOrder(text, "Cold restart in progress", "Login has not completed: exiting immediately", "IBC returned exit status 0",
			"IBC will cold-restart shortly", "IBC will restart shortly", "Starting Gateway with this command:", text)
		terminateGroup(t, r)
		if code := r.status(); code != 143 && code != 0 {
			t.Errorf("%s: exit status %d", result, code)
		}
	}
}

func TestScenesChangeBetweenStarts(t *testing.T) {
	t.Parallel()
	r := launch(t, Options{LoginResult: LoginFailed})
	r.sees("IBC: Login failed", 1)
	if err := r.layout.SetScenes(Options{}); err != nil {
		t.Fatal(err)
	}
	r.sees(configured, 1)
	if n := r.counts().Logins; n != strings.Count(r.text(), "Login attempt: 1") {
		t.Errorf("%d logins are not what the log says", n)
	}
}

func TestLoginsThatJustStay(t *testing.T) {
	t.Parallel()
	for result, text := range map[string]string{
		LoginUnanswered: "detected frame entitled: Authenticating...; event=Closed",
		LoginTooMany:    "Too many failed login attempts. Please wait 5 seconds before attempting to re-login again.",
	} {
		r := launch(t, Options{LoginResult: result, TwoFactor: time.Millisecond})
		r.sees(text, 1)
		r.command("STOP\n")
		if code := r.status(); code != 0 {
			t.Errorf("%s: exit status %d", result, code)
		}
	}
}

func TestLoginDialogNeverShown(t *testing.T) {
	t.Parallel()
	r := launch(t, Options{LoginResult: LoginNoDialog})
	r.sees("IBC returned exit status 88", 2)
	r.inOrder("IBC closing after TWS/Gateway failed to display login dialog", "Exiting after error with exit code=1112", "IBC returned exit status 88", "IBC will restart shortly")
}

func TestTwoFactorStuck(t *testing.T) {
	t.Parallel()
	r := launch(t, Options{TwoFactor: time.Millisecond, LoginResult: LoginStuck})
	if code := r.status(); code != 87 {
		t.Errorf("exit status %d, not 87", code)
	}
	r.inOrder("Duration since login:", "If login has not completed, IBC will exit in 60 seconds", "Exiting after error with exit code=1111", "IBC returned exit status 87", "Gateway finished")
}

func TestTwoFactorStuckRestarts(t *testing.T) {
	t.Parallel()
	launch(t, Options{LoginResult: LoginStuck}, "--on2fatimeout=restart").sees("IBC returned exit status 87", 2)
}

func terminateGroup(t *testing.T, r *rig) {
	t.Helper()
	if err := syscall.Kill(-r.cmd.Process.Pid, syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
}

func TestTerminatedGroup(t *testing.T) {
	t.Parallel()
	for _, o := range []Options{{}, {TwoFactor: Never}, {IgnoreStop: true}} {
		r := launch(t, o)
		if o.TwoFactor == Never {
			r.sees("Second Factor Authentication initiated", 1)
		} else {
			r.sees(configured, 1)
		}
		if o.IgnoreStop {
			r.command("STOP\n")
			r.sees("Main window already found", 1)
		}
		terminateGroup(t, r)
		if code := r.status(); code != 143 { // and the log has ended: nobody is left
			t.Errorf("%+v: exit status %d, not 143", o, code)
		}
		r.inOrder("IBC returned exit status 143", "Finding autorestart file", "autorestart file not found", "Gateway finished")
	}
}

func TestJavaOutlivesItsLauncher(t *testing.T) {
	t.Parallel()
	r := launch(t, Options{})
	r.sees(configured, 1)
	if err := syscall.Kill(r.cmd.Process.Pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	<-r.ended
	r.login(1)
	r.control("counts")
}

func TestIgnoredTermLeavesOnlyTheKill(t *testing.T) {
	t.Parallel()
	r := launch(t, Options{IgnoreTerm: true})
	r.sees(configured, 1)
	terminateGroup(t, r)
	r.login(1) // still there
}

func TestMissingPieces(t *testing.T) {
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
		r := launch(t, Options{}, tc.argument)
		if code := r.status(); code != tc.code {
			t.Errorf("%s: exit status %d, not %d", tc.argument, code, tc.code)
		}
		r.inOrder("An error has occurred", "Error: ")
	}
	r := install(t, Options{})
	r.start("-g")
	if code := r.status(); code != 2 {
		t.Errorf("no version: exit status %d", code)
	}
}

func TestTwoAutorestartFilesAreNone(t *testing.T) {
	t.Parallel()
	r := install(t, Options{})
	for _, dir := range []string{"one", "two"} {
		path := filepath.Join(r.layout.TWSSettingsPath, dir, "autorestart")
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	r.start(r.layout.Version, "-g", "--tws-path="+r.layout.TWSPath, "--tws-settings-path="+r.layout.TWSSettingsPath, "--ibc-path="+r.layout.IBCPath, "--ibc-ini="+r.layout.Config)
	r.sees(configured, 1)
	r.inOrder("WARNING: deleting extra autorestart file found at", "WARNING: deleting first autorestart file found", "Starting session:", "Login attempt: 1")
}

func TestUsage(t *testing.T) {
	for _, args := range [][]string{nil, {"dance"}, {"probe"}, {"probe", "x", "y", "z"}, {"java"}, {"java", "--what"}, {"java", "/nowhere.ini"}} {
		if code := Main(args, io.Discard, io.Discard); code != exitUsage {
			t.Errorf("%q: exit status %d", args, code)
		}
	}
}
