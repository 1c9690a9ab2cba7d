package ibc

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"gatelight/supervisor"
)

// awaitPortFree waits until the API port is free: a Java that was killed
// together with its script may hold it a little longer.
func (o Options) awaitPortFree(ctx context.Context, limit time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	ticker := time.NewTicker(pollInterval)
	defer ticker.Stop()
	for {
		err := o.checkAPIPortFree(ctx)
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
// any other end is remembered as one that nobody asked for.
func (d *Driver) stop(ctx context.Context, user bool) (err error) {
	r := d.running()
	if r != nil {
		by := us
		if user {
			by = theUser
		}
		r.stopAskedBy.Store(by)
		defer func() {
			if err != nil {
				r.stopAskedBy.Store(nobody)
			}
		}()
	}
	reply, err := d.command(ctx, "STOP")
	switch {
	case err == nil && strings.HasPrefix(reply, "OK"):
		d.progress("stop: IBC closes the Gateway")
		if r == nil { // its port is all that can be seen of it
			return d.o.awaitPortFree(ctx, d.o.Grace.Stop)
		}
		if r.awaitEnd(ctx, d.o.Grace.Stop) {
			return nil
		}
		err = errors.New("it said yes to STOP but did not end")
	case err == nil:
		err = fmt.Errorf("IBC answered STOP with %q", reply)
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
	return d.stopBySignal(ctx, r)
}

// stopBySignal asks the process to end, and kills it when it does not.
func (d *Driver) stopBySignal(ctx context.Context, r *run) error {
	for _, step := range []struct {
		name string
		send func(*run) error
	}{{"SIGTERM", terminate}, {"SIGKILL", kill}} {
		d.progress("stop: %s to process group %d", step.name, r.PID)
		if err := step.send(r); errors.Is(err, errNotProven) {
			return d.o.refuse(supervisor.ReasonNotProven, "", "cannot signal process %d: %v", r.PID, err)
		} else if err != nil {
			return fmt.Errorf("cannot signal process %d: %w", r.PID, err)
		}
		if r.awaitEnd(ctx, d.o.Grace.Term) {
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

// Kill ends the run at once, if there is one that is proven to be ours. It is
// for a Gateway that must not outlive its demo.
func (d *Driver) Kill() {
	if r := d.running(); r != nil {
		kill(r)
	}
}

// awaitEnd waits until the run has ended, for limit at most.
func (r *run) awaitEnd(ctx context.Context, limit time.Duration) bool {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	select {
	case <-r.ended:
		return true
	case <-ctx.Done():
		return false
	}
}
