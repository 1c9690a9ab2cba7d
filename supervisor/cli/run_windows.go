package cli

import (
	"fmt"
	"os"
	"os/exec"
)

// becomeProgram runs another program to its end, with our terminal, since a
// process of Windows cannot become another one.
func becomeProgram(e *env, path string, command []string) error {
	cmd, err := runAsChild(path, command)
	if err != nil {
		return e.fail(notRunStatus(err), fmt.Errorf("cannot run %s: %w", command[0], reasonOf(err)))
	}
	_ = cmd.Wait() // its exit status is read below
	if status := exitStatusOfProgram(cmd.ProcessState); status != exitOK {
		return exitError(status)
	}
	return nil
}

func startWithCoreDumps(cmd *exec.Cmd) error { return cmd.Start() }

// forwarded are the signals that we outlive: the console sends Ctrl-C to the
// program, too.
var forwarded = []os.Signal{os.Interrupt}

// forward has nothing to hand on, but reports what asks the program to end.
func forward(_ *os.Process, s os.Signal) (asked bool) { return asksToEnd(s) }

func asksToEnd(s os.Signal) bool { return s == os.Interrupt }

// canAskToEnd: Windows has nothing that asks a program to end and reaches all of
// them. A program that runs is left running.
const canAskToEnd = false

func askToEnd(*os.Process) error { return nil }

func exitStatusOfProgram(ended *os.ProcessState) int { return ended.ExitCode() }
