package ibc

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// awaitPort waits until the port is free: a Java that was killed together with
// its script may hold it a little longer.
func (d *Driver) awaitPort(ctx context.Context, limit time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	ticker := time.NewTicker(logPace)
	defer ticker.Stop()
	for {
		err := d.portFree(ctx)
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
// that is proven to be this Gateway. forGood is a user's own stop; any other end
// is remembered as one that nobody asked for.
func (d *Driver) stop(ctx context.Context, forGood bool) (err error) {
	r := d.running()
	if r != nil {
		r.stop(forGood)
		defer func() {
			if err != nil {
				r.goOn()
			}
		}()
	}
	reply, err := d.command(ctx, "STOP")
	switch {
	case err == nil && strings.HasPrefix(reply, "OK"):
		d.step("stop: IBC closes the Gateway")
		if r == nil { // all that can be seen of it is its port
			return d.awaitPort(ctx, d.o.Grace.Stop)
		}
		if d.awaitEnd(ctx, r, d.o.Grace.Stop) {
			return nil
		}
	case err == nil:
		err = fmt.Errorf("IBC answered STOP with %q", reply)
	case !deaf(err):
		return err
	}
	if ctx.Err() != nil { // whoever asked has gone; that is no reason to be harsher
		return ctx.Err()
	}
	if r == nil {
		return fmt.Errorf("it was not started by Gatelight, so no signal is sent to it; close it by hand (%w)", orDidNotEnd(err))
	}
	d.step("stop: %v", orDidNotEnd(err))
	for _, step := range []struct {
		name   string
		signal func(run) error
		wait   time.Duration
	}{{"SIGTERM", terminate, d.o.Grace.Term}, {"SIGKILL", kill, d.o.Grace.Term}} {
		d.step("stop: %s to process group %d", step.name, r.PID)
		if err := step.signal(*r); err != nil {
			return fmt.Errorf("cannot signal process %d: %w", r.PID, err)
		}
		if d.awaitEnd(ctx, r, step.wait) {
			return nil
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	if !r.alive() {
		return fmt.Errorf("process %d can no longer be proven to be the Gateway (was the clock set?), so no signal was sent to it", r.PID)
	}
	return fmt.Errorf("process %d did not end, not even when killed", r.PID)
}

// Kill ends the run at once, if there is one that is proven to be ours. It is
// for a Gateway that must not outlive its demo.
func (d *Driver) Kill() {
	if r := d.running(); r != nil {
		kill(*r)
	}
}

func orDidNotEnd(err error) error {
	if err != nil {
		return err
	}
	return errors.New("it said yes to STOP but did not end")
}

// awaitEnd waits until the Gateway has ended.
func (d *Driver) awaitEnd(ctx context.Context, r *run, limit time.Duration) bool {
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case <-r.ended:
		return true
	case <-timer.C:
	case <-ctx.Done():
	}
	return false
}
