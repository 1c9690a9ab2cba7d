//go:build unix

package history

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"gatelight/supervisor"
	"gatelight/supervisor/testkit"
)

// checkPrivate checks that only the user can read the files.
func checkPrivate(t *testing.T, paths ...string) {
	t.Helper()
	for _, path := range paths {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if got := info.Mode().Perm(); got&0o077 != 0 {
			t.Errorf("%s is %v", path, got)
		}
	}
}

func TestOnlyTheUserReadsTheLog(t *testing.T) {
	defer syscall.Umask(syscall.Umask(0))
	dir := filepath.Join(t.TempDir(), "state", "gatelight")
	path := filepath.Join(dir, "events.jsonl")
	l, _ := newLog(t, path)
	l.Append(supervisor.Entry{At: noon, Gateway: "paper", Kind: "state", Text: "down"})
	checkPrivate(t, filepath.Dir(dir), dir, path)
}

func TestAFullDiskIsReported(t *testing.T) {
	l, warned := newLog(t, filepath.Join(t.TempDir(), "events.jsonl"))
	testkit.FillDisk(t, 0)
	for range 2 {
		warned.Reset()
		l.Append(supervisor.Entry{At: noon, Gateway: "paper", Kind: "state", Text: "down"})
		if !strings.Contains(warned.String(), "file too large") {
			t.Errorf("%q", warned)
		}
	}
}

func TestAPipeIsNoEventLog(t *testing.T) {
	path := filepath.Join(t.TempDir(), "events.jsonl")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Read(path, noon, nil); err == nil || !strings.Contains(err.Error(), "a named pipe") {
		t.Error(err)
	}
	wantSurvived(t, "a pipe", path, path)
}
