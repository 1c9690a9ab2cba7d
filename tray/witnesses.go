package tray

import (
	"cmp"
	"time"

	"gatelight/supervisor"
)

// witnesses are the clients that the menu has named, and since when. A
// confirmation is good for these alone: who has connected while it was being
// given was never asked about.
type witnesses map[witness]sighting

// A witness is a client by its process, which may connect again and again, or by
// its connection where its process is not known.
type witness struct {
	gateway string
	pid     int
	peer    string
}

type sighting struct{ first, last time.Time }

const (
	readable  = time.Second // a name has to stand there for this long to be read
	forgotten = time.Minute // a client that has been gone for this long is a new one
)

func witnessOf(g supervisor.Snapshot, c supervisor.Client) witness {
	if c.Process.PID != 0 {
		return witness{gateway: g.Name, pid: c.Process.PID}
	}
	return witness{gateway: g.Name, peer: c.Peer.String()}
}

// note takes down who is named in the menu of a world.
func (w *witnesses) note(world supervisor.World, now time.Time) {
	if *w == nil {
		*w = witnesses{}
	}
	for _, g := range world.Gateways {
		for _, c := range others(g) {
			key := witnessOf(g, c)
			s := (*w)[key]
			if s.first.IsZero() || s.first.After(now) {
				s.first = now
			}
			s.last = now
			(*w)[key] = s
		}
	}
	for key, s := range *w {
		if now.Sub(s.last) > forgotten {
			delete(*w, key)
		}
	}
}

// newcomer names a client that nobody can have read of yet; "" when there is none.
func (w witnesses) newcomer(g supervisor.Snapshot, now time.Time) string {
	for _, c := range others(g) {
		s, seen := w[witnessOf(g, c)]
		if !seen || now.Sub(s.first) < readable {
			return cmp.Or(programOf(c.Process, c.Peer), "somebody")
		}
	}
	return ""
}
