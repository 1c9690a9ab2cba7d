package ibc

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"syscall"

	"github.com/shirou/gopsutil/v3/process"
	"golang.org/x/sys/windows"
)

// detach keeps our console's Ctrl-C, and our end, away from the script. It gets
// a console without a window: with none at all, each program that it runs would
// open a window of its own.
func detach(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{
		CreationFlags: windows.CREATE_NEW_PROCESS_GROUP | windows.CREATE_NO_WINDOW,
		CmdLine:       batchLine(cmd.Args),
	}
}

// startOutsideJob starts a program outside of the job of its Gatelight, which may
// end all processes in it. Not every job allows that; then the program is started
// in it.
func startOutsideJob(cmd *exec.Cmd) error {
	inside := *cmd
	attributes := *cmd.SysProcAttr
	attributes.CreationFlags |= windows.CREATE_BREAKAWAY_FROM_JOB
	cmd.SysProcAttr = &attributes
	err := cmd.Start()
	if errors.Is(err, windows.ERROR_ACCESS_DENIED) {
		*cmd = inside
		err = cmd.Start()
	}
	return err
}

// terminate is not called here; see stopSteps.
func terminate(*run) error { return errors.ErrUnsupported }

func kill(r *run) error {
	return r.ifStillOurs(func() error {
		// The script first, or it would start the next Java.
		first := r.process().PID
		for _, pid := range append([]int{first}, descendants(first)...) {
			p, err := os.FindProcess(pid)
			if err == nil {
				err = p.Kill()
			}
			if err != nil && exists(pid) {
				return fmt.Errorf("cannot end process %d: %w", pid, err)
			}
		}
		return nil
	})
}

// arguments takes the command line apart as programs on Windows do; gopsutil
// would cut it at every space, and keep the quotes.
func arguments(p *process.Process) ([]string, error) {
	line, err := p.Cmdline()
	if err != nil {
		return nil, err
	}
	if line == "" { // every process has one, and that of another user may be kept from us
		return nil, errors.New("its command line cannot be read")
	}
	return windows.DecomposeCommandLine(line)
}

// descendants are the processes that a living one has started, and those that
// these have started. Windows keeps the pid of a parent that has ended, and
// reuses pids: what is older than its parent is no child of it.
func descendants(pid int) (all []int) {
	parent := process.Process{Pid: int32(pid)}
	parentStarted, err := parent.CreateTime()
	if err != nil {
		return nil
	}
	children, _ := parent.Children() // none is an error, too
	for _, c := range children {
		if at, err := c.CreateTime(); err == nil && at >= parentStarted {
			all = append(append(all, int(c.Pid)), descendants(int(c.Pid))...)
		}
	}
	return all
}

// sameGroup reports whether a process is our run or was started by it.
func sameGroup(leader, pid int) bool {
	return leader == pid || slices.Contains(descendants(leader), pid)
}

func exists(pid int) bool {
	h, err := windows.OpenProcess(windows.PROCESS_QUERY_LIMITED_INFORMATION, false, uint32(pid))
	if err != nil { // one that may not be looked at exists
		return errors.Is(err, windows.ERROR_ACCESS_DENIED)
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

func reap(int) (status int, state childState) { return -1, childUnknown }

// startedBy are the processes that one has started, which may have ended.
func startedBy(parent int) (pids []int, err error) {
	all, err := process.Pids()
	for _, pid := range all {
		p := process.Process{Pid: pid}
		if ppid, err := p.Ppid(); err == nil && int(ppid) == parent { // whose parent cannot be read has ended, or is another user's
			pids = append(pids, int(pid))
		}
	}
	return pids, err
}
