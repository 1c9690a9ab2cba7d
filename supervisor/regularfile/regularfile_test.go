package regularfile

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func file(t *testing.T, content []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestReadReturnsAWholeFileUpToTheLimit(t *testing.T) {
	for _, n := range []int{0, 1, 511, 512, 513, 4096} {
		want := bytes.Repeat([]byte("x"), n)
		path := file(t, want)
		if got, err := Read(path, int64(n)); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%d bytes: %d, %v", n, len(got), err)
		}
		if got, err := Read(path, int64(n)-1); got != nil || !errors.Is(err, ErrTooLong) || !strings.Contains(err.Error(), path) {
			t.Errorf("%d bytes are more than %d: %d, %v", n, n-1, len(got), err)
		}
	}
}

// A sparse file of 1 TB takes no room on the disk.
func TestAnEndlessFileIsRefusedBeforeItIsRead(t *testing.T) {
	path := file(t, nil)
	if err := os.Truncate(path, 1<<40); err != nil {
		t.Fatal(err)
	}
	if n := testing.AllocsPerRun(1, func() {
		if _, err := Read(path, 1<<40-1); !errors.Is(err, ErrTooLong) {
			t.Error(err)
		}
	}); n > 100 {
		t.Errorf("%v allocations", n)
	}
}

func TestAFolderAndWhatIsNotThereAreErrorsThatNameThem(t *testing.T) {
	dir := t.TempDir()
	if _, err := Read(dir, 10); err == nil || !strings.Contains(err.Error(), dir+": it is a folder, and has to be a regular file") {
		t.Error(err)
	}
	missing := filepath.Join(dir, "missing")
	for _, open := range []func(string) (*os.File, error){Open, OpenShared} {
		if _, err := open(missing); !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), "missing") {
			t.Error(err)
		}
	}
}
