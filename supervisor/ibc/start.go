package ibc

import (
	"context"
	"fmt"
	"time"

	"gatelight/supervisor"
)

// start launches IBC and hands the run over to Follow.
func (d *Driver) start(ctx context.Context, unattended bool) error {
	if r := d.running(); r != nil {
		return d.o.alreadyRuns(r)
	}
	if err := d.o.checkAPIPortFree(ctx); err != nil {
		return err
	}
	if err := d.o.checkCommandPortFree(ctx); err != nil {
		return err
	}
	r, err := d.launchOnce(unattended)
	if err != nil {
		return err
	}
	select {
	case d.launched <- struct{}{}:
	default: // Follow will look anyway
	}
	return r.awaitLogin(ctx, d.o)
}

// How long a start waits for an end that comes at once.
const (
	scriptTime = 20 * time.Second // until IBC's script starts Java; it takes a second or two
	javaTime   = 2 * time.Second  // until the login begins: a Java that refuses its options, or finds no display, has ended by then
)

// awaitLogin waits until the login begins, and fails when all has ended before.
// What has not ended at once goes on, and is followed by its log.
func (r *run) awaitLogin(ctx context.Context, o Options) error {
	limit := time.NewTimer(scriptTime)
	defer limit.Stop()
	java := r.javaBegan
	for {
		select {
		case <-java:
			java = nil
			limit.Reset(javaTime)
		case <-r.loginBegan:
			return nil
		case <-limit.C:
			return nil
		case <-r.over:
			if by := r.stopAskedBy.Load(); by == theUser || by == theLog {
				return o.refuse(supervisor.ReasonStopped, "", "somebody has stopped the Gateway meanwhile")
			}
			return fmt.Errorf("it ended at once: %s (\"gatelight logs\" shows what IBC has written)", r.exit.Why)
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// launchOnce launches unless there is a run already. The current run is held
// meanwhile, so that no second start and no adoption comes in between: each
// would be one more login.
func (d *Driver) launchOnce(unattended bool) (*run, error) {
	r := <-d.current
	defer func() { d.current <- r }()
	if r != nil {
		return nil, d.o.alreadyRuns(r)
	}
	adoptable, err := d.o.adopt()
	switch {
	case err != nil:
		return nil, d.o.refuse(supervisor.ReasonNotProven, "", "%v", err)
	case adoptable != nil: // Follow has not adopted it yet
		return nil, d.o.alreadyRuns(adoptable)
	}
	if err := d.o.checkNoneStarts(); err != nil {
		return nil, err
	}
	launched, err := d.o.launch(unattended)
	if err == nil {
		r = launched
	}
	return launched, err
}

func (o Options) alreadyRuns(r *run) error {
	if java := r.remains().java; java != nil {
		return o.refuse(supervisor.ReasonAlreadyRunning, "", "it runs already, as process %d", java.PID)
	}
	return o.refuse(supervisor.ReasonAlreadyRunning, "", "IBC's script (process %d) is starting it already", r.PID)
}
