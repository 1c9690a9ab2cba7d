//go:build unix

package find

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// The real file system: the other tests have files of their own.
func TestAPipeIsNoFileOfThisMachine(t *testing.T) {
	m, err := Here()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for _, name := range []string{"version", "java"} {
		if err := syscall.Mkfifo(filepath.Join(dir, name), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"IBC.jar", "scripts/ibcstart.sh"} {
		os.MkdirAll(filepath.Join(dir, "scripts"), 0o700)
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := m.IBC(dir); err == nil || !strings.Contains(err.Error(), "version: it is a named pipe") {
		t.Error(err)
	}
	if _, err := m.Javas().Processors(filepath.Join(dir, "java")); err == nil {
		t.Error("a program was read from a pipe")
	}
	if line := m.firstLine(filepath.Join(dir, "java")); line != "" {
		t.Errorf("%q was read from a pipe", line)
	}
	if _, err := m.ReadFile("/dev/zero"); err == nil {
		t.Error("a device was read")
	}
	if all, err := m.Programs("gateway", dir); err != nil && !strings.Contains(err.Error(), dir) || len(all) > 0 {
		t.Errorf("%v, %v", all, err)
	}
}
