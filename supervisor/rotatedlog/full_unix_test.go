//go:build unix

package rotatedlog

import (
	"io"
	"os"
	"strings"
	"syscall"
	"testing"

	"gatelight/supervisor/testkit"
)

// A full disk costs the line that has no room, and not the one after it.
func TestALineAfterAFullDiskHasALineOfItsOwn(t *testing.T) {
	f, path := open(t)
	write(t, f, "one\n")
	free := testkit.FillDisk(t, 6)
	if n, err := io.WriteString(f, "two\n"); n != 2 || err == nil {
		t.Errorf("%d, %v", n, err)
	}
	if n, err := io.WriteString(f, "three\n"); n != 0 || err == nil {
		t.Errorf("%d, %v", n, err)
	}
	free()
	write(t, f, "four\n")
	holds(t, path, "one\ntw\nfour\n")
}

func TestAPipeInPlaceOfTheLogIsAnError(t *testing.T) {
	f, path := open(t)
	write(t, f, "one\n")
	os.Remove(path)
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(f, "two\n"); err == nil || !strings.Contains(err.Error(), "it is a named pipe") {
		t.Error(err)
	}
}
