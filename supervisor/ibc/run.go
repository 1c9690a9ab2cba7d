package ibc

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"gatelight/supervisor"
	"gatelight/supervisor/atomicfile"
)

// A run is one running IBC script. Its file outlives us, so that the next
// Gatelight finds the Gateway again. A pid alone proves nothing: another
// process may have it by now.
type run struct {
	PID       int       `json:"pid"`
	StartedAt time.Time `json:"started_at"`
	Args      []string  `json:"args"` // of the script; they hold no secret, see argv
	Log       string    `json:"log"`

	// How it ended, when nobody had asked for that. The file is kept then, so
	// that a Gatelight started anew does not take a crash for a normal end.
	Ended *supervisor.Exit `json:"ended,omitempty"`

	file        string
	adopted     bool          // it began before us
	stopAskedBy *atomic.Int32 // nobody, theUser or us
	reported    chan struct{} // closed when its first event is out
	ended       chan struct{} // closed when it has ended
}

// Who has asked for the end of a run.
const (
	nobody int32 = iota
	theUser
	us // as a part of a restart: the STOP in its log is not the user's
)

func (o Options) newRun() *run {
	return &run{file: filepath.Join(o.RunDir, o.Gateway+".json"), stopAskedBy: new(atomic.Int32),
		reported: make(chan struct{}), ended: make(chan struct{})}
}

// remember writes down what proves that this process is the Gateway.
func (o Options) remember(pid int, args []string, log string) (*run, error) {
	r := o.newRun()
	r.PID, r.Args, r.Log = pid, args, log
	var err error
	if r.StartedAt, _, err = identity(pid); err != nil {
		return nil, err
	}
	return r, r.save()
}

func (r *run) save() error {
	b, err := json.MarshalIndent(r, "", "\t")
	if err != nil {
		return err
	}
	return atomicfile.Replace(r.file, b, 0o600)
}

// recall reads what is remembered of the last run; nil when nothing is.
func (o Options) recall() *run {
	r := o.newRun()
	r.adopted = true
	b, err := os.ReadFile(r.file)
	if err != nil || json.Unmarshal(b, r) != nil {
		return nil
	}
	return r
}

// recordEnd keeps an end that nobody asked for, and forgets any other.
func (r *run) recordEnd(exit supervisor.Exit) {
	ended := *r // a stop may read r meanwhile
	ended.Ended = &exit
	if r.stopAskedBy.Load() == theUser || ended.save() != nil {
		os.Remove(r.file)
	}
}

// adopt finds the Gateway that an earlier Gatelight has started, if it lives.
// An error means that this is not known. The Gateway then counts as neither
// running nor down: nothing may be started beside it.
func (o Options) adopt() (*run, error) {
	r := o.recall()
	if r == nil || r.Ended != nil {
		return nil, nil
	}
	ours, err := r.isStillOurs()
	if err != nil {
		return nil, fmt.Errorf("process %d may be the Gateway that an earlier Gatelight has started, and it cannot be told: %w", r.PID, err)
	}
	if !ours {
		return nil, nil
	}
	return r, nil
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
			os.Remove(r.file)
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
	if r.Ended != nil {
		return *r.Ended, true
	}
	log := o.newRunLog(r.Log)
	defer log.close()
	if log.catchUp(func(supervisor.Event) {}) {
		os.Remove(r.file)
		return exit, false
	}
	at := supervisor.Now()
	if info, err := os.Stat(r.Log); err == nil { // its last line is the best evidence there is
		at = info.ModTime().Round(0)
	}
	return log.exit(at, log.status), true
}
