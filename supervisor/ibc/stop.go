package ibc

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"time"

	"gatelight/supervisor"
)

// awaitGone waits until the API port is free and no process of a Gateway with
// this config.ini is left: a Java that was killed together with its script, or
// has closed its port, takes a little longer to end.
func (o Options) awaitGone(ctx context.Context, limit time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	ticker := time.NewTicker(pollInterval)
	defer ticker.Stop()
	for {
		err := o.checkNoneRuns(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return err
		}
	}
}

// stop goes from the polite to the harsh, and only as far as is needed: STOP
// through the command server, SIGTERM, SIGKILL. Signals go only to a process
// that is proven to be this Gateway. user says that the user wants it stopped;
// any other end is remembered as one that nobody asked for. hung says that the
// command server has just not answered, so that it is not waited for again.
func (d *Driver) stop(ctx context.Context, user, hung bool) (err error) {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	r := d.running()
	if r != nil {
		by := us
		if user {
			by = theUser
		}
		r.asksFor(by)
		defer func() {
			if err != nil && !errors.Is(err, context.Canceled) { // Gatelight quits; the user wants it stopped still
				r.asksFor(nobody)
			}
		}()
	}
	var answer []string
	if err = errNoAnswer; !hung {
		answer, err = d.command(ctx, "STOP")
	}
	if err != nil && ctx.Err() != nil { // that the caller gave up is no reason to be harsher, or to forget who has asked
		return ctx.Err()
	}
	switch {
	case err == nil && acceptsStop(answer[0]):
		d.progress("stop: IBC closes the Gateway")
		if r == nil { // its port and its process are all that can be seen of it
			return d.o.awaitGone(ctx, d.o.Grace.Stop)
		}
		switch r.awaitEnd(ctx, d.o.Grace.Stop, r.launched) {
		case runEnded:
			return nil
		case runLaunched:
			return d.stopBySignal(ctx, r, sigkill)
		}
		err = errors.New("it said yes to STOP but did not end")
	case err == nil:
		err = fmt.Errorf("IBC answered STOP with %q", answer[0])
	case !unreachable(err):
		return err
	}
	if ctx.Err() != nil { // that the caller gave up is no reason to be harsher
		return ctx.Err()
	}
	if r == nil {
		return d.o.refuse(supervisor.ReasonNoControls, fmt.Sprintf("close it by hand (%v)", err), "it was not started by Gatelight, so no signal is sent to it")
	}
	d.progress("stop: %v", err)
	return d.stopBySignal(ctx, r, stopSteps(runtime.GOOS)...)
}

// acceptsStop reports that the Gateway is being closed. IBC refuses a second
// STOP, and goes on with the first.
func acceptsStop(reply string) bool {
	return strings.HasPrefix(reply, "OK") || reply == "ERROR STOP already in progress"
}

// A signalStep is one way to end a process.
type signalStep struct {
	name string
	send func(*run) error
	asks bool // IBC's script may do something else instead
}

// killTakes is how long the end of a killed process may take, and the proof of it.
const killTakes = 5 * time.Second

var (
	sigterm = signalStep{"SIGTERM", terminate, true}
	sigkill = signalStep{"SIGKILL", kill, false}
)

// stopSteps are the signals by which a system ends a process, the polite one
// first. Windows has none that asks a process to end.
func stopSteps(system string) []signalStep {
	if system == "windows" {
		return []signalStep{sigkill}
	}
	return []signalStep{sigterm, sigkill}
}

// stopBySignal asks the process to end, and kills it when it does not. It kills
// at once a Java that IBC's script starts meanwhile, since a restart was under
// way: STOP does no less before the login (IBC 3.24.1, StopTask.java: halt), and
// SIGTERM would have the script start another one.
func (d *Driver) stopBySignal(ctx context.Context, r *run, steps ...signalStep) error {
	for _, step := range steps {
		d.progress("stop: %s to process group %d", step.name, r.PID)
		if err := step.send(r); errors.Is(err, errNotProven) {
			return d.o.refuse(supervisor.ReasonNotProven, "", "cannot signal process %d: %v", r.PID, err)
		} else if err != nil {
			return fmt.Errorf("cannot signal process %d: %w", r.PID, err)
		}
		grace, launched := max(d.o.Grace.Term, killTakes), (chan struct{})(nil)
		if step.asks {
			grace, launched = d.o.Grace.Term, r.launched
		}
		if r.awaitEnd(ctx, grace, launched) == runEnded {
			return nil
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	if ours, err := r.isStillOurs(); !ours || err != nil {
		return d.o.refuse(supervisor.ReasonNotProven, "", "process %d can no longer be proven to be the Gateway (was the clock set?), so no signal was sent to it", r.PID)
	}
	return fmt.Errorf("process %d did not end, not even when killed", r.PID)
}

// Kill ends the Gateway at once that the run file tells of, if it is proven to
// be ours, and waits until it has ended. It is for a Gateway that must not
// outlive its demo, and is called after Follow and every action have returned.
func (d *Driver) Kill(ctx context.Context) error {
	r, err := d.o.adopt()
	if err != nil || r == nil {
		return err
	}
	if err := kill(r); err != nil {
		return fmt.Errorf("cannot kill process group %d: %w", r.PID, err)
	}
	return d.o.awaitGone(ctx, killTakes)
}

// What has become of a run that is waited for.
type runChange int

const (
	runUnchanged runChange = iota
	runEnded
	runLaunched // IBC's script has started Java once more
)

// awaitEnd waits until the run has ended or, by launched, starts Java once more,
// for limit at most.
func (r *run) awaitEnd(ctx context.Context, limit time.Duration, launched <-chan struct{}) runChange {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	select {
	case <-r.over:
		return runEnded
	case <-launched:
		return runLaunched
	case <-ctx.Done():
		return runUnchanged
	}
}
