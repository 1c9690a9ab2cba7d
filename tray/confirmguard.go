package tray

import (
	"iter"
	"time"

	"gatelight/supervisor"
)

// A confirmGuard knows which clients the menu has named, and since when. A
// confirmation is good for these alone: the person was not asked about a client
// that has connected while the question was open.
type confirmGuard map[clientKey]seenTimes

// A clientKey is a client as the menu names it, and its number among those of that
// name: a program that connects again and again, or is started again and again,
// must not keep anybody from confirming.
type clientKey struct {
	gateway string
	name    string // of the program; where that is not known, the address
	number  int
}

type seenTimes struct{ first, last time.Time }

const (
	readingTime = time.Second // a name has to be in the menu for this long to be read
	forgetAfter = time.Minute // a client that has been gone for this long is a new one
)

// namedClients are a Gateway's clients without our own monitor, by key.
func namedClients(g supervisor.Snapshot) iter.Seq2[clientKey, supervisor.Client] {
	return func(yield func(clientKey, supervisor.Client) bool) {
		counts := map[string]int{}
		for _, c := range g.OtherClients() {
			name := supervisor.ClientName(c)
			counts[name]++
			if !yield(clientKey{g.Name, name, counts[name]}, c) {
				return
			}
		}
	}
}

// note takes down which clients the menu of a status names.
func (g *confirmGuard) note(status supervisor.Status, now time.Time) {
	if *g == nil {
		*g = confirmGuard{}
	}
	for _, gateway := range status.Gateways {
		for key := range namedClients(gateway) {
			t := (*g)[key]
			if t.first.IsZero() || t.first.After(now) {
				t.first = now
			}
			t.last = now
			(*g)[key] = t
		}
	}
	for key, t := range *g {
		if now.Sub(t.last) > forgetAfter {
			delete(*g, key)
		}
	}
}

// unseenClient names a client that no person can have read of yet; "" when there
// is none.
func (g confirmGuard) unseenClient(gateway supervisor.Snapshot, now time.Time) string {
	for key, c := range namedClients(gateway) {
		if t, seen := g[key]; !seen || now.Sub(t.first) < readingTime {
			return processName(c.Process, c.Peer)
		}
	}
	return ""
}
