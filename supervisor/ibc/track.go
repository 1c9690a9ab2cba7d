package ibc

import (
	"context"

	"gatelight/supervisor"
)

// track follows a run until it or ctx ends. It calls known when it has reported
// the run.
func (d *Driver) track(ctx context.Context, r *run, emit func(supervisor.Event), known func()) {
	emit(d.o.gatewaySeen(r))
	log := d.o.newRunLog(r.Log)
	defer log.close()
	live := func(e supervisor.Event) {
		if _, stop := e.(supervisor.PlannedEndSeen); stop {
			r.stopAskedBy.CompareAndSwap(nobody, theUser)
		}
		emit(e)
	}
	if !r.adopted {
		log.readLive(live)
	} else if log.catchUp(emit) {
		r.stopAskedBy.Store(theUser)
	}
	close(r.reported)
	known()

	exited, stop := awaitExit(ctx, d.o.Sockets, r.PID)
	defer stop()
	watch := newLogWatch(r.Log)
	defer watch.stop()
	poll := false // its end could not be waited for, or has come: it is looked for at each reading
	for {
		select {
		case <-ctx.Done():
			return
		case <-exited:
			exited, poll = nil, true
		case w := <-watch.writes():
			watch.coalesce(w)
			continue
		case <-watch.errors():
			watch.unwatch()
		case <-watch.timer.C:
		}
		watch.schedule(log.readLive(live), poll)
		if !poll {
			continue
		}
		status, ended := r.hasEnded()
		if !ended {
			continue
		}
		log.readLive(live)
		if log.status >= 0 && status < signalStatus {
			status = log.status // IBC's own word on how the Gateway ended, unless the script itself was killed
		}
		exit := log.exit(supervisor.Now(), status)
		r.recordEnd(exit)
		d.forget(r) // before the end is reported, so that it can be started again then
		emit(supervisor.GatewayEnded{Exit: exit})
		close(r.ended) // last: a stop that waits for it returns after the end is reported
		return
	}
}

// awaitExit closes the channel when the process has ended, or when its end
// cannot be waited for. stop gives up waiting.
func awaitExit(ctx context.Context, sockets supervisor.SocketReader, pid int) (exited <-chan struct{}, stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = sockets.AwaitExit(ctx, pid) // an error or not, track then looks for itself
	}()
	return done, func() { cancel(); <-done }
}

// Running reports the Gateway that an earlier Gatelight has started, if it
// lives, without following it.
func (d *Driver) Running() (supervisor.GatewaySeen, bool) {
	r, err := d.o.adopt()
	if r == nil || err != nil {
		return supervisor.GatewaySeen{}, false
	}
	return d.o.gatewaySeen(r), true
}

// gatewaySeen is the event for a run of ours.
func (o Options) gatewaySeen(r *run) supervisor.GatewaySeen {
	e := supervisor.GatewaySeen{PID: r.PID, StartedAt: r.StartedAt, By: supervisor.ByGatelight}
	e.Controls, e.Restarts = o.controls(o.Config, true)
	return e
}
