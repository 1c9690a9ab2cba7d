package ibc

import (
	"fmt"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"gatelight/supervisor"
)

// A run is one running IBC script, and the Java that it starts.
type run struct {
	proof        // of the script, which leads the process group; the arguments hold no secret, see argv
	Log   string // IBC's output

	script, config string                 // by the settings: IBC's script and config.ini
	java           *atomic.Pointer[proof] // the Gateway's own process, once it has outlived the script; nil: it has not
	stopAskedBy    *atomic.Int32          // nobody, theUser, us or theLog
	file           *runFile
	reaped         *int             // the script's exit status, once the kernel has told it
	ended          *supervisor.Exit // how it had ended before us, when nobody had asked for that
	adopted        bool             // it began before us
	unknownFrom    time.Time        // since when something else may be the Gateway, after the script has ended
	told           bool             // people were told that its end is not known
	launched       chan struct{}    // gets a token when Java is launched after somebody has asked for the end
	afterLog       chan func()      // reports what comes after what IBC has logged so far
	phase          *atomic.Value    // supervisor.Phase: how far the start has come, by IBC's log
	javaBegan      chan struct{}    // closed when Java is launched
	loginBegan     chan struct{}    // closed when Java has come as far as the login
	over           chan struct{}    // closed when it has ended
	exit           supervisor.Exit  // how; set before over is closed
}

// Who has asked for the end of a run.
const (
	nobody int32 = iota
	theUser
	us     // as a part of a restart: the STOP in its log is not the user's
	theLog // IBC's log tells that somebody has; that counts only if the run ends accordingly
)

func (o Options) newRun() *run {
	return &run{file: &runFile{path: filepath.Join(o.RunDir, o.Gateway+".json")}, script: scriptIn(o.Path), config: o.Config,
		stopAskedBy: new(atomic.Int32), phase: new(atomic.Value), java: new(atomic.Pointer[proof]), launched: make(chan struct{}, 1),
		afterLog: make(chan func()), javaBegan: make(chan struct{}), loginBegan: make(chan struct{}), over: make(chan struct{})}
}

// process is the one that stands for the run.
func (r *run) process() proof {
	if r.scriptGone() {
		return *r.java.Load()
	}
	return r.proof
}

// scriptGone reports that the Gateway has outlived its script.
func (r *run) scriptGone() bool { return r.java != nil && r.java.Load() != nil }

// asksFor remembers who wants the run to end, before anything is done about it:
// what the user wants outlasts us.
func (r *run) asksFor(by int32) {
	was := r.stopAskedBy.Swap(by)
	if (was == theUser) != (by == theUser) {
		_ = r.save(nil) // it matters only if we are killed before the end
	}
}

// recordEnd keeps an end that nobody asked for, and forgets any other.
func (r *run) recordEnd(exit supervisor.Exit) {
	if r.endsOnPurpose(exit) || r.save(&exit) != nil {
		r.file.remove()
	}
	r.file.seal()
}

// endsOnPurpose reports an end that somebody has decided: Gatelight has asked
// for it, or IBC's log tells so and it has ended accordingly. The log alone
// proves nothing about a run that was killed or has crashed.
func (r *run) endsOnPurpose(exit supervisor.Exit) bool {
	by := r.stopAskedBy.Load()
	return by == theUser || by == theLog && exit.InOrder()
}

// adopt finds the Gateway that an earlier Gatelight has started, if it lives.
// An error means that this is not known. The Gateway then counts as neither
// running nor down: nothing may be started beside it. The error says what a
// person can do.
func (o Options) adopt() (*run, error) {
	if err := awaitLaunch(o.newRun().file); err != nil {
		return nil, err
	}
	r, err := o.recall()
	if err != nil || r == nil || r.ended != nil {
		return nil, err
	}
	if r.PID == 0 {
		if found, err := r.findLaunched(); !found || err != nil {
			return nil, err
		}
	}
	ours, err := r.isStillOurs()
	if !ours && err == nil {
		ours, err = r.findJava()
	}
	switch {
	case err != nil:
		return nil, fmt.Errorf("process %d may be the Gateway that an earlier Gatelight has started: %w; end it, or remove %s if it is another program", r.PID, err, r.file.path)
	case ours:
		return r, nil
	}
	return nil, nil
}

// findJava reports that the Gateway has outlived its script, which has ended.
// From then on that process is the run. An error means that it may have.
func (r *run) findJava() (bool, error) {
	if r.scriptGone() || r.PID <= 1 || isAlive(r.PID) {
		return false, nil
	}
	left := r.remains()
	if left.java == nil {
		return false, left.unknown
	}
	r.java.Store(left.java)
	return true, nil
}

// earlierEvents are what happened before this Gatelight: the logins of the last
// hour, which count against the budget, and how the Gateway has ended since, if
// nobody asked for that. adopted is the Gateway that runs on; unknown says why
// it is not known whether one does.
func (o Options) earlierEvents(adopted *run, unknown error) []supervisor.Event {
	var events []supervisor.Event
	for n := range keptLogs {
		if n == 0 && adopted != nil {
			continue // track reads it
		}
		log := newRunLog(o.logName(n))
		log.readPast(func(login supervisor.LoginSeen) {
			if supervisor.Now().Sub(login.At) < time.Hour {
				events = append(events, login)
			}
		}, func(supervisor.Event) {})
		log.close()
	}
	if adopted != nil || unknown != nil {
		return events
	}
	r, err := o.recall()
	if err != nil || r == nil {
		return events
	}
	if exit, known := o.unwatchedEnd(r); known {
		events = append(events, supervisor.GatewayEnded{Exit: exit, Before: true})
		if supervisor.Now().Sub(exit.At) > reportEndFor {
			r.file.remove()
		}
	}
	return events
}

// reportEndFor is how long an end that nobody asked for is reported at our next
// start.
const reportEndFor = 24 * time.Hour

// unwatchedEnd is how a run has ended before this Gatelight began. It is false
// for a run that was stopped on purpose, which is then forgotten.
func (o Options) unwatchedEnd(r *run) (exit supervisor.Exit, known bool) {
	if r.ended != nil {
		return *r.ended, true
	}
	log := o.newRunLog(r.Log)
	defer log.close()
	if log.catchUp(func(supervisor.Event) {}) {
		r.stopAskedBy.CompareAndSwap(nobody, theLog)
	}
	at := supervisor.Now()
	if info, err := os.Stat(r.Log); err == nil { // its last line is the best evidence there is
		at = info.ModTime().Round(0)
	}
	exit = log.exit(at, log.status)
	if r.PID == 0 || r.endsOnPurpose(exit) { // it was never started, or stopped
		r.file.remove()
		return exit, false
	}
	return exit, true
}
