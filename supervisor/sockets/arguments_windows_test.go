package sockets

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"github.com/shirou/gopsutil/v3/process"
)

func TestArgumentsAreThoseThatTheProgramGot(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	script := filepath.Join(t.TempDir(), "my trader.py")
	cmd := exec.Command(self, "sockets-child", script, `a "quoted" one`, "")
	if _, err := cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { cmd.Process.Kill(); cmd.Wait() }()
	got, err := arguments(t.Context(), &process.Process{Pid: int32(cmd.Process.Pid)})
	if err != nil || !slices.Equal(got[1:], cmd.Args[1:]) {
		t.Errorf("%q, %v; want %q", got, err, cmd.Args)
	}
}
