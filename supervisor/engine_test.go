package supervisor

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// A world the engine can be run in: everything it does is simulated time.
type fakeGateway struct {
	mu     sync.Mutex
	view   PortView
	err    error
	stuck  bool // looks never return
	looks  int
	exits  map[int]chan struct{}
	wake   chan struct{}
	acted  []Action
	actErr error
	emit   func(Event)

	sessions int
	session  chan string // what ends the session, with the reason
	silent   bool        // sessions never become ready
	entries  []Entry
}

func newFakeGateway() *fakeGateway {
	return &fakeGateway{exits: map[int]chan struct{}{}, wake: make(chan struct{}), session: make(chan string)}
}

func (f *fakeGateway) Reader() string { return "fake" }

func (f *fakeGateway) Look(ctx context.Context, ports []int) (Table, error) {
	f.mu.Lock()
	f.looks++
	stuck, view, err := f.stuck, f.view, f.err
	f.mu.Unlock()
	if stuck {
		<-ctx.Done()
		return Table{}, ctx.Err()
	}
	return Table{At: Now(), Reader: "fake", Ports: map[int]PortView{ports[0]: view}}, err
}

func (f *fakeGateway) AwaitExit(ctx context.Context, pid int) error {
	f.mu.Lock()
	exit, ok := f.exits[pid]
	if !ok {
		exit = make(chan struct{})
		f.exits[pid] = exit
	}
	f.mu.Unlock()
	select {
	case <-exit:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (f *fakeGateway) AwaitWake(ctx context.Context) error {
	select {
	case <-f.wake:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (f *fakeGateway) Follow(ctx context.Context, emit func(Event)) {
	f.mu.Lock()
	f.emit = emit
	f.mu.Unlock()
	<-ctx.Done()
}

func (f *fakeGateway) Perform(ctx context.Context, a PerformAction) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.acted = append(f.acted, a.Action)
	return f.actErr
}

func (f *fakeGateway) hold(ctx context.Context, id int, emit func(Event)) string {
	f.mu.Lock()
	f.sessions++
	silent := f.silent
	f.mu.Unlock()
	emit(SessionStarted{PID: 77})
	if !silent {
		emit(SessionReady{ServerVersion: 187})
	}
	beat := time.NewTicker(5 * time.Second)
	defer beat.Stop()
	for {
		select {
		case <-ctx.Done():
			return "stopped"
		case why := <-f.session:
			return why
		case <-beat.C:
			if !silent {
				emit(HeartbeatAnswered{RTT: time.Millisecond})
			}
		}
	}
}

func (f *fakeGateway) record(e Entry) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.entries = append(f.entries, e)
}

func (f *fakeGateway) set(change func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change()
}

func (f *fakeGateway) listen() {
	f.set(func() { f.view = PortView{Listener: &Listener{Address: "*:4002", Process: Process{PID: 4711}}} })
}

// run runs an engine in a bubble of simulated time until the test is over.
// keepRunning is what a failing look must not be able to abuse.
func keepRunning() Policy {
	p := DefaultPolicy()
	p.KeepRunning = true
	return p
}

func run(t *testing.T, test func(t *testing.T, e *Engine, f *fakeGateway)) *fakeGateway {
	var f *fakeGateway
	synctest.Test(t, func(t *testing.T) {
		f = newFakeGateway() // in here: its channels belong to the bubble
		e := NewEngine(EngineConfig{
			Gateways: []Gateway{{Policy: keepRunning(), Driver: f, Session: f.hold}},
			Sockets:  f, Record: f.record, Version: "test",
		})
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() { defer close(ended); e.Run(ctx) }()
		synctest.Wait()
		test(t, e, f)
		cancel()
		<-ended
	})
	return f
}

func state(e *Engine) State { return e.Latest().Gateways[0].State }

func TestFromDownToConnectedAndBack(t *testing.T) {
	f := run(t, func(t *testing.T, e *Engine, f *fakeGateway) {
		if got := state(e); got != Down {
			t.Errorf("%s at first, want down", got)
		}
		f.listen()
		time.Sleep(3 * time.Second)
		synctest.Wait()
		if got := state(e); got != Connected {
			t.Fatalf("%s with a listener, want connected: %s", got, e.Latest().Gateways[0].Why)
		}
		f.set(func() { f.view = PortView{}; close(f.exits[4711]) })
		f.session <- "the Gateway closed the connection"
		synctest.Wait() // no time passes: the process's end is reason enough to look
		if got := state(e); got != Down {
			t.Errorf("%s at once after the process has ended, want down", got)
		}
		if n := e.Latest().Gateways[0].Notices; len(n) != 1 || n[0].Kind != NoticeDrop {
			t.Errorf("people heard %+v, want one drop", n)
		}
	})
	var states []string
	for _, e := range f.entries {
		if e.Kind == "state" {
			states = append(states, string(e.To))
		}
	}
	if got := strings.Join(states, " "); got != "down listening connected down" {
		t.Errorf("recorded: %s", got)
	}
}

func TestAHangingLookIsUnknownAndHoldsNothingUp(t *testing.T) {
	run(t, func(t *testing.T, e *Engine, f *fakeGateway) {
		f.set(func() { f.silent = true })
		f.listen()
		time.Sleep(10 * time.Second)
		f.set(func() { f.stuck = true })
		time.Sleep(10 * time.Second)
		synctest.Wait()
		if got := state(e); got != Unknown {
			t.Errorf("%s while looks hang, want unknown", got)
		}
		if err := e.Do(t.Context(), "", Stop); err == nil || !strings.Contains(err.Error(), "unknown") {
			t.Errorf("stop: %v, want it refused", err)
		}
		if len(f.acted) != 0 {
			t.Errorf("acted: %v", f.acted)
		}
		f.set(func() { f.stuck = false })
		time.Sleep(10 * time.Second)
		synctest.Wait()
		if got := state(e); got != Listening {
			t.Errorf("%s when it can be seen again, want listening", got)
		}
	})
}

func TestFailingLooksNeverActForADay(t *testing.T) {
	f := run(t, func(t *testing.T, e *Engine, f *fakeGateway) {
		f.listen()
		time.Sleep(3 * time.Second)
		f.set(func() { f.err = errors.New("lsof is missing"); f.silent = true })
		f.session <- "gone"
		time.Sleep(24 * time.Hour)
		synctest.Wait()
		if got := state(e); got != Unknown {
			t.Errorf("%s, want unknown", got)
		}
	})
	if len(f.acted) != 0 || f.sessions != 1 {
		t.Errorf("acted %v, %d sessions; want nothing done on a guess", f.acted, f.sessions)
	}
}

// The settings end with what was asked for last, however slow the disk.
func TestTheLastWishIsWritten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var written []bool
		disk := make(chan struct{})
		f := newFakeGateway()
		e := NewEngine(EngineConfig{Gateways: []Gateway{{Policy: DefaultPolicy(), Driver: f, Session: f.hold, SaveKeepRunning: func(keep bool) error {
			if len(written) == 0 {
				<-disk
			}
			written = append(written, keep)
			return nil
		}}}, Sockets: f, Version: "test"})
		ctx, cancel := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		wg.Go(func() { e.Run(ctx) })
		for _, wish := range []Action{KeepRunningOn, KeepRunningOff, KeepRunningOn, KeepRunningOff} {
			wg.Go(func() {
				if err := e.Do(ctx, "", wish); err != nil {
					t.Errorf("%s: %v", wish, err)
				}
			})
			synctest.Wait()
		}
		close(disk)
		synctest.Wait()
		if len(written) != 4 || written[3] || e.Latest().Gateways[0].KeepRunning {
			t.Errorf("written %v, and keep running is %v; want it off", written, e.Latest().Gateways[0].KeepRunning)
		}
		cancel()
		wg.Wait()
	})
}

func TestDoAnswersWhenItIsDone(t *testing.T) {
	run(t, func(t *testing.T, e *Engine, f *fakeGateway) {
		if err := e.Do(t.Context(), "", Start); err != nil {
			t.Errorf("start: %v", err)
		}
		f.set(func() { f.actErr = errors.New("IBC is not installed") })
		if err := e.Do(t.Context(), "paper", Start); err == nil || err.Error() != "cannot start paper: IBC is not installed" {
			t.Errorf("start: %v, want the driver's reason", err)
		}
		if err := e.Do(t.Context(), "live", Start); err == nil || !strings.Contains(err.Error(), "paper") {
			t.Errorf("start: %v, want the names there are", err)
		}
		if !slices.Equal(f.acted, []Action{Start, Start}) {
			t.Errorf("acted %v", f.acted)
		}
	})
}

func TestWatchSkipsButNeverMissesTheLast(t *testing.T) {
	run(t, func(t *testing.T, e *Engine, f *fakeGateway) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		slow := e.Watch(ctx)
		<-slow
		for i := range 100 {
			e.emitter(ctx, 0)(CodeReceived{Code: 2104, Text: fmt.Sprint(i)})
		}
		synctest.Wait()
		if w := <-slow; w.Gateways[0].API.LastText != "99" {
			t.Errorf("the slow reader got %q, want the newest", w.Gateways[0].API.LastText)
		}
		cancel()
		synctest.Wait()
		if _, open := <-slow; open {
			t.Error("the watch goes on after its context")
		}
	})
}

func TestQuittingWithAPendingHandshakeSaysSo(t *testing.T) {
	f := run(t, func(t *testing.T, e *Engine, f *fakeGateway) {
		f.set(func() { f.silent = true })
		f.listen()
		time.Sleep(3 * time.Second)
	})
	last := f.entries[len(f.entries)-1]
	if !strings.Contains(last.Text, "handshake is pending") {
		t.Errorf("the last entry is %+v", last)
	}
	if len(f.acted) != 0 {
		t.Errorf("quitting did %v to the Gateway", f.acted)
	}
}

func TestAfterItsEndTheEngineStillAnswers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFakeGateway()
		e := NewEngine(EngineConfig{Gateways: []Gateway{{Policy: DefaultPolicy(), Driver: f, Session: f.hold}}, Sockets: f})
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		e.Run(ctx)
		var refused *ActionError
		if err := e.Do(t.Context(), "", Start); !errors.As(err, &refused) || refused.Reason != ReasonQuitting {
			t.Errorf("%v, want %s", err, ReasonQuitting)
		}
		if _, open := <-e.Watch(t.Context()); open {
			t.Error("a watch of an ended engine is open")
		}
	})
}

func (f *fakeGateway) Identify(context.Context, int) (GatewaySeen, bool) { return GatewaySeen{}, false }
