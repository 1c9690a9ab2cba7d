//go:build unix

package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// What install survives. The test binary runs itself for what ends a process.

const (
	killStep  = "GATELIGHT_TEST_KILL_AT" // the number of the step before which to die
	fileLimit = "GATELIGHT_TEST_FILE_LIMIT"

	oldText = "# the old one\nIbPassword=old-" + canary + "\n"
	newText = "# the new one, which is longer\nIbPassword=new-" + canary + "\nFIX=no\n"
)

func TestMain(m *testing.M) {
	if os.Getenv(killStep)+os.Getenv(fileLimit) == "" {
		os.Exit(m.Run())
	}
	if n, err := strconv.ParseUint(os.Getenv(fileLimit), 10, 64); err == nil {
		if err := limitFiles(n); err != nil {
			panic(err)
		}
	}
	deadly, _ := strconv.Atoi(os.Getenv(killStep))
	n := 0
	_, err := install(os.Args[1], os.Args[2], Place{}, installedAt, func(string) {
		if n++; n == deadly {
			syscall.Kill(os.Getpid(), syscall.SIGKILL)
			select {}
		}
	})
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	os.Exit(0)
}

// limitFiles lets this process write no file beyond n bytes.
func limitFiles(n uint64) error {
	signal.Ignore(syscall.SIGXFSZ)
	return unix.Setrlimit(unix.RLIMIT_FSIZE, &unix.Rlimit{Cur: n, Max: n})
}

// installInChild installs in a process of its own.
func installInChild(t *testing.T, source, target, setting string) (killed bool, out string) {
	t.Helper()
	run := exec.CommandContext(t.Context(), os.Args[0], source, target)
	run.Env = append(os.Environ(), setting)
	b, err := run.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return run.ProcessState.Sys().(syscall.WaitStatus).Signaled(), string(b)
}

func newFiles(t *testing.T) (source, target string) {
	t.Helper()
	dir := t.TempDir()
	source, target = filepath.Join(dir, "source.ini"), filepath.Join(dir, "ibc", "config.ini")
	write(t, source, newText)
	write(t, target, oldText)
	return source, target
}

// Killed before any step, it leaves the old file or the new one, and drafts
// that the next one takes away, even one that is refused.
func TestAKilledInstallLeavesTheOldFileOrTheNew(t *testing.T) {
	steps := 0
	for killed := true; killed; steps++ {
		source, target := newFiles(t)
		killed, _ = installInChild(t, source, target, fmt.Sprintf("%s=%d", killStep, steps+1))
		b, err := os.ReadFile(target)
		if text := string(b); err != nil || text != oldText && text != newText {
			t.Fatalf("killed before step %d: %q, %v", steps+1, b, err)
		}
		if !killed && string(b) != newText {
			t.Errorf("not killed, and %q", b)
		}
		for name, text := range files(t, filepath.Dir(target)) {
			wantMode(t, filepath.Join(filepath.Dir(target), name), 0o600)
			if kept := strings.HasPrefix(name, "config.ini."); kept && text != oldText {
				t.Errorf("killed before step %d: the backup %s holds %q", steps+1, name, text)
			}
		}
		write(t, source, "")
		if err := installAnywhere(source, target, installedAt); err == nil {
			t.Error("an empty source was installed")
		}
		for name := range files(t, filepath.Dir(target)) {
			if !strings.HasPrefix(name, "config.ini") {
				t.Errorf("killed before step %d: %s is left", steps+1, name)
			}
		}
		write(t, source, newText)
		if err := installAnywhere(source, target, installedAt.Add(time.Hour)); err != nil {
			t.Error(err)
		}
		if b, _ := os.ReadFile(target); string(b) != newText {
			t.Errorf("killed before step %d: afterwards %q", steps+1, b)
		}
	}
	if steps < 10 {
		t.Errorf("there were only %d steps", steps)
	}
}

// wantOldFile asserts that the old file is there, alone.
func wantOldFile(t *testing.T, target, said, want string) {
	t.Helper()
	if !strings.Contains(said, want) || strings.Contains(said, canary) {
		t.Errorf("%q, want %q", said, want)
	}
	wantFiles(t, filepath.Dir(target), map[string]string{"config.ini": oldText})
}

// The size of a file is limited to n bytes: a write fails in the middle.
func TestInstallWithoutRoomKeepsTheOldFile(t *testing.T) {
	for _, n := range []int{0, 1, len(newText) - 1} {
		source, target := newFiles(t)
		_, out := installInChild(t, source, target, fmt.Sprintf("%s=%d", fileLimit, n))
		wantOldFile(t, target, out, "cannot write "+target)
	}
	// Enough for the new one, but not for a backup of the old one.
	source, target := newFiles(t)
	write(t, source, "FIX=no\n")
	_, out := installInChild(t, source, target, fmt.Sprintf("%s=%d", fileLimit, len(oldText)-1))
	wantOldFile(t, target, out, "cannot keep a backup of "+target)
}

// While the source is being written, nothing is copied.
func TestInstallOfAChangingSourceIsRefused(t *testing.T) {
	for name, change := range map[string]func(source string) error{
		"longer":   func(s string) error { return os.WriteFile(s, []byte(newText+"# more\n"), 0o600) },
		"as long":  func(s string) error { return os.WriteFile(s, []byte(strings.ToUpper(newText)), 0o600) },
		"empty":    func(s string) error { return os.Truncate(s, 0) },
		"gone":     os.Remove,
		"replaced": func(s string) error { return errors.Join(os.Remove(s), os.WriteFile(s, []byte(oldText), 0o600)) },
	} {
		t.Run(name, func(t *testing.T) {
			source, target := newFiles(t)
			_, err := install(source, target, Place{}, installedAt, func(step string) {
				if step == "read the source again" {
					if err := change(source); err != nil {
						t.Error(err)
					}
				}
			})
			wantOldFile(t, target, fmt.Sprint(err), "is being changed right now")
		})
	}
	// A change that comes later is the next install's.
	source, target := newFiles(t)
	_, err := install(source, target, Place{}, installedAt, func(step string) {
		if step == "write" {
			write(t, source, oldText)
		}
	})
	if b, _ := os.ReadFile(target); err != nil || string(b) != newText {
		t.Errorf("%q, %v", b, err)
	}
}

// A source that can be waited for endlessly is no file.
func TestInstallOfAPipeIsRefused(t *testing.T) {
	source, target := newFiles(t)
	os.Remove(source)
	if err := syscall.Mkfifo(source, 0o600); err != nil {
		t.Skip("no pipes here: ", err)
	}
	wantOldFile(t, target, fmt.Sprint(installAnywhere(source, target, installedAt)), source+": it is a named pipe")
}

// Two at once: the last one wins, and neither sweeps the other's draft away.
func TestTwoInstallsAtOnceLeaveOneWholeFile(t *testing.T) {
	source, target := newFiles(t)
	other := filepath.Join(filepath.Dir(source), "other.ini")
	write(t, other, "FIX=yes\n")
	_, err := install(source, target, Place{}, installedAt, func(step string) {
		if step == "place" {
			if err := installAnywhere(other, target, installedAt); err != nil {
				t.Error(err)
			}
		}
	})
	if b, _ := os.ReadFile(target); err != nil || string(b) != newText {
		t.Errorf("%q, %v", b, err)
	}
	for name := range files(t, filepath.Dir(target)) {
		if !strings.HasPrefix(name, "config.ini") {
			t.Errorf("%s is left", name)
		}
	}
}

func TestInstallIntoAReadOnlyFolderKeepsTheOldFile(t *testing.T) {
	source, target := newFiles(t)
	for _, path := range []string{filepath.Dir(filepath.Dir(source)), filepath.Dir(source), filepath.Dir(target), source, target} {
		if err := os.Chmod(path, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chmod(filepath.Dir(target), 0o555); err != nil {
		t.Fatal(err)
	}
	err := asNobody(t, func() error { return installAnywhere(source, target, installedAt) })
	if !errors.Is(err, fs.ErrPermission) {
		t.Error(err)
	}
	wantOldFile(t, target, fmt.Sprint(err), "cannot write "+target)
}
