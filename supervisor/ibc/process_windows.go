package ibc

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"syscall"

	"golang.org/x/sys/windows"
)

// detach keeps our console's Ctrl-C, and our end, away from the script.
func detach(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{
		CreationFlags: windows.CREATE_NEW_PROCESS_GROUP | windows.DETACHED_PROCESS,
	}
}

// There is no polite signal on Windows; a stop there goes through IBC's
// command server.
func terminate(run) error {
	return errors.New("Windows has no signal that asks a process to end; set CommandServerPort in config.ini")
}

func kill(r run) error {
	lives, err := r.lives()
	switch {
	case err != nil:
		return fmt.Errorf("it cannot be told whether it still is the Gateway: %w", err)
	case !lives:
		return nil
	}
	p, err := os.FindProcess(r.PID)
	if err != nil {
		return err
	}
	return p.Kill()
}

func sameGroup(int, int) bool { return false }

func exists(pid int) bool {
	h, err := windows.OpenProcess(windows.PROCESS_QUERY_LIMITED_INFORMATION, false, uint32(pid))
	if err != nil {
		return false
	}
	defer windows.CloseHandle(h)
	var code uint32
	const stillActive = 259
	return windows.GetExitCodeProcess(h, &code) == nil && code == stillActive
}

// endGroup ends a child of ours, just started.
func endGroup(child *os.Process) {
	_ = child.Kill() // it may have ended already
	_, _ = child.Wait()
}

func reap(int) (status int, as childhood) { return -1, noChild }
