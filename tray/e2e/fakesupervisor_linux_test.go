package e2e

import (
	"context"
	"fmt"
	"log/slog"
	"net/netip"
	"slices"
	"sync"
	"testing"
	"time"

	"gatelight/supervisor"
	"gatelight/supervisor/status"
)

// A fakeSupervisor is a supervisor that a test speaks for, behind a real control
// socket: the tray is a view of it, and what is right to show is known.
type fakeSupervisor struct {
	mu      sync.Mutex
	world   supervisor.Status
	readers map[chan supervisor.Status]bool
	done    chan supervisor.Action // what was asked for
	then    *supervisor.Snapshot   // what becomes of it, before it is answered; nil: nothing
}

// newFakeSupervisor takes the place of the bench's supervisor.
func newFakeSupervisor(t *testing.T, b *harness, first supervisor.Snapshot) *fakeSupervisor {
	t.Helper()
	s := &fakeSupervisor{readers: map[chan supervisor.Status]bool{}, done: make(chan supervisor.Action, 1000)}
	s.tell(first)
	lock, err := status.TakeLock(b.paths())
	if err != nil {
		t.Fatal(err)
	}
	server, err := status.Listen(lock, s, slog.New(slog.DiscardHandler), nil)
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve() }()
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
		if err := <-served; err != nil {
			t.Error(err)
		}
	})
	return s
}

// tell makes these all the Gateways there are, and their states.
func (s *fakeSupervisor) tell(all ...supervisor.Snapshot) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.world = supervisor.Status{Gateways: all, Source: "engine"}
	for r := range s.readers {
		replace(r, s.world)
	}
}

// on has anything that is asked for lead to this.
func (s *fakeSupervisor) on(then supervisor.Snapshot) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.then = &then
}

func replace(r chan supervisor.Status, w supervisor.Status) {
	select {
	case <-r:
	default:
	}
	r <- w
}

// Latest implements [supervisor.Supervisor].
func (s *fakeSupervisor) Latest() supervisor.Status {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.world
}

// Watch implements [supervisor.Supervisor].
func (s *fakeSupervisor) Watch(ctx context.Context) <-chan supervisor.Status {
	r := make(chan supervisor.Status, 1)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.readers[r] = true
	r <- s.world
	context.AfterFunc(ctx, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.readers, r)
		close(r)
	})
	return r
}

// Do implements [supervisor.Supervisor].
func (s *fakeSupervisor) Do(_ context.Context, _ string, a supervisor.Action) error {
	s.done <- a
	s.mu.Lock()
	then := s.then
	s.mu.Unlock()
	if then != nil {
		s.tell(*then)
	}
	return nil
}

// A example is a state with the picture that is right for it.
type example struct {
	picture  string
	state    supervisor.State
	phase    supervisor.Phase
	expected bool
}

var examples = []example{
	{picture: "connected", state: supervisor.Connected},
	{picture: "listening", state: supervisor.Listening},
	{picture: "cut-off", state: supervisor.CutOff},
	{picture: "zombies", state: supervisor.Zombies},
	{picture: "silent", state: supervisor.Silent},
	{picture: "starting", state: supervisor.Starting},
	{picture: "two-factor", state: supervisor.Starting, phase: supervisor.TwoFactor},
	{picture: "needs-you", state: supervisor.Starting, phase: supervisor.NeedsYou},
	{picture: "down", state: supervisor.Down},
	{picture: "down-expected", state: supervisor.Down, expected: true},
	{picture: "unknown", state: supervisor.Unknown},
}

// snapshot is the scene as a supervisor tells it; n makes each differ.
func (c example) snapshot(n int) supervisor.Snapshot {
	now := time.Now().Round(0)
	s := supervisor.Snapshot{
		Name: "paper", Port: 4002, Simulated: true, HasConfigSource: true,
		State: c.state, Phase: c.phase, Expected: c.expected, Since: now, LookFresh: true,
		Why: fmt.Sprintf("This is number %d", n), EvidenceAt: now, FreshUntil: now.Add(time.Hour), Reader: "script",
		KeepRunning: n%2 == 0,
	}
	if c.state == supervisor.Down {
		return s
	}
	s.Process = supervisor.GatewayProcess{PID: 4711, By: supervisor.ByGatelight, StartedAt: now,
		Controls: supervisor.Controls{Command: true, Signal: true, KeepsLogin: n%3 == 0}}
	for i := range n % 4 {
		s.Clients = append(s.Clients, supervisor.Client{Peer: peer(50000 + n%100 + i), Since: now,
			Process: supervisor.Process{PID: 100 + i, Name: "python3", Command: fmt.Sprintf("trader%d.py", i)}}) // a new name would not be disconnected at once
	}
	if c.state == supervisor.Zombies {
		for i := range 1 + n%3 {
			s.Zombies = append(s.Zombies, supervisor.Zombie{Peer: peer(60000 + n%100 + i), Since: now})
		}
	}
	return s
}

func peer(port int) netip.AddrPort {
	return netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), uint16(port))
}

// running are the scenes in which the Gateway runs, so that it can be stopped.
func runningExamples() []example {
	return slices.DeleteFunc(slices.Clone(examples), func(c example) bool {
		return c.state == supervisor.Down || c.state == supervisor.Unknown
	})
}
