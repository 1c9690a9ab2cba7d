package cli

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"gatelight/supervisor"
	"gatelight/supervisor/settings"
	"gatelight/supervisor/simgateway"
	"gatelight/supervisor/status"
	"gatelight/supervisor/testkit"
)

// An instance is a Gatelight's settings and folders, with a simulated Gateway.
type instance struct {
	dir               string
	port, commandPort int
	layout            simgateway.Layout
}

// simulate installs a simulated Gateway with IBC, and writes the settings for it.
func (s *script) simulate(args []string) {
	i := s.current
	o := simgateway.Options{APIPort: i.port, CommandServerPort: i.commandPort, LoginID: canary + "-login", Password: canary + "-password"}
	durations := map[string]*time.Duration{"two-factor": &o.TwoFactor, "launch-takes": &o.LaunchDelay, "login-takes": &o.LoginDelay,
		"restart-takes": &o.RestartDelay, "relaunch-takes": &o.RelaunchDelay}
	more, moreIBC := "", ""
	for _, arg := range args {
		key, value, _ := strings.Cut(arg, "=")
		switch {
		case value == "never":
			*durations[key] = simgateway.Never
		case durations[key] != nil:
			d, err := time.ParseDuration(value)
			s.Check(err)
			*durations[key] = d
		case arg == "command-server=off":
			o.CommandServerPort = 0
		case key == "command-port":
			port, err := strconv.Atoi(value)
			s.Check(err)
			o.CommandServerPort = port
		case key == "login":
			o.LoginResult = value
		case key == "ibc":
			o.IBC = value
		case arg == "ignores=stop":
			o.IgnoreStop = true
		case arg == "ignores=stop,term":
			o.IgnoreStop, o.IgnoreTerm = true, true
		case key == "monitor" || key == "keep_running":
			more += key + " = " + value + "\n"
		case key == "two_factor_timeout":
			moreIBC += fmt.Sprintf("%s = %q\n", key, value)
		default:
			s.Fatalf("simulate does not know %s", arg)
		}
	}
	// No process may be started while the script of IBC is being written: a child
	// would hold it open, and a file that is open for writing cannot be run.
	syscall.ForkLock.RLock()
	layout, err := simgateway.Install(filepath.Join(i.dir, "sim"), testkit.Gateway(s.t), o)
	syscall.ForkLock.RUnlock()
	s.Check(err)
	i.layout = layout
	l := i.layout
	text := fmt.Sprintf("[[gateway]]\nport = %d\n%s\n"+
		"[gateway.ibc]\npath = %q\nconfig = %q\ntws_path = %q\ntws_settings_path = %q\nversion = %q\n%s",
		i.port, more, l.IBCPath, l.Config, l.TWSPath, l.TWSSettingsPath, l.Version, moreIBC)
	s.Check(os.WriteFile(filepath.Join(i.dir, "config.toml"), []byte(text), 0o600))
	for name, value := range i.env() {
		s.Setenv(name, value)
	}
}

func (i *instance) paths() settings.Paths {
	return settings.Paths{State: filepath.Join(i.dir, "state"), Runtime: filepath.Join(i.dir, "run")}
}

// control sends the simulated Gateway a command. It may only be starting.
func (i *instance) control(t testing.TB, line string) {
	t.Helper()
	testkit.Eventually(t, "the simulated Gateway takes "+line, func() bool {
		_, err := simgateway.Control(t.Context(), i.layout.Control, line)
		if err != nil && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, syscall.ECONNREFUSED) {
			t.Fatalf("%s: %v", line, err)
		}
		return err == nil
	})
}

// remove kills what is left of the Gateway, and removes the folder.
func (i *instance) remove(t testing.TB) {
	for _, pid := range i.processes() {
		_ = syscall.Kill(pid, syscall.SIGKILL) // it may have ended
	}
	if t.Failed() {
		log, _ := os.ReadFile(filepath.Join(i.paths().Logs(), "ibc-paper.log"))
		events, _ := os.ReadFile(i.paths().Events())
		t.Logf("IBC's log:\n%s\nevents:\n%s", tail(log), tail(events))
	}
	os.RemoveAll(i.dir)
}

func tail(b []byte) []byte { return b[max(0, len(b)-3000):] }

// processes are those of the Gateway: its folder is on their command lines.
func (i *instance) processes() []int {
	var pids []int
	entries, _ := os.ReadDir("/proc")
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil {
			continue
		}
		line, err := os.ReadFile(filepath.Join("/proc", e.Name(), "cmdline"))
		if err == nil && pid != os.Getpid() && bytes.Contains(line, []byte(i.dir)) {
			pids = append(pids, pid)
		}
	}
	return pids
}

// logins are those that the Gateway has seen, over all its starts.
func (i *instance) logins(t testing.TB) int {
	b, err := os.ReadFile(i.layout.Scenes + ".logins")
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	return bytes.Count(b, []byte("\n"))
}

// signals are those that were sent, by the event log.
func (i *instance) signals(t testing.TB) (sent []string) {
	b, err := os.ReadFile(i.paths().Events())
	if err != nil {
		t.Fatal(err)
	}
	for line := range bytes.Lines(b) {
		if !bytes.HasSuffix(line, []byte("\n")) {
			break // it is being written
		}
		var e supervisor.Entry
		if err := json.Unmarshal(line, &e); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"SIGTERM", "SIGKILL"} {
			if e.Kind == supervisor.EntryCommand && strings.Contains(e.Text, name) {
				sent = append(sent, name)
			}
		}
	}
	return sent
}

// checkNoSecret looks for the canary wherever something may have been left of it.
func (i *instance) checkNoSecret(t testing.TB, w supervisor.Status) {
	t.Helper()
	check := func(where string, b []byte) {
		if bytes.Contains(b, []byte(canary)) {
			t.Errorf("a secret is in %s", where)
		}
	}
	for _, pid := range i.processes() {
		for _, name := range []string{"cmdline", "environ"} {
			b, err := os.ReadFile(fmt.Sprintf("/proc/%d/%s", pid, name))
			if err == nil {
				check(fmt.Sprintf("the %s of process %d", name, pid), b)
			}
		}
	}
	files := 0
	err := filepath.WalkDir(i.paths().State, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		check(path, b)
		files++
		info, _ := e.Info()
		if err == nil && info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s can be read by others: %v", path, info.Mode())
		}
		return err
	})
	if err != nil || files == 0 {
		t.Errorf("looked at %d files: %v", files, err)
	}
	document, err := json.Marshal(status.Encode(w, time.Now()))
	if err != nil {
		t.Error(err)
	}
	check("the status", document)
	check("the snapshot", fmt.Appendf(nil, "%+v", w))
	configs, _ := filepath.Glob(i.layout.Config + "*")
	for _, path := range configs {
		if info, err := os.Stat(path); err == nil && info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v", path, info.Mode())
		}
	}
}
