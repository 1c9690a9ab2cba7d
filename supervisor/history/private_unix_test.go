//go:build unix

package history

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
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
	l, _ := open(t, path)
	checkPrivate(t, filepath.Dir(dir), dir, path)
	if err := l.Close(); err != nil {
		t.Error(err)
	}
}
