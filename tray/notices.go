package tray

import (
	"context"
	"fmt"
	"time"

	"gatelight/supervisor"
)

// A poster raises one desktop notification. key is the same for all notices of
// one incident; where the system can, the later replaces the earlier. It
// returns within ctx's deadline.
type poster interface {
	post(ctx context.Context, key string, n supervisor.Notice, icon string, simulated bool) error
	close()
}

// announce raises every notice once, in order. Notices from before the start
// belong to the past.
func announce(ctx context.Context, o Options, failed <-chan supervisor.Notice) {
	p := newPoster()
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

// How long one notification may take to post: a stalled daemon must not keep
// later ones.
const postLimit = 5 * time.Second

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
	return p.post(ctx, fmt.Sprintf("%s/%d", g.Name, n.ID), n, noticeIcon(n), g.Simulated)
}

// noticeIcon is the picture of the state the notice was told in.
func noticeIcon(n supervisor.Notice) string {
	if n.Kind == supervisor.NoticeTwoFactor {
		return "two-factor"
	}
	return Icon(supervisor.Snapshot{State: n.State})
}
