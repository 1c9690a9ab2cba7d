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
)

// A yard is a machine to install on, with a build in which a stand-in for the
// program waits until its input ends.
type yard struct {
	t                         *testing.T
	build, home, root, prefix string
}

func newYard(t *testing.T) yard {
	y := yard{t: t, build: t.TempDir(), home: "/home/trader", root: t.TempDir(), prefix: "/home/trader/.local"}
	for _, program := range []string{"gatelight", "Gatelight.app/Contents/MacOS/gatelight"} {
		path := filepath.Join(y.build, program)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, sh(t, "cat"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return y
}

// sh is a program of the machine, as bytes.
func sh(t *testing.T, name string) []byte {
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

func (y yard) script(args ...string) (said string, err error) {
	gocache, err := exec.Command("go", "env", "GOCACHE", "GOPATH").Output()
	if err != nil {
		return "", err
	}
	dirs := strings.Fields(string(gocache))
	cmd := exec.Command("packaging/install.sh", args...)
	cmd.Dir = ".."
	cmd.Env = append(os.Environ(), "BUILD="+y.build, "HOME="+y.home, "DESTDIR="+y.root, "PREFIX="+y.prefix, "GO=go",
		"GOCACHE="+dirs[0], "GOPATH="+dirs[1])
	b, err := cmd.CombinedOutput()
	return string(b), err
}

func (y yard) must(args ...string) {
	y.t.Helper()
	if said, err := y.script(args...); err != nil {
		y.t.Fatalf("install.sh %v: %v\n%s", args, err, said)
	}
}

// files are those that are installed, links included.
func (y yard) files() (all []string) {
	err := filepath.WalkDir(y.root, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			all = append(all, strings.TrimPrefix(path, y.root))
		}
		return err
	})
	if err != nil {
		y.t.Fatal(err)
	}
	return all
}

func TestInstallsOnLinux(t *testing.T) {
	validate := tool(t, "desktop-file-validate")
	y := newYard(t)
	want := []string{
		"/home/trader/.local/bin/gatelight",
		"/home/trader/.local/share/applications/gatelight.desktop",
		"/home/trader/.local/share/icons/hicolor/128x128/apps/gatelight.png",
		"/home/trader/.local/share/icons/hicolor/256x256/apps/gatelight.png",
		"/home/trader/.local/share/icons/hicolor/48x48/apps/gatelight.png",
		"/home/trader/.local/share/icons/hicolor/scalable/apps/gatelight.svg",
	}
	for range 2 { // the second one replaces the first
		y.must("install", "Linux")
		if got := y.files(); !slices.Equal(got, want) {
			t.Fatalf("installed:\n%s", strings.Join(got, "\n"))
		}
	}
	entry := filepath.Join(y.root, want[1])
	if out, err := exec.Command(validate, entry).CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("%v: %s", err, out)
	}
	text, err := os.ReadFile(entry)
	if err != nil {
		t.Fatal(err)
	}
	if argv, off, err := readEntry(string(text)); err != nil || off != "" || !slices.Equal(argv, want[:1]) {
		t.Errorf("the menu starts %q: %q, %v", argv, off, err)
	}
	y.must("uninstall", "Linux")
	if left := y.files(); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// What a Mac gets is put in place by the same tools everywhere.
func TestInstallsOnAMac(t *testing.T) {
	y := newYard(t)
	const app = "/home/trader/Applications/Gatelight.app/Contents/MacOS/gatelight"
	for range 2 {
		y.must("install", "Darwin")
		if got, want := y.files(), []string{"/home/trader/.local/bin/gatelight", app}; !slices.Equal(got, want) {
			t.Fatalf("installed %v", got)
		}
	}
	if to, err := os.Readlink(filepath.Join(y.root, "/home/trader/.local/bin/gatelight")); err != nil || to != app {
		t.Errorf("the command is %s, %v", to, err)
	}
	y.must("uninstall", "Darwin")
	if left := y.files(); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	own := filepath.Join(y.root, "/home/trader/.local/bin/gatelight")
	if err := os.WriteFile(own, []byte("built by hand"), 0o755); err != nil {
		t.Fatal(err)
	}
	y.must("uninstall", "Darwin")
	if _, err := os.Stat(own); err != nil {
		t.Errorf("a program that is not the app's was taken away: %v", err)
	}
}

func TestOneThatRunsGoesOnWhenReplaced(t *testing.T) {
	for system, path := range map[string]string{
		"Linux":  "/home/trader/.local/bin/gatelight",
		"Darwin": "/home/trader/Applications/Gatelight.app/Contents/MacOS/gatelight",
	} {
		t.Run(system, func(t *testing.T) {
			y := newYard(t)
			y.must("install", system)
			installed := filepath.Join(y.root, path)
			before, err := os.Stat(installed)
			if err != nil {
				t.Fatal(err)
			}
			var said bytes.Buffer
			running := exec.Command(installed)
			running.Stdout = &said
			in, err := running.StdinPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := running.Start(); err != nil {
				t.Fatal(err)
			}
			y.must("install", system)
			if after, err := os.Stat(installed); err != nil || os.SameFile(before, after) {
				t.Errorf("it was written over: %v", err)
			}
			in.Write([]byte("still here"))
			in.Close()
			if err := running.Wait(); err != nil || said.String() != "still here" {
				t.Errorf("the one that ran: %v, %q", err, said.String())
			}
		})
	}
}

func TestRefusesToInstall(t *testing.T) {
	for _, tt := range []struct{ prefix, system, want string }{
		{"here", "Linux", "PREFIX is here, and has to begin with a /"},
		{"/a=b", "Linux", "there is a = in its path"},
		{"/tmp", "MINGW64_NT", "make install is for Linux and macOS"},
	} {
		y := newYard(t)
		y.prefix = tt.prefix
		said, err := y.script("install", tt.system)
		if err == nil || !strings.Contains(said, tt.want) {
			t.Errorf("%+v: %v\n%s", tt, err, said)
		}
		if got := y.files(); len(got) > 0 {
			t.Errorf("%+v: installed %v", tt, got)
		}
	}
}

// What starts at login goes with the program, but not another copy's.
func TestUninstallLeavesNoDeadStart(t *testing.T) {
	for says, want := range map[string]bool{
		"On: this starts at login: x":                          true,
		"On: this starts at login, but with other settings: x": true,
		"On, but for another Gatelight: x":                     false,
		"Off: Gatelight does not start at login.":              false,
	} {
		y := newYard(t)
		y.home, y.root = t.TempDir(), ""
		y.prefix = filepath.Join(y.home, ".local")
		asked := filepath.Join(t.TempDir(), "asked")
		program := "#!/bin/sh\ncase $2 in status) echo '" + says + "' ;; off) echo >'" + asked + "' ;; esac\n"
		if err := os.WriteFile(filepath.Join(y.build, "gatelight"), []byte(program), 0o755); err != nil {
			t.Fatal(err)
		}
		y.must("install", "Linux")
		y.must("uninstall", "Linux")
		if _, err := os.Stat(asked); (err == nil) != want {
			t.Errorf("%s: switched off is %v, want %v", says, err == nil, want)
		}
	}
}

func TestUninstallGoesOnWhereTheStartAtLoginStays(t *testing.T) {
	y := newYard(t)
	y.home, y.root = t.TempDir(), ""
	y.prefix = filepath.Join(y.home, ".local")
	const program = "#!/bin/sh\ncase $2 in status) echo 'On: this starts at login: x' ;; off) echo no >&2; exit 1 ;; esac\n"
	if err := os.WriteFile(filepath.Join(y.build, "gatelight"), []byte(program), 0o755); err != nil {
		t.Fatal(err)
	}
	y.must("install", "Linux")
	said, err := y.script("uninstall", "Linux")
	if err != nil || !strings.Contains(said, "by hand") {
		t.Errorf("%v: %s", err, said)
	}
	if _, err := os.Stat(filepath.Join(y.prefix, "bin/gatelight")); err == nil {
		t.Error("it is still there")
	}
}

func TestAnAppNeedsAMac(t *testing.T) {
	cmd := exec.Command("make", "app", "SYSTEM=Linux", "GO=false")
	cmd.Dir = ".."
	if out, err := cmd.CombinedOutput(); err == nil || !strings.Contains(string(out), "is built on a Mac") {
		t.Errorf("%v: %s", err, out)
	}
}
