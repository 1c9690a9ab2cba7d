package tray

import (
	"iter"
	"net/netip"
	"time"

	"gatelight/supervisor"
)

// witnesses are the clients that the menu has named, and since when. A
// confirmation is good for these alone: who has connected while it was being
// given was never asked about.
type witnesses map[witness]sighting

// A witness is a client as the menu names it, and the how many-th of that name: a
// program that connects again and again, or is started again and again, must not
// keep anybody from confirming.
type witness struct {
	gateway string
	name    string // of the program; where that is not known, the address
	nth     int
}

type sighting struct{ first, last time.Time }

const (
	readable  = time.Second // a name has to stand there for this long to be read
	forgotten = time.Minute // a client that has been gone for this long is a new one
)

// named goes through a Gateway's clients, but for ourselves.
func named(g supervisor.Snapshot) iter.Seq2[witness, supervisor.Client] {
	return func(yield func(witness, supervisor.Client) bool) {
		counts := map[string]int{}
		for _, c := range others(g) {
			name := programOf(c.Process, netip.AddrPortFrom(c.Peer.Addr(), 0))
			counts[name]++
			if !yield(witness{g.Name, name, counts[name]}, c) {
				return
			}
		}
	}
}

// note takes down who is named in the menu of a world.
func (w *witnesses) note(world supervisor.Status, now time.Time) {
	if *w == nil {
		*w = witnesses{}
	}
	for _, g := range world.Gateways {
		for key := range named(g) {
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
	for key, c := range named(g) {
		s, seen := w[key]
		if !seen || now.Sub(s.first) < readable {
			return programOf(c.Process, c.Peer)
		}
	}
	return ""
}
