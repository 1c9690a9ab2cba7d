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
	PID       int // of the script, and of the process group that it leads
	StartedAt time.Time
	Args      []string // of the script; they hold no secret, see argv
	Log       string

	java        *atomic.Pointer[proof] // the Gateway's own process, once it has outlived the script; nil: it has not
	stopAskedBy *atomic.Int32          // nobody, theUser or us
	file        *runFile
	ended       *supervisor.Exit // how it had ended before us, when nobody had asked for that
	adopted     bool             // it began before us
	launched    chan struct{}    // gets a token when Java is launched after somebody has asked for the end
	afterLog    chan func()      // reports what comes after what IBC has logged so far
	javaBegan   chan struct{}    // closed when Java is launched
	loginBegan  chan struct{}    // closed when Java has come as far as the login
	over        chan struct{}    // closed when it has ended
	exit        supervisor.Exit  // how; set before over is closed
}

// A proof is what tells a process from every other one. A pid alone proves
// nothing: another process may have it by now.
type proof struct {
	PID       int       `json:"pid"`
	StartedAt time.Time `json:"started_at"`
	Args      []string  `json:"args"` // the last ones of its command line
}

// Who has asked for the end of a run.
const (
	nobody int32 = iota
	theUser
	us // as a part of a restart: the STOP in its log is not the user's
)

func (o Options) newRun() *run {
	return &run{file: &runFile{path: filepath.Join(o.RunDir, o.Gateway+".json")}, stopAskedBy: new(atomic.Int32), java: new(atomic.Pointer[proof]),
		launched: make(chan struct{}, 1),
		afterLog: make(chan func()), javaBegan: make(chan struct{}), loginBegan: make(chan struct{}), over: make(chan struct{})}
}

// remember writes down what proves that this process is the Gateway.
func (o Options) remember(pid int, args []string, log string) (*run, error) {
	r := o.newRun()
	r.PID, r.Args, r.Log = pid, args, log
	var err error
	if r.StartedAt, _, err = identity(pid); err != nil {
		return nil, err
	}
	return r, r.save(nil)
}

// process is the one that stands for the run.
func (r *run) process() proof {
	if r.scriptGone() {
		return *r.java.Load()
	}
	return proof{r.PID, r.StartedAt, r.Args}
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
	if r.stopAskedBy.Load() == theUser || r.save(&exit) != nil {
		r.file.remove()
	}
	r.file.seal()
}

// adopt finds the Gateway that an earlier Gatelight has started, if it lives.
// An error means that this is not known. The Gateway then counts as neither
// running nor down: nothing may be started beside it.
func (o Options) adopt() (*run, error) {
	r := o.recall()
	if r == nil || r.ended != nil {
		return nil, nil
	}
	ours, err := r.isStillOurs()
	if err != nil {
		return nil, fmt.Errorf("process %d may be the Gateway that an earlier Gatelight has started, and it cannot be told: %w", r.PID, err)
	}
	if ours || r.findJava() {
		return r, nil
	}
	return nil, nil
}

// earlierEvents are what happened before this Gatelight: the logins of the last
// hour, which count against the budget, and how the Gateway has ended since, if
// nobody asked for that.
func (o Options) earlierEvents() []supervisor.Event {
	var events []supervisor.Event
	adopted, unknown := o.adopt()
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
	r := o.recall()
	if r == nil || adopted != nil || unknown != nil {
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
	if log.catchUp(func(supervisor.Event) {}) || r.stopAskedBy.Load() == theUser {
		r.file.remove()
		return exit, false
	}
	at := supervisor.Now()
	if info, err := os.Stat(r.Log); err == nil { // its last line is the best evidence there is
		at = info.ModTime().Round(0)
	}
	return log.exit(at, log.status), true
}
