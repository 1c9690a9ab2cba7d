//go:build unix

package regularfile

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// Before they were refused, each of these blocked for ever or filled the memory.
func TestSpecialFilesAreRefusedAtOnce(t *testing.T) {
	dir := t.TempDir()
	pipe, link, socket := filepath.Join(dir, "pipe"), filepath.Join(dir, "link"), filepath.Join(dir, "socket")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("/dev/zero", link); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	for path, what := range map[string]string{
		pipe: "a named pipe", "/dev/zero": "a device", "/dev/null": "a device", link: "a device", socket: "a socket",
	} {
		for name, open := range map[string]func(string) (*os.File, error){"Open": Open, "OpenShared": OpenShared,
			"to write": func(path string) (*os.File, error) { return OpenFile(path, os.O_WRONLY|os.O_APPEND, 0) },
			"to read and write": func(path string) (*os.File, error) {
				return OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
			}} {
			if f, err := open(path); f != nil || err == nil || !strings.Contains(err.Error(), path+": it is "+what) {
				t.Errorf("%s of %s: %v, %v", name, path, f, err)
			}
		}
	}
}

// A pipe that takes the name of a file after that was looked at does not block
// either.
func TestAPipeThatWasAFileBeforeIsRefused(t *testing.T) {
	pipe := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	if f, err := checked(os.OpenFile(pipe, os.O_RDONLY|nonBlocking, 0)); f != nil || err == nil {
		t.Errorf("%v, %v", f, err)
	}
}
