package supervisor

import (
	"context"
	"maps"
	"sync"
	"time"
)

// lookTimeout is how long one look may take: less than Policy.StaleAfter.
const lookTimeout = 4 * time.Second

// fastAfterChange is how long looks stay fast after a change of the state.
const fastAfterChange = 5 * time.Second

// lookInterval is the time between two looks at this Gateway's port: short
// while something changes, long in a steady state.
func (s Snapshot) lookInterval(p Policy) time.Duration {
	now := s.mem.lastEvent
	changing := now.Sub(s.Since) < fastAfterChange || s.State == Starting || s.Busy != "" ||
		s.mem.peers.unjudged() ||
		s.API.State == SessionConnecting && now.Sub(s.API.Since) < p.HandshakeLate
	if changing {
		return p.LookFast
	}
	return p.LookSlow
}

// listeners are the pids of the processes that listen. When one of them ends, a
// look follows at once.
func listeners(w Status) map[int]struct{} {
	pids := map[int]struct{}{}
	for _, g := range w.Gateways {
		if g.Listener != nil && g.Listener.Process.PID > 0 {
			pids[g.Listener.Process.PID] = struct{}{}
		}
	}
	return pids
}

// A poller looks at all ports: at the interval that set says, and at once when
// a listener's process ends, when the machine wakes up, and when pollNow is
// called.
type poller struct {
	sockets SocketReader
	ports   []int
	timer   func() Timer
	now     chan struct{}

	mu       sync.Mutex
	interval time.Duration
	pids     map[int]struct{}
}

func newPoller(c EngineConfig) *poller {
	p := &poller{sockets: c.Sockets, timer: func() Timer { return NewTimer(c.NewTimer) }, now: make(chan struct{}, 1), interval: time.Second}
	for _, g := range c.Gateways {
		p.interval = min(p.interval, g.Policy.LookFast)
		p.ports = append(p.ports, g.Policy.Port)
	}
	return p
}

// set changes the interval and the processes whose end to watch for. If the
// interval is shorter or the processes are others, the next look is taken at
// once.
func (p *poller) set(interval time.Duration, pids map[int]struct{}) {
	p.mu.Lock()
	shorter, changed := interval < p.interval, !maps.Equal(pids, p.pids)
	p.interval, p.pids = interval, pids
	p.mu.Unlock()
	if shorter || changed {
		p.pollNow()
	}
}

func (p *poller) get() (time.Duration, map[int]struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.interval, p.pids
}

// pollNow has the next look taken now. It does not wait for it.
func (p *poller) pollNow() {
	select {
	case p.now <- struct{}{}:
	default:
	}
}

// run looks until ctx ends, and passes each look, or its error, to report.
func (p *poller) run(ctx context.Context, report func(Table, error)) {
	var watches sync.WaitGroup
	defer watches.Wait()
	watching := map[int]context.CancelFunc{}
	defer func() {
		for _, stop := range watching {
			stop()
		}
	}()
	watches.Go(func() {
		for p.sockets.AwaitWake(ctx) == nil {
			p.pollNow()
		}
	})
	timer := p.timer()
	defer timer.Stop()
	timer.Reset(0)
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.Due():
		case <-p.now:
		}
		report(p.look(ctx))
		interval, pids := p.get()
		p.watchExits(ctx, &watches, watching, pids)
		timer.Reset(interval)
	}
}

func (p *poller) look(ctx context.Context) (Table, error) {
	ctx, cancel := context.WithTimeout(ctx, lookTimeout)
	defer cancel()
	begun := time.Now()
	t, err := p.sockets.Look(ctx, p.ports)
	t.Took = time.Since(begun)
	return t, err
}

// watchExits keeps one goroutine for each listener's process, which waits for
// its end.
func (p *poller) watchExits(ctx context.Context, wg *sync.WaitGroup, watching map[int]context.CancelFunc, pids map[int]struct{}) {
	for pid, stop := range watching {
		if _, still := pids[pid]; !still {
			stop()
			delete(watching, pid)
		}
	}
	for pid := range pids {
		if _, already := watching[pid]; already {
			continue
		}
		watch, stop := context.WithCancel(ctx)
		watching[pid] = stop
		wg.Go(func() {
			if p.sockets.AwaitExit(watch, pid) == nil {
				p.pollNow()
			}
		})
	}
}
