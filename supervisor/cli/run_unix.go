//go:build unix

package cli

import (
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"slices"
	"syscall"

	"golang.org/x/sys/unix"

	"gatelight/supervisor/ibc"
)

// becomeProgram replaces this program by another one, which keeps our process,
// terminal and parent. It returns only if that fails.
func becomeProgram(e *env, path string, command []string) error {
	signal.Reset() // what was ignored when we were started, as by nohup, is ignored again
	err := ibc.WithCoreDumps(func() error { return syscall.Exec(path, command, os.Environ()) })
	return e.fail(notRunStatus(err), fmt.Errorf("cannot run %s: %w", command[0], err))
}

func startWithCoreDumps(cmd *exec.Cmd) error { return ibc.WithCoreDumps(cmd.Start) }

// forwarded are the signals that are handed on to the program. The others reach
// it by themselves, or mean only us.
var forwarded = []os.Signal{syscall.SIGINT, syscall.SIGQUIT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGUSR1, syscall.SIGUSR2}

// forward hands a signal on, unless the terminal has sent it to the program, too.
// It reports one that asks the program to end.
func forward(program *os.Process, s os.Signal) (asked bool) {
	byTerminal := (s == syscall.SIGINT || s == syscall.SIGQUIT) && inForeground()
	if !byTerminal {
		_ = program.Signal(s) // it may have ended
	}
	return asksToEnd(s)
}

// asksToEnd reports a signal by which a process is asked to end.
func asksToEnd(s os.Signal) bool { return s == syscall.SIGQUIT || slices.Contains(endSignals, s) }

// inForeground reports that a terminal sends its signals to us and, since it is
// in our process group, to the program.
func inForeground() bool {
	for _, f := range []*os.File{os.Stdin, os.Stdout, os.Stderr} {
		if group, err := unix.IoctlGetInt(int(f.Fd()), unix.TIOCGPGRP); err == nil {
			return group == syscall.Getpgrp()
		}
	}
	return false
}

// canAskToEnd: a program can be asked to end.
const canAskToEnd = true

func askToEnd(program *os.Process) error { return program.Signal(syscall.SIGTERM) }

// exitStatusOfProgram is that of a shell.
func exitStatusOfProgram(ended *os.ProcessState) int {
	if w, ok := ended.Sys().(syscall.WaitStatus); ok && w.Signaled() {
		return exitBySignal + int(w.Signal())
	}
	return ended.ExitCode()
}
