package ibc

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync/atomic"
	"time"

	"github.com/shirou/gopsutil/v3/process"

	"gatelight/supervisor"
	"gatelight/supervisor/atomicfile"
)

// A run is one running IBC script. Its file outlives us, so that the next
// Gatelight knows the Gateway again. A pid alone proves nothing: it may have
// been given to another process since.
type run struct {
	PID       int       `json:"pid"`
	StartedAt time.Time `json:"started_at"`
	Args      []string  `json:"args"` // of the script; they hold no secret, see argv
	Log       string    `json:"log"`

	// How it ended, when nobody had asked for that. The file is kept then, so
	// that a Gatelight started anew does not take a crash for peace.
	Ended *supervisor.Exit `json:"ended,omitempty"`

	file     string
	adopted  bool          // it began before us
	stopping *atomic.Bool  // the user has asked for its end
	ours     *atomic.Bool  // we have, on the way to something else: its STOP in the log is not the user's
	seen     chan struct{} // closed when its first event is out
	ended    chan struct{} // closed when it has ended
}

func (d *Driver) runFile() string { return filepath.Join(d.o.RunDir, d.o.Gateway+".json") }

// remember writes down what proves that this process is the Gateway.
func (d *Driver) remember(pid int, args []string, log string) (*run, error) {
	r := &run{PID: pid, Args: args, Log: log, file: d.runFile(), seen: make(chan struct{}), ended: make(chan struct{}), stopping: new(atomic.Bool), ours: new(atomic.Bool)}
	var err error
	if r.StartedAt, _, err = identity(pid); err != nil {
		return nil, err
	}
	b, err := json.MarshalIndent(r, "", "\t")
	if err != nil {
		return nil, err
	}
	return r, atomicfile.Replace(r.file, b, 0o600)
}

// recall reads what is remembered of the last run; nil when nothing is.
func (d *Driver) recall() *run {
	b, err := os.ReadFile(d.runFile())
	if err != nil {
		return nil
	}
	r := &run{file: d.runFile(), adopted: true, seen: make(chan struct{}), ended: make(chan struct{}), stopping: new(atomic.Bool), ours: new(atomic.Bool)}
	if json.Unmarshal(b, r) != nil {
		return nil
	}
	return r
}

// stop notes that its end is asked for, by the user for good or by us.
func (r *run) stop(forGood bool) {
	r.stopping.Store(forGood)
	r.ours.Store(!forGood)
}

// goOn takes that back.
func (r *run) goOn() {
	r.stopping.Store(false)
	r.ours.Store(false)
}

// adopt finds the Gateway that an earlier Gatelight has started, if it lives. An
// error means that it cannot be told, and so is neither running nor down: nothing
// may be started beside it.
func (d *Driver) adopt() (*run, error) {
	r := d.recall()
	if r == nil || r.Ended != nil {
		return nil, nil
	}
	lives, err := r.lives()
	if err != nil {
		return nil, fmt.Errorf("process %d may be the Gateway that an earlier Gatelight has started, and it cannot be told: %w; end it by hand if it is not", r.PID, err)
	}
	if !lives {
		return nil, nil
	}
	return r, nil
}

// past is what the Gatelight before us has left to tell: the logins of the last
// hour, which count against the budget, and how the Gateway has ended since, if
// nobody asked for that.
func (d *Driver) past() []supervisor.Event {
	var events []supervisor.Event
	left, unsure := d.adopt()
	for n := range keptLogs {
		if n == 0 && left != nil {
			continue // adopting it tells
		}
		log := &tail{path: d.logName(n)}
		log.read(log.history(func(e supervisor.Event) {
			if now().Sub(e.(supervisor.LoginSeen).At) < time.Hour {
				events = append(events, e)
			}
		}, func(supervisor.Event) {}))
		log.close()
	}
	r := d.recall()
	if r == nil || left != nil || unsure != nil {
		return events
	}
	exit := r.Ended
	if exit == nil {
		if exit = d.endedAlone(r); exit == nil {
			return events
		}
	}
	if now().Sub(exit.At) > toldFor {
		os.Remove(r.file)
	}
	return append(events, supervisor.GatewayEnded{Exit: *exit, Before: true})
}

// toldFor is how long an end that nobody asked for is news at our next start.
const toldFor = 24 * time.Hour

// endedAlone is how a run has ended while nobody was there; nil when it was
// stopped on purpose.
func (d *Driver) endedAlone(r *run) *supervisor.Exit {
	log := &tail{path: r.Log}
	defer log.close()
	if log.catchUp(func(supervisor.Event) {}) {
		os.Remove(r.file)
		return nil
	}
	return &supervisor.Exit{At: lastWritten(r.Log), Status: log.status, Why: exitWords(log.status)}
}

// lastWritten is the best there is to say when a run ended that nobody watched.
func lastWritten(path string) time.Time {
	if info, err := os.Stat(path); err == nil {
		return info.ModTime().Round(0)
	}
	return now()
}

// identity is what makes a process unmistakable.
func identity(pid int) (time.Time, []string, error) {
	p := process.Process{Pid: int32(pid)}
	ms, err := p.CreateTime()
	if err != nil {
		return time.Time{}, nil, err
	}
	argv, err := arguments(&p)
	return time.UnixMilli(ms), argv, err
}

// alive reports that the very process lives on, proven.
func (r *run) alive() bool {
	lives, err := r.lives()
	return lives && err == nil
}

// lives compares what runs under the pid: same start, and a command line that
// ends with the arguments we gave (in front of them stands the script's
// interpreter, or the program it has become). Start times are compared to two
// seconds: Linux derives them from a boot time that moves with the clock. An
// error means that it cannot be told.
func (r *run) lives() (bool, error) {
	if r.PID <= 1 || len(r.Args) == 0 || !exists(r.PID) {
		return false, nil
	}
	started, argv, err := identity(r.PID)
	switch {
	case err != nil && !exists(r.PID): // it ended just now
		return false, nil
	case err != nil:
		return false, err
	case len(argv) < len(r.Args):
		return false, nil
	}
	if !slices.Equal(argv[len(argv)-len(r.Args):], r.Args) {
		return false, nil
	}
	if apart := started.Sub(r.StartedAt).Abs(); apart > 2*time.Second {
		return false, fmt.Errorf("it is called as the Gateway was, but has another start time (was the clock set?)")
	}
	return true, nil
}

// track follows a run until it or ctx ends. It calls known when the run has been
// told of.
func (d *Driver) track(ctx context.Context, r *run, emit func(supervisor.Event), known func()) {
	emit(d.seen(r))
	log := &tail{path: r.Log}
	defer log.close()
	if !r.adopted {
		log.readLive(emit)
	} else if log.catchUp(emit) {
		r.stopping.Store(true)
	}
	close(r.seen)
	known()

	ended, stop := d.awaitExit(ctx, r.PID)
	defer stop()
	turn := newTurn(r.Log)
	defer turn.end()
	emit = r.noticingStops(emit)
	asked := false // whether it lives is asked at every turn, instead of waited for
	for {
		select {
		case <-ctx.Done():
			return
		case <-ended:
			ended, asked = nil, true
		case w := <-turn.written():
			turn.gather(w)
			continue
		case <-turn.failed():
			turn.unwatch()
		case <-turn.timer.C:
		}
		turn.next(log.readLive(emit), asked)
		if !asked {
			continue
		}
		status, over := r.over()
		if !over {
			continue
		}
		log.readLive(emit)
		if log.status >= 0 && status < endedBySignal {
			status = log.status // IBC's own word on how the Gateway ended, unless the script itself was killed
		}
		exit := supervisor.Exit{At: now(), Status: status, Why: exitWords(status)}
		r.close(exit)
		d.forget(r) // before anybody hears of it, so that it can be started again
		emit(supervisor.GatewayEnded{Exit: exit})
		close(r.ended) // whoever waits for it to answer answers last
		return
	}
}

// awaitExit closes the channel when the process has ended, or when that cannot be
// waited for. stop gives up waiting.
func (d *Driver) awaitExit(ctx context.Context, pid int) (ended <-chan struct{}, stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = d.o.Sockets.AwaitExit(ctx, pid) // whatever it says, it is asked then
	}()
	return done, func() { cancel(); <-done }
}

// noticingStops makes the run know when it is being stopped.
func (r *run) noticingStops(emit func(supervisor.Event)) func(supervisor.Event) {
	return func(e supervisor.Event) {
		if _, stop := e.(supervisor.StopCommandSeen); stop && !r.ours.Load() {
			r.stopping.Store(true)
		}
		emit(e)
	}
}

// close keeps an end that nobody asked for, and forgets any other.
func (r *run) close(exit supervisor.Exit) {
	ended := *r // whoever is stopping it reads r meanwhile
	ended.Ended = &exit
	if b, err := json.MarshalIndent(ended, "", "\t"); err == nil && !r.stopping.Load() && atomicfile.Replace(r.file, b, 0o600) == nil {
		return
	}
	os.Remove(r.file)
}

// over reports that the process has ended, and its status if it was our child;
// of an adopted one only the log may tell. A child is over when the kernel says
// so, and any other when its end is proven: not being able to look is no end.
func (r *run) over() (status int, over bool) {
	lives, err := r.lives()
	if lives {
		return -1, false
	}
	switch status, as := reap(r.PID); as {
	case reaped:
		return status, true
	case running:
		return -1, false
	}
	return -1, err == nil
}

// childhood is what the kernel says of a pid that may be a child of ours.
type childhood int

const (
	noChild childhood = iota // no child, or the system does not tell
	running
	reaped
)

// Running tells of a Gateway that an earlier Gatelight has started and that
// lives, without following it.
func (d *Driver) Running() (supervisor.GatewaySeen, bool) {
	r, err := d.adopt()
	if r == nil || err != nil {
		return supervisor.GatewaySeen{}, false
	}
	return d.seen(r), true
}

// seen tells of a run of ours.
func (d *Driver) seen(r *run) supervisor.GatewaySeen {
	e := supervisor.GatewaySeen{PID: r.PID, StartedAt: r.StartedAt, By: supervisor.ByGatelight}
	e.Controls, e.Restarts = d.controls(d.o.Config, true)
	return e
}
