package tray

import (
	"context"
	"fmt"
	"time"

	"gatelight/supervisor"
)

// announce raises every notice once, in order. Notices from before the start
// belong to the past.
func announce(ctx context.Context, o Options, failed <-chan supervisor.Notice) {
	p := newPoster(func(Command) {})
	defer p.close()
	seen := map[string]supervisor.Notice{}
	started := wall()
	worlds := o.Supervisor.Watch(ctx)
	raise := func(g supervisor.Snapshot, n supervisor.Notice) {
		if err := post(ctx, p, g, n); err != nil {
			o.Log.Error("cannot raise a notification", "title", n.Title, "error", err)
		}
	}
	for {
		select {
		case n := <-failed:
			raise(supervisor.Snapshot{}, n)
		case w, open := <-worlds:
			if !open {
				return
			}
			for _, g := range w.Gateways {
				for _, n := range fresh(g, seen, started.Add(-slack)) {
					raise(g, n)
				}
			}
		}
	}
}

// slack lets a notice through that was made while the tray was starting.
const slack = 5 * time.Second

// fresh are a Gateway's notices that were not raised yet, and marks them so. They
// are told apart by time first: a supervisor that was started anew counts from
// one again.
func fresh(g supervisor.Snapshot, seen map[string]supervisor.Notice, since time.Time) []supervisor.Notice {
	var out []supervisor.Notice
	last, known := seen[g.Name]
	for _, n := range g.Notices {
		newer := n.At.After(last.At) || n.At.Equal(last.At) && n.Seq > last.Seq
		if known && !newer {
			continue
		}
		last, known = n, true
		if n.At.After(since) {
			out = append(out, n)
		}
	}
	if known {
		seen[g.Name] = last
	}
	return out
}

func post(ctx context.Context, p poster, g supervisor.Snapshot, n supervisor.Notice) error {
	ctx, cancel := context.WithTimeout(ctx, postLimit)
	defer cancel()
	return p.post(ctx, alert{Key: fmt.Sprintf("%s/%d", g.Name, n.ID), Notice: n, Icon: noticeIcon(n), Simulated: g.Simulated})
}

// noticeIcon is the picture of the state the notice was told in.
func noticeIcon(n supervisor.Notice) string {
	if n.Kind == supervisor.NoticeTwoFactor {
		return "two-factor"
	}
	return Icon(supervisor.Snapshot{State: n.State})
}
