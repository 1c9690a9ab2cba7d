//go:build unix

package ibc

import (
	"errors"
	"os"
	"os/exec"
	"syscall"

	"github.com/shirou/gopsutil/v3/process"
)

// detach gives the script a session and process group of its own, so that
// neither Ctrl-C nor our end reaches it.
func detach(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
}

func terminate(r *run) error { return signalGroup(r, syscall.SIGTERM) }
func kill(r *run) error      { return signalGroup(r, syscall.SIGKILL) }

// signalGroup reaches the script and the Java process it waits for.
func signalGroup(r *run, s syscall.Signal) error {
	return r.ifStillOurs(func() error {
		switch group, err := syscall.Getpgid(r.process().PID); {
		case errors.Is(err, syscall.ESRCH):
			return nil // it has ended since it was proven
		case err != nil:
			return err
		case group != r.PID:
			return errors.New("it does not lead a process group of its own")
		}
		return syscall.Kill(-r.PID, s)
	})
}

func arguments(p *process.Process) ([]string, error) { return p.CmdlineSlice() }

// sameGroup reports whether a process is in the group that our run leads.
func sameGroup(leader, pid int) bool {
	group, err := syscall.Getpgid(pid)
	return err == nil && group == leader
}

func exists(pid int) bool {
	err := syscall.Kill(pid, 0)
	return err == nil || errors.Is(err, syscall.EPERM)
}

// endGroup ends a child of ours, just started, and all that it has started.
func endGroup(child *os.Process) {
	_ = syscall.Kill(-child.Pid, syscall.SIGKILL) // nobody has waited for it yet, so the pid is its own
	_, _ = child.Wait()
}

// reap collects a child's exit status, as a shell would give it.
func reap(pid int) (status int, state childState) {
	var w syscall.WaitStatus
	got, err := syscall.Wait4(pid, &w, syscall.WNOHANG, nil)
	switch {
	case err != nil:
		return -1, childUnknown
	case got != pid:
		return -1, childRunning
	case w.Signaled():
		return signalStatus + int(w.Signal()), childExited
	}
	return w.ExitStatus(), childExited
}

// startedBy are the processes of the group that a process leads, or led before it
// ended. Its pid is no other process's as long as there is one of them.
func startedBy(leader int) (pids []int, err error) {
	if errors.Is(syscall.Kill(-leader, 0), syscall.ESRCH) {
		return nil, nil
	}
	all, err := process.Pids()
	for _, pid := range all {
		switch group, err := syscall.Getpgid(int(pid)); {
		case errors.Is(err, syscall.ESRCH): // it has ended
		case err != nil:
			return nil, err
		case group == leader:
			pids = append(pids, int(pid))
		}
	}
	return pids, err
}
