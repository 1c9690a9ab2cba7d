package supervisor

import (
	"context"
	"maps"
	"sync"
	"time"
)

// lookLimit is how long one look may take: less than Policy.StaleAfter.
const lookLimit = 4 * time.Second

// settled is how long after a change its state is looked at quickly.
const settled = 5 * time.Second

// pace is how often this Gateway's port should be looked at: quickly while
// something is changing, calmly when all is steady.
func (s Snapshot) pace(p Policy) time.Duration {
	changing := s.mem.at.Sub(s.Since) < settled || s.State == Starting || s.Busy != "" ||
		len(s.mem.waits) != len(s.Zombies) || // a CLOSE_WAIT that is not judged yet
		s.API.State == SessionConnecting && s.mem.at.Sub(s.API.Since) < p.HandshakeLate
	if changing {
		return p.LookFast
	}
	return p.LookSlow
}

// listeners are the processes whose end is worth a look at once.
func listeners(w Status) map[int]struct{} {
	pids := map[int]struct{}{}
	for _, g := range w.Gateways {
		if g.Listener != nil && g.Listener.Process.PID > 0 {
			pids[g.Listener.Process.PID] = struct{}{}
		}
	}
	return pids
}

// A looker looks at all ports: at the pace it is told, and at once when a
// listener's process ends, when the machine wakes up and when asked to.
type looker struct {
	eyes  SocketReader
	ports []int
	now   chan struct{}

	mu   sync.Mutex
	pace time.Duration
	pids map[int]struct{}
}

func newLooker(p EngineConfig) *looker {
	l := &looker{eyes: p.Sockets, now: make(chan struct{}, 1), pace: time.Second}
	for _, g := range p.Gateways {
		l.pace = min(l.pace, g.Policy.LookFast)
		l.ports = append(l.ports, g.Policy.Port)
	}
	return l
}

// set changes the pace and whose end to watch for. A quicker pace counts from
// now on; a changed set of processes is taken up with the next look.
func (l *looker) set(pace time.Duration, pids map[int]struct{}) {
	l.mu.Lock()
	quicker, changed := pace < l.pace, !maps.Equal(pids, l.pids)
	l.pace, l.pids = pace, pids
	l.mu.Unlock()
	if quicker || changed {
		l.hurry()
	}
}

func (l *looker) get() (time.Duration, map[int]struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.pace, l.pids
}

// hurry takes the next look now. It does not wait for it.
func (l *looker) hurry() {
	select {
	case l.now <- struct{}{}:
	default:
	}
}

func (l *looker) run(ctx context.Context, seen func(Table, error)) {
	var watches sync.WaitGroup
	defer watches.Wait()
	watching := map[int]context.CancelFunc{}
	defer func() {
		for _, stop := range watching {
			stop()
		}
	}()
	watches.Go(func() {
		for l.eyes.AwaitWake(ctx) == nil {
			l.hurry()
		}
	})
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		case <-l.now:
		}
		seen(l.look(ctx))
		pace, pids := l.get()
		l.follow(ctx, &watches, watching, pids)
		timer.Reset(pace)
	}
}

func (l *looker) look(ctx context.Context) (Table, error) {
	ctx, cancel := context.WithTimeout(ctx, lookLimit)
	defer cancel()
	return l.eyes.Look(ctx, l.ports)
}

// follow keeps one watch per listener's process.
func (l *looker) follow(ctx context.Context, wg *sync.WaitGroup, watching map[int]context.CancelFunc, pids map[int]struct{}) {
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
			if l.eyes.AwaitExit(watch, pid) == nil {
				l.hurry()
			}
		})
	}
}
