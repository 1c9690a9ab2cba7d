package ibc

import (
	"errors"
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
	if !r.alive() {
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

func reap(int) (status int, ended bool) { return -1, false }
