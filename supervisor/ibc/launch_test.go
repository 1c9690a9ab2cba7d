package ibc

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"gatelight/supervisor"
	"gatelight/supervisor/testkit"
)

var write = testkit.WriteFile

// fakeInstallation has all that argv looks for, with these Gateway versions.
func fakeInstallation(t *testing.T, versions ...string) Options {
	t.Helper()
	dir := t.TempDir()
	o := Options{Gateway: "paper", Port: 4002, Program: "gateway",
		Path: filepath.Join(dir, "ibc"), Config: filepath.Join(dir, "config.ini"), TWSPath: filepath.Join(dir, "Jts"), TWSSettingsPath: filepath.Join(dir, "settings"),
		Version: "auto", Mode: "paper", TwoFactorTimeout: "exit", LogDir: filepath.Join(dir, "log"), RunDir: filepath.Join(dir, "run")}
	write(t, filepath.Join(o.Path, "version"), "3.24.1\n")
	write(t, filepath.Join(o.Path, "IBC.jar"), "")
	write(t, filepath.Join(o.Path, "scripts", scriptName()), "")
	if err := os.Chmod(filepath.Join(o.Path, "scripts", scriptName()), 0o700); err != nil {
		t.Fatal(err)
	}
	write(t, o.Config, "IbPassword="+canary+"\n")
	for _, v := range versions {
		for _, program := range []string{"gateway", "tws"} {
			if err := os.MkdirAll(filepath.Join(programFolder(o.TWSPath, program, v), "jars"), 0o700); err != nil {
				t.Fatal(err)
			}
		}
	}
	return o
}

// scriptName is this system's start script of IBC.
func scriptName() string {
	if runtime.GOOS == "windows" {
		return "StartIBC.bat"
	}
	return "ibcstart.sh"
}

// programFolder is where IBKR's installer puts a version.
func programFolder(twsPath, program, version string) string {
	switch {
	case runtime.GOOS == "darwin" && program == "tws":
		return filepath.Join(twsPath, "Trader Workstation "+version)
	case runtime.GOOS == "darwin":
		return filepath.Join(twsPath, "IB Gateway "+version)
	case program == "tws":
		return filepath.Join(twsPath, version)
	}
	return filepath.Join(twsPath, "ibgateway", version)
}

func TestEnvironmentIsAnAllowList(t *testing.T) {
	kept := []string{"PATH=/bin", "HOME=/home/trader", "USER=trader", "LOGNAME=trader", "SHELL=/bin/sh", "TMPDIR=/tmp", "LANG=C.UTF-8",
		"LC_ALL=de_CH.UTF-8", "LC_NUMERIC=C", "TERM=dumb", "DISPLAY=:1", "XAUTHORITY=/home/trader/.Xauthority", "JAVA_HOME=/opt/java", "LANG=", "PATH=a=b"}
	dropped := []string{"IB_PASSWORD=" + canary, "AWS_SECRET_ACCESS_KEY=" + canary, "JAVA_TOOL_OPTIONS=-javaagent:" + canary, "LD_PRELOAD=" + canary,
		"PATHS=" + canary, "LCD=" + canary, "XLC_ALL=" + canary, "IBC_VRSN=" + canary, "TWSUSERID=" + canary, "=C:=" + canary, canary, ""}
	var all []string
	for i := range max(len(kept), len(dropped)) {
		all = append(all, dropped[i%len(dropped)], kept[i%len(kept)])
	}
	if got := environment(all); !slices.Equal(got, kept) {
		t.Errorf("%q, want\n%q", got, kept)
	}
}

// The error has the path of what is missing, and what to do.
func TestLaunchNamesWhatIsMissing(t *testing.T) {
	for _, tt := range []struct {
		name   string
		breaks func(*Options)
		path   func(Options) string
		says   string
	}{
		{"IBC", func(o *Options) { o.Path = filepath.Join(o.Path, "nowhere") }, func(o Options) string { return o.Path }, "IBC is not installed in"},
		{"IBC's script", func(o *Options) { os.Remove(filepath.Join(o.Path, "scripts", scriptName())) },
			func(o Options) string { return filepath.Join(o.Path, "scripts", scriptName()) }, "IBC is not complete"},
		{"IBC's version", func(o *Options) { os.Remove(filepath.Join(o.Path, "version")) }, func(o Options) string { return o.Path }, "IBC is not installed in"},
		{"the config", func(o *Options) { os.Remove(o.Config) }, func(o Options) string { return o.Config }, "there is no IBC config at"},
		{"the Gateway", func(o *Options) { os.RemoveAll(o.TWSPath) }, func(o Options) string { return o.TWSPath }, "set tws_path"},
		{"any version of it", func(o *Options) {
			os.RemoveAll(programFolder(o.TWSPath, "gateway", "1045"))
			os.RemoveAll(programFolder(o.TWSPath, "tws", "1045")) // IBC starts a Gateway from it, too
		}, func(o Options) string { return o.TWSPath }, "IB Gateway is not installed in"},
	} {
		o := fakeInstallation(t, "1045")
		tt.breaks(&o)
		r, err := o.launch(false)
		if err == nil || !strings.Contains(err.Error(), tt.path(o)) || !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%s: %v; want %q and the path %s", tt.name, err, tt.says, tt.path(o))
		}
		var refused *supervisor.ActionError
		if !errors.As(err, &refused) || refused.Reason != supervisor.ReasonNotInstalled {
			t.Errorf("%s: %#v, want the reason %s", tt.name, err, supervisor.ReasonNotInstalled)
		}
		if r != nil {
			t.Errorf("%s: launched all the same", tt.name)
		}
		if _, err := os.Stat(o.LogDir); err == nil {
			t.Errorf("%s: a log of a start that never was", tt.name)
		}
	}
}

func TestTheNewestLogsAreKept(t *testing.T) {
	o := fakeInstallation(t)
	for n := range keptLogs + 2 {
		f, err := o.openLog()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.WriteString(string(rune('a' + n))); err != nil {
			t.Fatal(err)
		}
		f.Close()
	}
	got := ""
	for _, name := range []string{"ibc-paper.log", "ibc-paper.log.1", "ibc-paper.log.2", "ibc-paper.log.3", "ibc-paper.log.4"} {
		b, err := os.ReadFile(filepath.Join(o.LogDir, name))
		if err != nil {
			t.Fatal(err)
		}
		got += string(b)
	}
	if entries, err := os.ReadDir(o.LogDir); got != "gfedc" || err != nil || len(entries) != keptLogs {
		t.Errorf("the logs, newest first: %q; %d files, %v", got, len(entries), err)
	}
	if info, err := os.Stat(filepath.Join(o.LogDir, "ibc-paper.log")); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
}

// Another program may hold a log open, and on Windows it cannot be renamed then.
func TestALogThatCannotBeMovedAwayKeepsNoStartFromHappening(t *testing.T) {
	o := fakeInstallation(t)
	older := filepath.Join(o.LogDir, "ibc-paper.log.1")
	if err := errors.Join(os.MkdirAll(filepath.Join(older, "held"), 0o700), os.WriteFile(o.logName(0), []byte("old"), 0o600)); err != nil {
		t.Fatal(err)
	}
	f, err := o.openLog()
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteString("new"); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(o.logName(0)); err != nil || string(got) != "new" {
		t.Errorf("the new log: %q, %v", got, err)
	}
}

func TestWhatIsCopiedBeforeALogIsEmptied(t *testing.T) {
	dir := t.TempDir()
	log, to := filepath.Join(dir, "log"), filepath.Join(dir, "log.1")
	if err := errors.Join(os.WriteFile(log, []byte("logins"), 0o600), copyAndEmpty(log, to)); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(to)
	left, leftErr := os.ReadFile(log)
	if string(got) != "logins" || len(left) != 0 || err != nil || leftErr != nil {
		t.Errorf("%q, %q, %v, %v", got, left, err, leftErr)
	}
	if err := copyAndEmpty(filepath.Join(dir, "none"), to); err == nil {
		t.Error("a log that is not there was emptied")
	}
}

func TestNoTwoGatewaysShareALog(t *testing.T) {
	of := map[string]string{}
	for _, gateway := range []string{"paper", "paper.1", "paper.log", "paper.log.1"} {
		for n := range keptLogs {
			path := Options{Gateway: gateway}.logName(n)
			if other, taken := of[path]; taken {
				t.Errorf("%s is a log of %s and of %s", path, other, gateway)
			}
			of[path] = gateway
		}
	}
}

func TestCommandPort(t *testing.T) {
	for _, tt := range []struct {
		config string
		port   int
		err    string
	}{
		{"CommandServerPort=7462\n", 7462, ""},
		{"CommandServerPort = 7462 \r\n", 7462, ""},
		{"CommandServerPort=0\nCommandServerPort=7463\n", 7463, ""},
		{"CommandServerPort=0\n", 0, errNoServer.Error()},
		{"CommandServerPort=\n", 0, errNoServer.Error()},
		{"# CommandServerPort=7462\n", 0, errNoServer.Error()},
		{"CommandServerPort=on\n", 0, "CommandServerPort is no port number from 1 to 65535"},
		{"CommandServerPort=-1\n", 0, "CommandServerPort is no port number from 1 to 65535"},
		{"CommandServerPort=\\\nIbPassword=" + canary + "\n", 0, "CommandServerPort is no port number from 1 to 65535"}, // continued by mistake
		{"CommandServerPort=70000\n", 0, "CommandServerPort is no port number from 1 to 65535"},
		{"CommandServerPort=4002\n", 0, "CommandServerPort is 4002, which is an API port"}, // a probe of it would be our doing
		{"CommandServerPort=7496\n", 0, "CommandServerPort is 7496, which is an API port"},
		{"CommandServerPort=5000\nOverrideTwsApiPort = 5000\n", 0, "CommandServerPort is 5000, which is an API port"},
	} {
		o := fakeInstallation(t)
		write(t, o.Config, "IbPassword="+canary+"\n"+tt.config)
		port, err := o.commandPort(o.Config)
		if port != tt.port || (err == nil) != (tt.err == "") || err != nil && (!strings.HasSuffix(err.Error(), tt.err) || strings.Contains(err.Error(), canary)) {
			t.Errorf("%q: %d, %v; want %d, %q", tt.config, port, err, tt.port, tt.err)
		}
	}
	o := fakeInstallation(t)
	os.Remove(o.Config)
	if _, err := o.commandPort(o.Config); err == nil || !strings.Contains(err.Error(), o.Config) {
		t.Errorf("no config: %v", err)
	}
}

func TestSimulated(t *testing.T) {
	o := fakeInstallation(t)
	if Simulated(o.Path) || Simulated(o.RunDir) {
		t.Error("a real IBC is simulated")
	}
	write(t, filepath.Join(o.Path, "version"), "3.24.1-simulated")
	if !Simulated(o.Path) {
		t.Error("the simulated IBC is real")
	}
}
