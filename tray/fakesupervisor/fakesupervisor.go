// Package fakesupervisor is a supervisor for the tests of the tray and of its
// alerts: the test sets what it says, and reads what it was asked to do.
package fakesupervisor

import (
	"context"
	"sync"
	"time"

	"gatelight/supervisor"
)

// A Supervisor implements [supervisor.Supervisor].
type Supervisor struct {
	mu       sync.Mutex
	status   supervisor.Status
	watchers []chan supervisor.Status
	requests []Request
	refusal  error
	notices  uint64
}

// A Request is one call of Do.
type Request struct {
	Gateway string
	Action  supervisor.Action
}

// New is a supervisor of the given Gateways.
func New(gateways ...supervisor.Snapshot) *Supervisor {
	return &Supervisor{status: Status(gateways...)}
}

// Status is the status of an engine with the given Gateways.
func Status(gateways ...supervisor.Snapshot) supervisor.Status {
	return supervisor.Status{Gateways: gateways, Source: "engine"}
}

// Latest implements [supervisor.Supervisor].
func (s *Supervisor) Latest() supervisor.Status {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.status
}

// Watch implements [supervisor.Supervisor], but its channels are never closed.
func (s *Supervisor) Watch(context.Context) <-chan supervisor.Status {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := make(chan supervisor.Status, 1)
	c <- s.status
	s.watchers = append(s.watchers, c)
	return c
}

// Do implements [supervisor.Supervisor]: it remembers the request.
func (s *Supervisor) Do(_ context.Context, gateway string, a supervisor.Action) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests = append(s.requests, Request{gateway, a})
	return s.refusal
}

// Requests are the calls of Do so far.
func (s *Supervisor) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.requests
}

// Refuse makes Do return an error from now on; nil ends that.
func (s *Supervisor) Refuse(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refusal = err
}

// Set changes the status. As with the engine, a slow reader skips.
func (s *Supervisor) Set(gateways ...supervisor.Snapshot) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.status = Status(gateways...)
	s.send()
}

// Repeat sends the status once more, as an engine does after each look.
func (s *Supervisor) Repeat() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.send()
}

// Tell sets the status to one Gateway with one more notice than before. It
// numbers and dates the notice.
func (s *Supervisor) Tell(g supervisor.Snapshot, n supervisor.Notice) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.notices++
	n.Seq, n.At, n.State = s.notices, time.Now(), g.State
	for _, old := range s.status.Gateways {
		g.Notices = old.Notices
	}
	g.Notices = append(g.Notices[:len(g.Notices):len(g.Notices)], n)
	s.status = Status(g)
	s.send()
}

func (s *Supervisor) send() {
	for _, c := range s.watchers {
		select {
		case <-c:
		default:
		}
		c <- s.status
	}
}

// Gateway is a Gateway in the given state, as it was seen at a time and is fresh
// for that long.
func Gateway(state supervisor.State, seen time.Time, fresh time.Duration) supervisor.Snapshot {
	return supervisor.Snapshot{
		Name: "paper", Port: 4002, State: state, Since: seen, Why: "Because.",
		EvidenceAt: seen, FreshUntil: seen.Add(fresh),
		API: supervisor.Session{State: supervisor.SessionOff},
	}
}

// Now is a Gateway in the given state, seen now, which stays fresh for the test.
func Now(state supervisor.State) supervisor.Snapshot {
	return Gateway(state, time.Now(), time.Hour)
}

// Drop is an urgent notice of an incident.
func Drop(id uint64, title string) supervisor.Notice {
	return supervisor.Notice{ID: id, Kind: supervisor.NoticeDrop, Title: title, Body: "Because.", Urgent: true}
}

// Recovery is the notice that ends an incident.
func Recovery(id uint64, title string) supervisor.Notice {
	return supervisor.Notice{ID: id, Kind: supervisor.NoticeRecovery, Title: title, Body: "It answers again."}
}
