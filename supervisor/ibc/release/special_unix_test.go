//go:build unix

package release

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func TestAPipeDeviceOrHugeFileIsNoArchive(t *testing.T) {
	dir := t.TempDir()
	pipe, huge := filepath.Join(dir, "pipe.zip"), filepath.Join(dir, "huge.zip")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(huge, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(huge, 1<<40); err != nil { // sparse
		t.Fatal(err)
	}
	for _, archive := range []string{pipe, "/dev/zero", huge, dir} {
		if _, err := Install(archive, filepath.Join(dir, "ibc")); err == nil || !strings.Contains(err.Error(), archive) {
			t.Errorf("%s: %v", archive, err)
		}
	}
}
