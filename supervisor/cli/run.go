package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"os/signal"
	"time"

	"gatelight/supervisor"
)

// programCommand waits, and then runs a program. Where the system can do that it
// becomes the program, so that nothing stands between the program and its
// signals, its terminal and its exit status.
type programCommand struct {
	waitOptions
	Quiet   bool          `help:"Print nothing but errors." short:"q"`
	Restart bool          `name:"restart-on-recovery" help:"When the API could not be used meanwhile and can be used again: ask the program to end (SIGTERM), and run it again."`
	Grace   time.Duration `help:"With --restart-on-recovery: how long the program may take to end. After that it runs on, and no second one is run beside it." default:"30s"`
	Command []string      `arg:"" passthrough:"" help:"The program and its arguments."`
}

func (c programCommand) Run(e *env) error {
	if len(c.Command) > 0 && c.Command[0] == "--" {
		c.Command = c.Command[1:]
	}
	command := c.Command
	if len(command) == 0 {
		return e.fail(exitUsage, errors.New("which program? Write it behind the options: gatelight run -- python trader.py"))
	}
	path, err := exec.LookPath(command[0])
	if err != nil { // now, and not after an hour
		return e.fail(notRunStatus(err), fmt.Errorf("cannot run %s: %w", command[0], reasonOf(err)))
	}
	err = withTeller(e, func() error {
		if _, err := c.wait(e, c.Quiet); err != nil || !c.Restart {
			return err
		}
		return c.runAgainAndAgain(e, path, command)
	})
	if err != nil || c.Restart {
		return err
	}
	return becomeProgram(e, path, command)
}

// notRunStatus is the shell's exit status for a program that was not run.
func notRunStatus(err error) int {
	if errors.Is(err, exec.ErrNotFound) || errors.Is(err, fs.ErrNotExist) {
		return exitNotFound
	}
	return exitCannotRun
}

// reasonOf leaves out what the message says already: which program.
func reasonOf(err error) error {
	switch {
	case errors.Is(err, exec.ErrNotFound):
		return errors.New("it is in no folder of PATH; check its name, or write its path")
	case errors.Is(err, fs.ErrNotExist):
		return errors.New("it is not there; check its name")
	case errors.Is(err, fs.ErrPermission):
		return errors.New("it is not executable; write its interpreter in front of it, such as python, or use chmod +x")
	}
	if e := new(exec.Error); errors.As(err, &e) {
		return e.Err
	}
	if e := new(fs.PathError); errors.As(err, &e) {
		return e.Err
	}
	return err
}

// runAsChild starts the program with our terminal, environment and folder.
func runAsChild(path string, command []string) (*exec.Cmd, error) {
	cmd := exec.Command(path, command[1:]...)
	cmd.Args[0] = command[0]
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	return cmd, startWithCoreDumps(cmd)
}

// dropAfter is how long after the program's end a drop may be seen that has
// caused it: a client is told of the end of its connection before anybody looks.
const dropAfter = 5 * time.Second

// runAgainAndAgain runs the program, and once more after each drop that has
// healed. It ends with the program, and with its exit status, unless a drop has
// ended the program.
func (c programCommand) runAgainAndAgain(e *env, path string, command []string) error {
	signals := make(chan os.Signal, 8)
	notify(signals, forwarded)
	defer signal.Stop(signals)
	r := rerun{programCommand: c, states: make(chan bool, 1), signals: signals, out: e.stderr}
	ctx, end := context.WithCancel(context.WithoutCancel(e.ctx)) // the program decides about a signal
	followed := make(chan struct{})
	go func() { defer close(followed); _ = follow(ctx, e, r.note) }()
	defer func() { end(); <-followed }()
	for {
		cmd, err := runAsChild(path, command)
		if err != nil {
			return e.fail(notRunStatus(err), fmt.Errorf("cannot run %s: %w", command[0], reasonOf(err)))
		}
		if again, err := r.attend(cmd); !again {
			return err
		}
		if stopped, err := r.awaitRecovery(); stopped {
			return err
		}
	}
}

// A rerun is what is known while the program runs again and again.
type rerun struct {
	programCommand
	states  chan bool      // whether the API can be used: the newest one
	signals chan os.Signal // to us
	out     io.Writer
	dropped bool // the API could not be used, and was not used again since
}

// note takes a status in. What is unknown is no drop, and no recovery.
func (r *rerun) note(w supervisor.Status) (done bool) {
	w, err := only(w, r.Gateway)
	if err != nil {
		return false // it was renamed in the settings; there is nothing to go by
	}
	usable, known := r.holds(w.Gateways), true
	for _, g := range w.Gateways {
		if g.State == supervisor.Unknown || g.State == supervisor.CutOff { // sessions live on while IBKR is lost
			known = false
		}
	}
	if !known || len(w.Gateways) == 0 {
		return false
	}
	select {
	case <-r.states:
	default:
	}
	r.states <- usable
	return false
}

func (r *rerun) tell(format string, args ...any) {
	if !r.Quiet {
		fmt.Fprintln(r.out, "gatelight:", supervisor.CleanText(fmt.Sprintf(format, args...), supervisor.MaxText))
	}
}

// attend waits for the end of the program. again says that it is to be run
// anew; else err is its exit status.
func (r *rerun) attend(cmd *exec.Cmd) (again bool, err error) {
	ended := make(chan struct{})
	go func() { defer close(ended); _ = cmd.Wait() }() // its exit status is read below
	asked := false                                     // by a signal to us
	var recovered <-chan time.Time
	var grace <-chan time.Time
	ending := false // it was asked to end, to be run anew
	for {
		select {
		case s := <-r.signals:
			asked = forward(cmd.Process, s) || asked
		case usable := <-r.states:
			switch {
			case !usable:
				r.dropped, recovered = true, nil
			case r.dropped && recovered == nil && !ending:
				recovered = time.After(r.Stable)
			}
		case <-recovered:
			recovered = nil
			if asked || !canAskToEnd {
				continue
			}
			ending = true
			r.tell("the API can be used again; %s (process %d) is asked to end, and run again", r.Command[0], cmd.Process.Pid)
			askToEnd(cmd.Process)
			grace = time.After(r.Grace)
		case <-grace:
			r.tell("process %d has not ended within %v; it runs on, and no second one is run beside it", cmd.Process.Pid, r.Grace)
			ending, r.dropped = false, false
		case <-ended:
			status := exitStatusOfProgram(cmd.ProcessState)
			switch {
			case asked:
				return false, exitError(status)
			case ending:
				return true, nil
			case status != exitOK && r.dropSeen():
				r.tell("%s has ended with status %d while the API could not be used; it is run again when it can be", r.Command[0], status)
				return true, nil
			case status == exitOK:
				return false, nil
			}
			return false, exitError(status)
		}
	}
}

// dropSeen reports that the API could not be used when the program ended, or
// soon after.
func (r *rerun) dropSeen() bool {
	late := time.After(dropAfter)
	for !r.dropped {
		select {
		case usable := <-r.states:
			r.dropped = !usable
		case <-late:
			return false
		}
	}
	return true
}

// awaitRecovery waits until the API can be used for long enough. stopped says
// that we were asked to end meanwhile.
func (r *rerun) awaitRecovery() (stopped bool, err error) {
	var recovered <-chan time.Time
	for {
		select {
		case s := <-r.signals:
			if asksToEnd(s) {
				return true, exitError(exitBySignal + signalNumber(s))
			}
		case usable := <-r.states:
			switch {
			case !usable:
				recovered = nil
			case recovered == nil:
				recovered = time.After(r.Stable)
			}
		case <-recovered:
			r.dropped = false
			return false, nil
		}
	}
}

// A teller prints to a terminal that may be full, or stopped. What cannot be
// printed soon is left out, so that the program begins and is attended to.
type teller struct {
	to      io.Writer
	texts   chan []byte
	printed chan struct{}
}

// withTeller calls f while a teller prints what is told.
func withTeller(e *env, f func() error) error {
	t := &teller{to: e.stderr, texts: make(chan []byte, 8), printed: make(chan struct{})}
	go func() {
		defer close(t.printed)
		for text := range t.texts {
			_, _ = t.to.Write(text)
		}
	}()
	e.stderr = t
	err := f()
	e.stderr = t.to
	close(t.texts)
	select {
	case <-t.printed:
	case <-time.After(time.Second): // nobody reads what was told
	}
	return err
}

// Write implements [io.Writer].
func (t *teller) Write(text []byte) (int, error) {
	select {
	case t.texts <- bytes.Clone(text):
	default: // nobody reads
	}
	return len(text), nil
}
