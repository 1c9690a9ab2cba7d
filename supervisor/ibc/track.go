package ibc

import (
	"context"
	"fmt"
	"time"

	"gatelight/supervisor"
)

// track follows a run until it or ctx ends. It calls known when it has reported
// the run.
func (d *Driver) track(ctx context.Context, r *run, emit func(supervisor.Event), known func()) {
	live := func(e supervisor.Event) { r.notice(e); emit(e) }
	emit(d.o.gatewaySeen(r))
	log := d.o.newRunLog(r.Log)
	defer log.close()
	if r.adopted {
		r.catchUp(log, emit)
	} else {
		log.readAll(log.readLive, live)
	}
	known()

	exited, stop := awaitExit(ctx, d.o.Sockets, r.process().PID)
	defer func() { stop() }()
	watch := newLogWatch(r.Log)
	defer watch.stop()
	files := keptFiles{run: r}
	poll := false // its end could not be waited for, or has come: it is looked for at each reading
	for {
		select {
		case <-ctx.Done():
			return
		case <-exited:
			exited, poll = nil, true
		case report := <-r.afterLog:
			log.readAll(log.readLive, live)
			report()
			continue
		case w := <-watch.writes():
			watch.coalesce(w)
			continue
		case <-watch.errors():
			watch.unwatch()
		case <-watch.timer.C:
		}
		grown := log.readLive(live)
		watch.schedule(grown, log.flood, poll)
		if !poll {
			files.check(d)
			continue
		}
		status, ended := r.hasEnded()
		if !ended {
			continue
		}
		switch java, err := r.findJava(); {
		case err != nil:
			r.tellUnknown(err, emit)
		case java && r.outlivesScript(ctx, emit):
			stop()
			exited, stop = awaitExit(ctx, d.o.Sockets, r.process().PID)
			poll = false
			emit(d.o.gatewaySeen(r))
		default:
			log.readAll(log.readLive, live)
			r.finish(d, log, status, emit)
			return
		}
	}
}

// catchUp reports what the log of an adopted run tells, and whether the user
// has stopped it: that is remembered before IBC is asked.
func (r *run) catchUp(log *runLog, emit func(supervisor.Event)) {
	stopped := log.catchUp(func(e supervisor.Event) { r.notePhase(e); emit(e) })
	if stopped {
		r.stopAskedBy.CompareAndSwap(nobody, theLog)
	}
	if r.stopAskedBy.Load() == theUser {
		emit(supervisor.PlannedEndSeen{Asked: true})
	}
}

// notice takes what the log tells into the run.
func (r *run) notice(e supervisor.Event) {
	r.notePhase(e)
	switch e := e.(type) {
	case supervisor.PlannedEndSeen:
		r.stopAskedBy.CompareAndSwap(nobody, theLog)
	case supervisor.PhaseSeen:
		if e.Phase != supervisor.Launching {
			closeOnce(r.loginBegan)
		}
	case supervisor.LaunchSeen:
		closeOnce(r.javaBegan)
		if r.stopAskedBy.Load() != nobody {
			select {
			case r.launched <- struct{}{}:
			default: // one is there already
			}
		}
	}
}

func (r *run) notePhase(e supervisor.Event) {
	if e, ok := e.(supervisor.PhaseSeen); ok {
		r.phase.Store(e.Phase)
	}
}

// closeOnce is called by one goroutine only.
func closeOnce(c chan struct{}) {
	select {
	case <-c:
	default:
		close(c)
	}
}

// killedTogether is how long a Java takes to end that was killed together with
// its script.
const killedTogether = time.Second

// tellUnknown tells that the script has ended, and that something which may be
// the Gateway has not. Until that is known the run goes on: a start beside it
// would be one more login. A killed process has no command line for a moment
// before it is gone: that is not told.
func (r *run) tellUnknown(err error, emit func(supervisor.Event)) {
	now := supervisor.Now()
	if r.unknownFrom.IsZero() {
		r.unknownFrom = now
	}
	if !r.told && !now.Before(r.unknownFrom.Add(killedTogether)) {
		r.told = true
		emit(supervisor.ActionProgressed{Text: fmt.Sprintf("IBC's script has ended, and it is not known whether the Gateway has: %v", err)})
	}
}

// outlivesScript reports that the Gateway was not killed together with its
// script. From then on its own process is the run.
func (r *run) outlivesScript(ctx context.Context, emit func(supervisor.Event)) bool {
	late := time.NewTimer(killedTogether)
	defer late.Stop()
	for {
		select {
		case <-time.After(50 * time.Millisecond):
			if ours, err := r.isStillOurs(); !ours && err == nil {
				r.java.Store(nil)
				return false
			}
		case <-late.C:
			_ = r.save(nil) // if it fails, the next Gatelight finds the process as we did
			emit(supervisor.ActionProgressed{Text: fmt.Sprintf("IBC's script has ended, and the Gateway runs on as process %d; nobody starts it again when it restarts", r.process().PID)})
			return true
		case <-ctx.Done():
			return true
		}
	}
}

// finish remembers and reports how the run has ended.
func (r *run) finish(d *Driver, log *runLog, status int, emit func(supervisor.Event)) {
	if log.status >= 0 && status < signalStatus {
		status = log.status // IBC's own word on how the Gateway ended, unless the script itself was killed
	}
	r.exit = log.exit(supervisor.Now(), status)
	r.recordEnd(r.exit)
	d.forget(r) // before the end is reported, so that it can be started again then
	emit(supervisor.GatewayEnded{Exit: r.exit})
	close(r.over) // last: a stop that waits for it returns after the end is reported
}

// announce has track report what IBC has answered, after what it has logged
// before that.
func (r *run) announce(ctx context.Context, report func()) {
	if r == nil { // nobody reads its log
		report()
		return
	}
	reported := make(chan struct{})
	select {
	case r.afterLog <- func() { report(); close(reported) }:
		<-reported
	case <-r.over:
	case <-ctx.Done():
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

// Running is what a Gatelight that does not supervise can tell of the Gateway
// that an earlier one has started: that it runs, or that this is not known; nil
// when it does not run.
func (d *Driver) Running() supervisor.Event {
	r, err := d.o.adopt()
	switch {
	case err != nil:
		return supervisor.ProcessUnknown{Why: err.Error()}
	case r != nil:
		return d.o.gatewaySeen(r)
	}
	return nil
}

// gatewaySeen is the event for a run of ours.
func (o Options) gatewaySeen(r *run) supervisor.GatewaySeen {
	p := r.process()
	e := supervisor.GatewaySeen{PID: p.PID, StartedAt: p.StartedAt, By: supervisor.ByGatelight}
	e.Controls, e.Restarts = o.controls(o.Config, true)
	if r.scriptGone() { // a restart would be the end of it
		e.Controls.KeepsLogin, e.Restarts = false, nil
	}
	return e
}
