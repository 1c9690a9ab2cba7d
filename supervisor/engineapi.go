package supervisor

import (
	"context"
	"fmt"
	"slices"
	"sync"
)

// quitting is the error of a request when the engine has ended.
func quitting(a Action, gateway string) error {
	return &ActionError{Action: a, Gateway: gateway, Reason: ReasonQuitting, Text: "Gatelight is quitting"}
}

// Latest implements [Supervisor].
func (e *Engine) Latest() Status { return *e.latest.Load() }

// Watch implements [Supervisor].
func (e *Engine) Watch(ctx context.Context) <-chan Status {
	ch := make(chan Status, 1)
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.ended {
		close(ch)
		return ch
	}
	ch <- *e.latest.Load()
	e.readers[ch] = struct{}{}
	context.AfterFunc(ctx, func() {
		e.mu.Lock()
		defer e.mu.Unlock()
		if _, here := e.readers[ch]; here {
			delete(e.readers, ch)
			close(ch)
		}
	})
	return ch
}

// publish makes this the newest Status. A reader that has not received the one
// before gets only this one.
func (e *Engine) publish(w *Status) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.latest.Store(w)
	for ch := range e.readers {
		select {
		case <-ch:
		default:
		}
		ch <- *w
	}
}

// Do implements [Supervisor].
func (e *Engine) Do(ctx context.Context, gateway string, a Action) error {
	status := e.Latest()
	g, ok := status.Gateway(gateway)
	if !ok {
		return status.UnknownGateway(gateway)
	}
	if a.Disconnects() {
		if err := e.refuseNewClient(ctx, g, a); err != nil {
			return err
		}
	}
	i := slices.IndexFunc(status.Gateways, func(s Snapshot) bool { return s.Name == g.Name })
	id, answer := e.lastRequest.Add(1), make(chan *ActionError, 1)
	e.mu.Lock()
	e.waiting[id] = answer
	e.mu.Unlock()
	defer e.forget(id)
	select {
	case e.events <- posted{i, ActionRequested{ID: id, Action: a}}:
	case <-e.done:
		return quitting(a, g.Name)
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case <-e.done:
		return quitting(a, g.Name)
	case err := <-answer:
		if err != nil { // a nil *ActionError would be an error that is not nil
			return err
		}
		return nil
	case <-ctx.Done():
		return fmt.Errorf("%s of %s is under way, but was not waited for: %w", a, g.Name, ctx.Err())
	}
}

func (e *Engine) reply(r Reply) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if answer, ok := e.waiting[r.ID]; ok {
		answer <- r.Err // never blocks: there is room for the only reply
	}
}

func (e *Engine) forget(id uint64) {
	e.mu.Lock()
	defer e.mu.Unlock()
	delete(e.waiting, id)
}

// end closes all watches and ends all calls of Do, since the engine has ended.
func (e *Engine) end() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.ended = true
	close(e.done)
	for ch := range e.readers {
		delete(e.readers, ch)
		close(ch)
	}
}

// An entryQueue holds the entries, in order, between the loop, which must not wait,
// and the event log, which may be on a slow disk.
type entryQueue struct {
	mu      sync.Mutex
	entries []Entry
	more    chan struct{} // has a value when there are entries
}

func (q *entryQueue) add(e Entry) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.entries = append(q.entries, e)
	select {
	case q.more <- struct{}{}:
	default:
	}
}

func (q *entryQueue) take() []Entry {
	q.mu.Lock()
	defer q.mu.Unlock()
	taken := q.entries
	q.entries = nil
	return taken
}

// drain records entries until ctx ends, and then those that are left.
func (q *entryQueue) drain(ctx context.Context, record func(Entry)) {
	for ended := false; ; {
		for _, e := range q.take() {
			if record != nil {
				record(e)
			}
		}
		if ended {
			return
		}
		select {
		case <-q.more:
		case <-ctx.Done():
			ended = true
		}
	}
}
