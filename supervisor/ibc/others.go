package ibc

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"gatelight/supervisor"
)

// othersInterval is how often processes are looked through for an IBC that
// somebody else has started. A look takes some milliseconds.
const othersInterval = 15 * time.Second

// An other is an IBC that somebody else has started with our config.ini. It may
// never listen: where IBKR refuses the login, its script tries again for ever,
// and IBKR counts.
type other struct {
	pid   int       // of the script, or else of Java; 0: there is none
	java  int       // at the last look; 0: none
	at    time.Time // of that look
	told  bool      // people were told: it was there at two looks, and is no process of ours that is about to end
	path  string    // of its log; "": it is not known where IBC's output goes
	log   *runLog   // nil without a path
	watch *logWatch // says when to read it
}

// watchOthers reports the logins of such an IBC while no Gateway of ours runs.
func watchOthers(ctx context.Context, d *Driver, emit func(supervisor.Event)) {
	ticker := time.NewTicker(d.othersInterval)
	defer ticker.Stop()
	var o other
	defer func() { o.close() }()
	for {
		if d.running() == nil {
			o = o.next(d, emit)
		}
		if !o.follow(ctx, ticker.C, d, emit) {
			return
		}
	}
}

// follow reads on in the log until the next look; false when ctx has ended.
func (o other) follow(ctx context.Context, nextLook <-chan time.Time, d *Driver, emit func(supervisor.Event)) bool {
	if o.log == nil {
		select {
		case <-nextLook:
			return true
		case <-ctx.Done():
			return false
		}
	}
	for {
		select {
		case <-nextLook:
			return true
		case <-ctx.Done():
			return false
		case w := <-o.watch.writes():
			o.watch.coalesce(w)
		case <-o.watch.errors():
			o.watch.unwatch()
		case <-o.watch.timer.C:
			grown := o.read(d, emit)
			o.watch.schedule(grown, o.log.flood, false)
		}
	}
}

// next reads on in the log of the other IBC, and finds out whether there still
// is one.
func (o other) next(d *Driver, emit func(supervisor.Event)) other {
	looked := time.Now()
	java, script, err := d.o.withOurConfig()
	if err != nil { // it is looked for again
		o.read(d, emit)
		return o
	}
	found := cmp.Or(script, java)
	for o.read(d, emit); o.log != nil && o.log.tail.Behind; { // to its end, if it has ended
		o.read(d, emit)
	}
	o.java, o.at = java, looked
	switch {
	case found != o.pid && o.path != "" && outputOf(found) == o.path: // another process of the same one
		o.pid = found
		return o
	case found != o.pid:
		o.close()
		if o.told {
			emit(supervisor.ProcessUnknown{})
		}
		return other{pid: found, java: java, at: looked}
	case found == 0 || o.told || d.running() != nil: // ours has just been started
		return o
	}
	o.told, o.path = true, outputOf(found)
	text := "its logins cannot be counted, since it is not known where its output goes"
	if o.path != "" {
		text = "its logins are counted, by " + o.path
	}
	emit(supervisor.ProcessUnknown{Why: fmt.Sprintf("IBC runs with this config.ini, as process %d; Gatelight has not started it, or does not know that any more; wait until it listens, or end it", found)})
	emit(supervisor.ActionProgressed{Text: fmt.Sprintf("somebody else runs IBC with this config.ini, as process %d; %s", found, text)})
	if o.path != "" {
		o.log, o.watch = newRunLog(o.path), newLogWatch(o.path)
		o.log.readAll(o.log.readBatch, loginsOnly(emit))
	}
	return o
}

// read reports what is new in the log: logins, and that the Gateway ends on
// purpose, if it is the one that has listened. It reports whether there was anything.
func (o other) read(d *Driver, emit func(supervisor.Event)) (grown bool) {
	if o.log == nil {
		return false
	}
	logins := loginsOnly(emit)
	return o.log.readBatch(func(e supervisor.Event) {
		if _, planned := e.(supervisor.PlannedEndSeen); planned {
			if f := d.foreign.Load(); f != nil && o.isGateway(*f) {
				emit(e)
			}
		}
		logins(e)
	})
}

// isGateway reports that it is the one that has listened. One that listens since the
// last look is known by where it writes.
func (o other) isGateway(f foreignGateway) bool {
	if f.at.After(o.at) {
		return o.path != "" && f.output == o.path
	}
	return f.pid == o.java
}

// loginsOnly reports the logins of the last hour. None of them is attended:
// nobody has asked Gatelight for it.
func loginsOnly(emit func(supervisor.Event)) func(supervisor.Event) {
	return func(e supervisor.Event) {
		if login, ok := e.(supervisor.LoginSeen); ok && supervisor.Now().Sub(login.At) < time.Hour {
			emit(supervisor.LoginSeen{At: login.At, More: login.More})
		}
	}
}

func (o other) close() {
	if o.log != nil {
		o.log.close()
		o.watch.stop()
	}
}
