package config

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"gatelight/supervisor/testkit"
)

// ~/ibc may be a link into a folder of dotfiles, and so may config.ini: what is
// replaced is the file, and the links stay. The backup, which holds a password,
// stays out of the dotfiles if it can.
func TestInstallKeepsLinks(t *testing.T) {
	for _, tt := range []struct {
		name   string
		link   func(t *testing.T, home, dotfiles string)
		backup string // its folder
	}{
		{"the folder", func(t *testing.T, home, dotfiles string) {
			testkit.Symlink(t, dotfiles, filepath.Join(home, "ibc"))
		}, "dotfiles"},
		{"the file", func(t *testing.T, home, _ string) {
			if err := os.Mkdir(filepath.Join(home, "ibc"), 0o700); err != nil {
				t.Fatal(err)
			}
			testkit.Symlink(t, filepath.Join("..", "dotfiles", "config.ini"), filepath.Join(home, "ibc", "config.ini"))
		}, "ibc"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			home := t.TempDir()
			source, real, target := filepath.Join(home, "source.ini"), filepath.Join(home, "dotfiles", "config.ini"), filepath.Join(home, "ibc", "config.ini")
			write(t, source, "FIX=no\n")
			write(t, real, "FIX=\n")
			tt.link(t, home, filepath.Dir(real))
			done, err := Install(source, target, Place{}, installedAt)
			if err != nil {
				t.Fatal(err)
			}
			if b, _ := os.ReadFile(real); string(b) != "FIX=no\n" {
				t.Errorf("the file behind the link holds %q", b)
			}
			if behind, err := filepath.EvalSymlinks(target); err != nil || filepath.Base(filepath.Dir(behind)) != "dotfiles" {
				t.Errorf("the link leads to %s, %v", behind, err)
			}
			kept := filepath.Join(home, tt.backup, filepath.Base(done.Backup))
			if b, _ := os.ReadFile(kept); string(b) != "FIX=\n" {
				t.Errorf("%s holds %q", kept, b)
			}
			wantMode(t, kept, 0o600)
			wantMode(t, real, 0o600)
		})
	}
}

// A config.ini that is a link to the source needs no copy.
func TestInstallOntoItselfCopiesNothing(t *testing.T) {
	dir := t.TempDir()
	source, target := filepath.Join(dir, "source.ini"), filepath.Join(dir, "config.ini")
	write(t, source, "FIX=no\n")
	testkit.Symlink(t, source, target)
	for _, to := range []string{target, source} {
		if done, err := Install(source, to, Place{}, installedAt); err != nil || !done.Same {
			t.Errorf("%v, %v", done, err)
		}
	}
	wantFiles(t, dir, map[string]string{"source.ini": "FIX=no\n", "config.ini": "FIX=no\n"})
}

// The folder is the user's alone, unless it is not theirs to close.
func TestInstallClosesItsFolder(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("its permissions are of another kind")
	}
	home := t.TempDir()
	t.Setenv("HOME", home)
	source := filepath.Join(home, "source.ini")
	write(t, source, "FIX=no\n")
	for _, tt := range []struct {
		dir    string
		mode   os.FileMode
		closed bool
	}{{filepath.Join(home, "ibc"), 0o700, true}, {home, 0o755, false}, {t.TempDir(), 0o755, false}} {
		if err := errors.Join(os.MkdirAll(tt.dir, 0o755), os.Chmod(tt.dir, 0o755)); err != nil {
			t.Fatal(err)
		}
		done, err := Install(source, filepath.Join(tt.dir, "config.ini"), Place{}, installedAt)
		if err != nil || done.Closed != tt.closed || (done.Open == "") != (tt.closed || tt.dir == home) {
			t.Errorf("%s: %v, %v", tt.dir, done, err)
		}
		wantMode(t, tt.dir, tt.mode)
	}
}
