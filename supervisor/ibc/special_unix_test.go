//go:build unix

package ibc

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"gatelight/supervisor"
)

// The command line of any process can name a config.ini, and everything that is
// read of it was once read without a limit.
func TestAPipeOrDeviceIsNotReadAsAFile(t *testing.T) {
	o := Options{Gateway: "paper", Port: 4002, RunDir: t.TempDir()}
	pipe := filepath.Join(o.RunDir, "paper.json")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	if r, err := o.recall(); err == nil {
		t.Errorf("a run was read from a pipe: %v", r)
	}
	big := filepath.Join(o.RunDir, "big.ini")
	write(t, big, "CommandServerPort=7462\n")
	if err := os.Truncate(big, 2<<30); err != nil { // sparse
		t.Fatal(err)
	}
	for _, ini := range []string{pipe, "/dev/zero", big} {
		if port, err := o.commandPort(ini); err == nil {
			t.Errorf("%s gives the command port %d", ini, port)
		}
		if c, times := o.controls(ini, true); c != (supervisor.Controls{Signal: true}) || times != nil {
			t.Errorf("%s: %v, %v", ini, c, times)
		}
		if s := readRunSettings(ini); s.timeout != defaultTwoFactorTimeout || s.device != "" {
			t.Errorf("%s: %v", ini, s)
		}
	}
	if err := syscall.Mkfifo(filepath.Join(o.RunDir, "version"), 0o600); err != nil {
		t.Fatal(err)
	}
	if Simulated(o.RunDir) {
		t.Error("a version was read from a pipe")
	}
}
