package supervisor

import (
	"context"
	"sync"
	"time"
)

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

func (f *fakeGateway) Identify(context.Context, int) (GatewaySeen, bool) { return GatewaySeen{}, false }
