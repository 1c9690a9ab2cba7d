package status

import (
	"context"
	"slices"

	"gatelight/supervisor"
)

// With shows the Gateways of other hosts beside those of a supervisor: its own
// first, then those of each link.
func With(own supervisor.Supervisor, links []*Link) supervisor.Supervisor {
	if len(links) == 0 {
		return own
	}
	return merged{own, links}
}

type merged struct {
	own   supervisor.Supervisor
	links []*Link
}

// Latest implements [supervisor.Supervisor].
func (m merged) Latest() supervisor.Status { return m.with(m.own.Latest()) }

func (m merged) with(w supervisor.Status) supervisor.Status {
	w.Gateways = slices.Clone(w.Gateways)
	for _, l := range m.links {
		w.Gateways = append(w.Gateways, l.Latest().Gateways...)
	}
	return w
}

// Watch implements [supervisor.Supervisor].
func (m merged) Watch(ctx context.Context) <-chan supervisor.Status {
	out, changed := make(chan supervisor.Status, 1), make(chan struct{}, 1)
	ctx, end := context.WithCancel(ctx)
	own := m.own.Watch(ctx)
	for _, l := range m.links {
		changes := l.changes(ctx)
		go func() { // it ends with ctx
			for {
				select {
				case <-changes:
					select {
					case changed <- struct{}{}:
					default:
					}
				case <-ctx.Done():
					return
				}
			}
		}()
	}
	go func() {
		defer end()
		defer close(out)
		for {
			select {
			case w, open := <-own:
				if !open {
					return
				}
				replace(out, m.with(w))
			case <-changed:
				replace(out, m.Latest())
			}
		}
	}()
	return out
}

// Do implements [supervisor.Supervisor].
func (m merged) Do(ctx context.Context, gateway string, a supervisor.Action) error {
	for _, l := range m.links {
		if name, ok := l.owns(gateway); ok {
			return l.do(ctx, name, a)
		}
	}
	if w := m.Latest(); gateway == "" && len(w.Gateways) > 1 {
		return w.UnknownGateway(gateway)
	}
	return m.own.Do(ctx, gateway, a)
}
