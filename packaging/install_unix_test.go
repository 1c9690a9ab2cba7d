//go:build unix

package packaging

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A site is a machine's files, and what make would hand to the script.
type site struct {
	build, home, root string
	prefix            string
}

func newSite(t *testing.T) site {
	t.Helper()
	s := site{build: t.TempDir(), home: "/home/trader", root: t.TempDir(), prefix: "/home/trader/my programs"}
	app := filepath.Join(s.build, "Gatelight.app", "Contents", "MacOS")
	if err := os.MkdirAll(app, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{filepath.Join(s.build, "gatelight"), filepath.Join(app, "gatelight")} {
		if err := os.WriteFile(path, []byte("#!/bin/sh\necho gatelight \"$@\"\n"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

func (s site) run(t *testing.T, args ...string) (said string, err error) {
	t.Helper()
	cmd := exec.Command("./packaging/install.sh", args...)
	cmd.Dir = ".."
	cmd.Env = append(os.Environ(), "BUILD="+s.build, "PREFIX="+s.prefix, "DESTDIR="+s.root, "HOME="+s.home, "GO=go")
	for _, name := range []string{"GOCACHE", "GOMODCACHE", "GOPATH", "GOENV"} { // all below HOME
		value, err := exec.Command("go", "env", name).Output()
		if err != nil {
			t.Fatal(err)
		}
		cmd.Env = append(cmd.Env, name+"="+strings.TrimSpace(string(value)))
	}
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func (s site) files(t *testing.T) (all []string) {
	t.Helper()
	err := filepath.WalkDir(s.root, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			info, err := d.Info()
			if err != nil {
				return err
			}
			all = append(all, info.Mode().String()+" "+strings.TrimPrefix(path, s.root+s.home))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

var installed = map[string][]string{
	"Linux": {
		"-rwxr-xr-x /my programs/bin/gatelight",
		"-rw-r--r-- /my programs/share/applications/gatelight.desktop",
		"-rw-r--r-- /my programs/share/icons/hicolor/128x128/apps/gatelight.png",
		"-rw-r--r-- /my programs/share/icons/hicolor/256x256/apps/gatelight.png",
		"-rw-r--r-- /my programs/share/icons/hicolor/48x48/apps/gatelight.png",
		"-rw-r--r-- /my programs/share/icons/hicolor/scalable/apps/gatelight.svg",
	},
	"Darwin": {
		"-rwxr-xr-x /Applications/Gatelight.app/Contents/MacOS/gatelight",
		"Lrwxrwxrwx /my programs/bin/gatelight",
	},
}

// Both scripts run on either system: what they put there differs, not how.
func TestInstall(t *testing.T) {
	for system, want := range installed {
		t.Run(system, func(t *testing.T) {
			s := newSite(t)
			program := filepath.Join(s.root, s.home, strings.TrimPrefix(want[0], "-rwxr-xr-x "))
			var before fs.FileInfo
			for range 2 { // the second one replaces the first
				said, err := s.run(t, "install", system)
				if err != nil || !strings.Contains(said, `export PATH="/home/trader/my programs/bin:$PATH"`) {
					t.Fatalf("%v: %s", err, said)
				}
				if diff := cmp.Diff(want, s.files(t)); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
				after, err := os.Stat(program)
				if err != nil {
					t.Fatal(err)
				}
				if before != nil && os.SameFile(before, after) {
					t.Error("it has written into the program that may run")
				}
				before = after
			}
			if said, err := s.run(t, "uninstall", system); err != nil {
				t.Fatalf("%v: %s", err, said)
			}
			if left := s.files(t); len(left) > 0 {
				t.Errorf("left behind: %q", left)
			}
		})
	}
}

func TestInstalledEntryStartsIt(t *testing.T) {
	s := newSite(t)
	if said, err := s.run(t, "install", "Linux"); err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	path := filepath.Join(s.root, s.prefix, "share/applications/gatelight.desktop")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	argv, off, err := readEntry(string(text))
	if want := []string{s.prefix + "/bin/gatelight"}; err != nil || off != "" || !slices.Equal(argv, want) {
		t.Errorf("it starts %q, %q, %v; want %q", argv, off, err, want)
	}
	if out, err := exec.Command(tool(t, "desktop-file-validate"), path).CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("%v: %s", err, out)
	}
}

// The link of a command must lead to the app's place, not to the package's root.
func TestCommandLeadsIntoTheApp(t *testing.T) {
	s := newSite(t)
	if said, err := s.run(t, "install", "Darwin"); err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	to, err := os.Readlink(filepath.Join(s.root, s.prefix, "bin/gatelight"))
	if want := s.home + "/Applications/Gatelight.app/Contents/MacOS/gatelight"; err != nil || to != want {
		t.Errorf("it leads to %s, %v; want %s", to, err, want)
	}
}

// What starts at login goes with the program, but not another copy's.
func TestUninstallLeavesNoDeadStart(t *testing.T) {
	for says, want := range map[string]bool{
		"On: this starts at login: x":          true,
		"On, but for another Gatelight: x":     false,
		"Off: Gatelight does not start at all": false,
	} {
		s := newSite(t)
		s.home = t.TempDir()
		s.prefix, s.root = s.home+"/.local", ""
		asked := filepath.Join(t.TempDir(), "asked")
		script := "#!/bin/sh\ncase $2 in status) echo '" + says + "';; off) echo off >'" + asked + "';; esac\n"
		if err := os.WriteFile(filepath.Join(s.build, "gatelight"), []byte(script), 0o755); err != nil {
			t.Fatal(err)
		}
		for _, what := range []string{"install", "uninstall"} {
			if said, err := s.run(t, what, "Linux"); err != nil {
				t.Fatalf("%v: %s", err, said)
			}
		}
		if _, err := os.Stat(asked); (err == nil) != want {
			t.Errorf("%s: switched off is %v, want %v", says, err == nil, want)
		}
	}
}

func TestInstallRefuses(t *testing.T) {
	s := newSite(t)
	if said, err := s.run(t, "install", "MINGW64_NT"); err == nil || !strings.Contains(said, "make build") {
		t.Errorf("on Windows: %v: %s", err, said)
	}
	s.prefix = "home/trader"
	if said, err := s.run(t, "install", "Linux"); err == nil || !strings.Contains(said, "DESTDIR") {
		t.Errorf("with a relative PREFIX: %v: %s", err, said)
	}
	s.prefix = "/home/a=b"
	if said, err := s.run(t, "install", "Linux"); err == nil || !strings.Contains(said, "/home/a=b/bin/gatelight") {
		t.Errorf("with a = in PREFIX: %v: %s", err, said)
	}
	if left := s.files(t); len(left) > 0 {
		t.Errorf("left behind: %q", left)
	}
}

func TestAnAppNeedsAMac(t *testing.T) {
	cmd := exec.Command("make", "app", "SYSTEM=Linux", "GO=false")
	cmd.Dir = ".."
	out, err := cmd.CombinedOutput()
	var failed *exec.ExitError
	if !errors.As(err, &failed) || !strings.Contains(string(out), "is built on a Mac") {
		t.Errorf("%v: %s", err, out)
	}
}
