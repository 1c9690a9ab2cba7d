package supervisor

import (
	"context"
	"sync"
	"testing"
	"time"
)

// A fakeGateway is a Gateway with everything that an engine needs around it: it
// reads the sockets, drives the Gateway, holds its sessions and keeps the event
// log.
type fakeGateway struct {
	mu     sync.Mutex
	view   PortView
	err    error // of every look
	stuck  bool  // looks never return
	looks  int
	exits  map[int]chan struct{} // by pid; closed when that process ends
	wake   chan struct{}         // a value is one wake-up of the machine
	acted  []Action
	actErr error // of every action
	emit   func(Event)

	sessions int         // how many were opened
	session  chan string // a value ends the session, for that reason
	silent   bool        // sessions never become ready
	entries  []Entry
}

// startEngine runs an engine. stop ends it and waits until it has ended.
func startEngine(t *testing.T, c EngineConfig) (e *Engine, stop func()) {
	e = NewEngine(c)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { defer close(ended); e.Run(ctx) }()
	return e, func() { cancel(); <-ended }
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
	f.set(func() { f.emit = emit })
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
	f.set(func() { f.entries = append(f.entries, e) })
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
