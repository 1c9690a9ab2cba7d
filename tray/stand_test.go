package tray

import (
	"context"
	"sync"
	"time"

	"gatelight/supervisor"
)

// A stand is a supervisor whose world the test sets.
type stand struct {
	mu       sync.Mutex
	world    supervisor.Status
	watchers []chan supervisor.Status
	done     []Command
	refuses  error // what Do answers
	notices  uint64
}

func newStand(s ...supervisor.Snapshot) *stand { return &stand{world: world(s...)} }

func (s *stand) Latest() supervisor.Status {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.world
}

func (s *stand) Watch(ctx context.Context) <-chan supervisor.Status {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := make(chan supervisor.Status, 1)
	c <- s.world
	s.watchers = append(s.watchers, c)
	return c
}

func (s *stand) Do(_ context.Context, gateway string, a supervisor.Action) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.done = append(s.done, Command{Gateway: gateway, Action: a})
	return s.refuses
}

func (s *stand) did() []Command {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.done
}

// set changes the world, as the engine does: a slow reader skips.
func (s *stand) set(snapshots ...supervisor.Snapshot) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.world = world(snapshots...)
	for _, c := range s.watchers {
		select {
		case <-c:
		default:
		}
		c <- s.world
	}
}

// now is a snapshot that is fresh for the whole test.
func now(state supervisor.State) supervisor.Snapshot {
	s := in(state)
	t := time.Now()
	s.Since, s.EvidenceAt, s.FreshUntil = t, t, t.Add(time.Hour)
	return s
}

// tell sets the world to one in which a notice was just told.
func (s *stand) tell(g supervisor.Snapshot, n supervisor.Notice) supervisor.Notice {
	s.mu.Lock()
	s.notices++
	n.Seq, n.At, n.State = s.notices, time.Now(), g.State
	for _, old := range s.world.Gateways {
		g.Notices = old.Notices
	}
	g.Notices = append(g.Notices[:len(g.Notices):len(g.Notices)], n)
	s.mu.Unlock()
	s.set(g)
	return n
}

func drop(id uint64, text string) supervisor.Notice {
	return supervisor.Notice{ID: id, Kind: supervisor.NoticeDrop, Title: text, Body: "Because.", Urgent: true}
}

func recovery(id uint64, text string) supervisor.Notice {
	return supervisor.Notice{ID: id, Kind: supervisor.NoticeRecovery, Title: text, Body: "It answers again."}
}
