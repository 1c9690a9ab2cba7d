package cli

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"gatelight/supervisor/settings"
)

// newHome gives the test a home of its own. On Windows there is none: what starts
// at login is in the registry, and that is the user's.
func newHome(t *testing.T) (home, entry string) {
	t.Helper()
	home = t.TempDir()
	t.Setenv("HOME", home)
	t.Setenv("XDG_CONFIG_HOME", "")
	t.Setenv("GATELIGHT_STATE_DIR", "")
	t.Setenv("GATELIGHT_RUNTIME_DIR", "")
	t.Setenv("GATELIGHT_CONFIG", "")
	switch runtime.GOOS {
	case "windows":
		t.Skip("what starts at login is the user's own here")
	case "darwin":
		return home, filepath.Join(home, "Library/LaunchAgents/io.github.gatelight.Gatelight.plist")
	}
	return home, filepath.Join(home, ".config/autostart/gatelight.desktop")
}

// runAutostart runs `gatelight autostart …` as a person would.
func runAutostart(args ...string) (output string, status int) {
	var b bytes.Buffer
	e := env{stdout: &b, stderr: &b, paths: settings.Find(os.Getenv)}
	status = run(append([]string{"autostart"}, args...), e)
	return b.String(), status
}

func wantAutostart(t *testing.T, command, want string, status int) {
	t.Helper()
	output, got := runAutostart(strings.Fields(command)...)
	if output, _, _ = strings.Cut(output, "\nmacOS may"); strings.TrimSpace(output) != want || got != status {
		t.Errorf("gatelight autostart %s: %d\n%s\nwant %d\n%s", command, got, output, status, want)
	}
}

func TestAutostartSwitchesOnAndOffAndSaysSo(t *testing.T) {
	home, entry := newHome(t)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	const off = "Off: Gatelight does not start at login."
	on := fmt.Sprintf("On: this starts at login: %s\nFile: %s", self, entry)
	wantAutostart(t, "status", off, 1)
	wantAutostart(t, "on", on, 0)
	wantAutostart(t, "status", on, 0)
	wantAutostart(t, "on", on, 0)
	if info, err := os.Stat(entry); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}

	if output, status := runAutostart("status", "--json"); status != exitOK || !strings.Contains(output, "\"on\": true,\n  \"this\": true,\n") {
		t.Errorf("for scripts: %d %s", status, output)
	}

	// An older copy, and then one that is gone.
	older := filepath.Join(home, "older")
	text, err := os.ReadFile(entry)
	if err == nil {
		err = os.WriteFile(entry, bytes.ReplaceAll(text, []byte(self), []byte(older)), 0o600)
	}
	if err == nil {
		err = os.WriteFile(older, nil, 0o700)
	}
	if err != nil {
		t.Fatal(err)
	}
	const instead = "\nThis one instead: gatelight autostart on"
	wantAutostart(t, "status", "On, but for another Gatelight: "+older+instead, 0)
	if err := os.Remove(older); err != nil {
		t.Fatal(err)
	}
	wantAutostart(t, "status", "Off: what should start at login is not there any more: "+older+instead, 1)
	wantAutostart(t, "on", on, 0)

	wantAutostart(t, "off", off, 0)
	wantAutostart(t, "off", off, 0)
	wantAutostart(t, "status", off, 1)
	wantNoFile(t, entry)

	if err := os.Mkdir(entry, 0o700); err != nil {
		t.Fatal(err)
	}
	if output, status := runAutostart("status"); status != exitUnknown || !strings.Contains(output, "cannot tell what starts at login") {
		t.Errorf("of a folder: %d %s", status, output)
	}
}

func TestAutostartPassesTheSettingsOn(t *testing.T) {
	home, entry := newHome(t)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	config := filepath.Join(home, "my settings.toml")
	if output, status := runAutostart("on", "--config", config); status != exitFailed || !strings.Contains(output, "my settings.toml") {
		t.Errorf("with settings that are not there: %d %s", status, output)
	}
	wantNoFile(t, entry)
	if err := os.WriteFile(config, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	on := fmt.Sprintf("On: this starts at login: %s --config %s\nFile: %s", self, config, entry)
	if output, status := runAutostart("on", "--config", config); status != 0 || !strings.HasPrefix(output, on) {
		t.Errorf("with --config: %d %s", status, output)
	}
	wantAutostart(t, "off", "Off: Gatelight does not start at login.", 0)
	t.Chdir(home)
	t.Setenv("GATELIGHT_CONFIG", "my settings.toml") // a login knows no folder
	wantAutostart(t, "on", on, 0)
	t.Setenv("GATELIGHT_STATE_DIR", home)
	wantAutostart(t, "on", on+"\nGATELIGHT_STATE_DIR is set here, and will not be at login.", 0)
}

// The switch of the menu.
func TestMenuSwitchesTheStartAtLoginOnAndOff(t *testing.T) {
	_, entry := newHome(t)
	p := settings.Find(os.Getenv)
	for _, want := range []bool{true, true, false, false} {
		if err := setStartsAtLogin(p, want); err != nil {
			t.Fatal(err)
		}
		if on, err := startsAtLogin(p); err != nil || on != want {
			t.Errorf("set to %v it is %v, %v", want, on, err)
		}
	}
	if err := setStartsAtLogin(p, true); err != nil {
		t.Fatal(err)
	}
	named := p
	named.Named, named.Settings = true, "/other.toml"
	if on, err := startsAtLogin(named); err != nil || !on {
		t.Errorf("with other settings it is %v, %v", on, err)
	}
	if err := errors.Join(setStartsAtLogin(p, false), os.Mkdir(entry, 0o700)); err != nil {
		t.Fatal(err)
	}
	if on, err := startsAtLogin(p); err == nil {
		t.Errorf("a folder is read as %v", on)
	}
	t.Setenv("HOME", "")
	if _, err := startsAtLogin(p); err == nil || !strings.Contains(err.Error(), "HOME is not set") {
		t.Error(err)
	}
	if output, status := runAutostart("status"); status != exitUnknown {
		t.Errorf("without a home: %d %s", status, output)
	}
}

func wantNoFile(t *testing.T, path string) {
	t.Helper()
	if _, err := os.Stat(path); !os.IsNotExist(err) {
		t.Errorf("%s: %v", path, err)
	}
}
