//go:build unix

package packaging

import (
	"bytes"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gatelight/packaging/checkers"
)

// A machine is a machine to install on. Its build folder holds a program that
// waits until its input ends, in place of Gatelight.
type machine struct {
	t                         *testing.T
	build, home, root, prefix string
}

func newMachine(t *testing.T) machine {
	m := machine{t: t, build: t.TempDir(), home: "/home/trader", root: t.TempDir(), prefix: "/home/trader/.local"}
	for _, program := range []string{"gatelight", "Gatelight.app/Contents/MacOS/gatelight"} {
		path := filepath.Join(m.build, program)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, programFile(t, "cat"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return m
}

// programFile returns a program of this computer, as bytes.
func programFile(t *testing.T, name string) []byte {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func (m machine) script(args ...string) (output string, err error) {
	gocache, err := exec.Command("go", "env", "GOCACHE", "GOPATH").Output()
	if err != nil {
		return "", err
	}
	dirs := strings.Fields(string(gocache))
	cmd := exec.Command("packaging/install.sh", args...)
	cmd.Dir = ".."
	cmd.Env = append(os.Environ(), "BUILD="+m.build, "HOME="+m.home, "DESTDIR="+m.root, "PREFIX="+m.prefix, "GO=go",
		"GOCACHE="+dirs[0], "GOPATH="+dirs[1])
	b, err := cmd.CombinedOutput()
	return string(b), err
}

func (m machine) must(args ...string) {
	m.t.Helper()
	if output, err := m.script(args...); err != nil {
		m.t.Fatalf("install.sh %v: %v\n%s", args, err, output)
	}
}

// files returns the paths of all installed files and links.
func (m machine) files() (all []string) {
	err := filepath.WalkDir(m.root, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			all = append(all, strings.TrimPrefix(path, m.root))
		}
		return err
	})
	if err != nil {
		m.t.Fatal(err)
	}
	return all
}

func TestInstallAndUninstallOnLinux(t *testing.T) {
	m := newMachine(t)
	want := []string{
		"/home/trader/.local/bin/gatelight",
		"/home/trader/.local/share/applications/gatelight.desktop",
		"/home/trader/.local/share/icons/hicolor/128x128/apps/gatelight.png",
		"/home/trader/.local/share/icons/hicolor/256x256/apps/gatelight.png",
		"/home/trader/.local/share/icons/hicolor/48x48/apps/gatelight.png",
		"/home/trader/.local/share/icons/hicolor/scalable/apps/gatelight.svg",
	}
	for range 2 { // the second one replaces the first
		m.must("install", "Linux")
		if got := m.files(); !slices.Equal(got, want) {
			t.Fatalf("installed:\n%s", strings.Join(got, "\n"))
		}
	}
	entry := filepath.Join(m.root, want[1])
	checkers.DesktopEntry(t, entry)
	text, err := os.ReadFile(entry)
	if err != nil {
		t.Fatal(err)
	}
	if argv, disabledBy, err := readEntry(string(text)); err != nil || disabledBy != "" || !slices.Equal(argv, want[:1]) {
		t.Errorf("the menu starts %q: %q, %v", argv, disabledBy, err)
	}
	m.must("uninstall", "Linux")
	if left := m.files(); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// install.sh uses tools that every Unix has, so this runs on any of them.
func TestInstallAndUninstallOnMacOS(t *testing.T) {
	m := newMachine(t)
	const app = "/home/trader/Applications/Gatelight.app/Contents/MacOS/gatelight"
	for range 2 {
		m.must("install", "Darwin")
		if got, want := m.files(), []string{"/home/trader/.local/bin/gatelight", app}; !slices.Equal(got, want) {
			t.Fatalf("installed %v", got)
		}
	}
	if to, err := os.Readlink(filepath.Join(m.root, "/home/trader/.local/bin/gatelight")); err != nil || to != app {
		t.Errorf("the command is %s, %v", to, err)
	}
	m.must("uninstall", "Darwin")
	if left := m.files(); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	own := filepath.Join(m.root, "/home/trader/.local/bin/gatelight")
	if err := os.WriteFile(own, []byte("built by hand"), 0o755); err != nil {
		t.Fatal(err)
	}
	m.must("uninstall", "Darwin")
	if _, err := os.Stat(own); err != nil {
		t.Errorf("a program that does not belong to the app was removed: %v", err)
	}
}

func TestRunningProgramSurvivesAnInstall(t *testing.T) {
	for system, path := range map[string]string{
		"Linux":  "/home/trader/.local/bin/gatelight",
		"Darwin": "/home/trader/Applications/Gatelight.app/Contents/MacOS/gatelight",
	} {
		t.Run(system, func(t *testing.T) {
			m := newMachine(t)
			m.must("install", system)
			installed := filepath.Join(m.root, path)
			before, err := os.Stat(installed)
			if err != nil {
				t.Fatal(err)
			}
			var output bytes.Buffer
			running := exec.Command(installed)
			running.Stdout = &output
			in, err := running.StdinPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := running.Start(); err != nil {
				t.Fatal(err)
			}
			m.must("install", system)
			if after, err := os.Stat(installed); err != nil || os.SameFile(before, after) {
				t.Errorf("the file was overwritten: %v", err)
			}
			in.Write([]byte("still here"))
			in.Close()
			if err := running.Wait(); err != nil || output.String() != "still here" {
				t.Errorf("the running program: %v, %q", err, output.String())
			}
		})
	}
}

func TestInstallRefusesWrongArguments(t *testing.T) {
	for _, tt := range []struct{ prefix, system, want string }{
		{"here", "Linux", "PREFIX is here, and must begin with a /"},
		{"/a=b", "Linux", "its path contains a ="},
		{"/tmp", "MINGW64_NT", "make install is for Linux and macOS"},
	} {
		m := newMachine(t)
		m.prefix = tt.prefix
		output, err := m.script("install", tt.system)
		if err == nil || !strings.Contains(output, tt.want) {
			t.Errorf("%+v: %v\n%s", tt, err, output)
		}
		if got := m.files(); len(got) > 0 {
			t.Errorf("%+v: installed %v", tt, got)
		}
	}
}

// Uninstall disables the start at login of its own program, not that of another
// copy.
func TestUninstallDisablesTheStartAtLogin(t *testing.T) {
	for status, want := range map[string]bool{
		"On: this starts at login: x":                          true,
		"On: this starts at login, but with other settings: x": true,
		"On, but for another Gatelight: x":                     false,
		"Off: Gatelight does not start at login.":              false,
	} {
		m := newMachine(t)
		m.home, m.root = t.TempDir(), ""
		m.prefix = filepath.Join(m.home, ".local")
		asked := filepath.Join(t.TempDir(), "asked")
		program := "#!/bin/sh\ncase $2 in status) echo '" + status + "' ;; off) echo >'" + asked + "' ;; esac\n"
		if err := os.WriteFile(filepath.Join(m.build, "gatelight"), []byte(program), 0o755); err != nil {
			t.Fatal(err)
		}
		m.must("install", "Linux")
		m.must("uninstall", "Linux")
		if _, err := os.Stat(asked); (err == nil) != want {
			t.Errorf("%s: disabled is %v, want %v", status, err == nil, want)
		}
	}
}

func TestUninstallSucceedsWhenTheStartAtLoginCannotBeDisabled(t *testing.T) {
	m := newMachine(t)
	m.home, m.root = t.TempDir(), ""
	m.prefix = filepath.Join(m.home, ".local")
	const program = "#!/bin/sh\ncase $2 in status) echo 'On: this starts at login: x' ;; off) echo no >&2; exit 1 ;; esac\n"
	if err := os.WriteFile(filepath.Join(m.build, "gatelight"), []byte(program), 0o755); err != nil {
		t.Fatal(err)
	}
	m.must("install", "Linux")
	output, err := m.script("uninstall", "Linux")
	if err != nil || !strings.Contains(output, "by hand") {
		t.Errorf("%v: %s", err, output)
	}
	if _, err := os.Stat(filepath.Join(m.prefix, "bin/gatelight")); err == nil {
		t.Error("it is still there")
	}
}

func TestMakeAppNeedsMacOS(t *testing.T) {
	cmd := exec.Command("make", "app", "SYSTEM=Linux", "GO=false")
	cmd.Dir = ".."
	if out, err := cmd.CombinedOutput(); err == nil || !strings.Contains(string(out), "is built on a Mac") {
		t.Errorf("%v: %s", err, out)
	}
}
