package supervisor

import (
	"net/netip"
	"slices"
	"time"
)

// peers are the connections to the API port: the clients, and the sockets that
// the Gateway does not close.
type peers struct {
	clients      []Client
	staleClients []Client
	closeWaits   []closeWait
	zombies      []Zombie  // of closeWaits, as the newest look saw them
	unread       bool      // a zombie has bytes that the Gateway has not read
	queuedSince  time.Time // since when every look has found connections in the accept queue; zero: the newest one has not
}

// A connKey tells a connection from every other one of its time.
type connKey struct {
	peer   netip.AddrPort
	socket uint64
}

// places says where in a list a connection is: there may be many thousands.
type places map[connKey]int

func placesOf(clients []Client) places {
	at := make(places, len(clients))
	for i, c := range clients {
		at[connKey{c.Peer, c.Socket}] = i
	}
	return at
}

func (p *peers) placesOfWaits() places {
	at := make(places, len(p.closeWaits))
	for i, w := range p.closeWaits {
		at[connKey{w.Peer, w.socket}] = i
	}
	return at
}

// A closeWait is a server-side socket in CLOSE_WAIT. It is a zombie when it has
// been in that state for Policy.ZombieAfter.
type closeWait struct {
	Zombie
	socket uint64
	seen   time.Time // when the newest look saw it
}

// looked updates the connections from a look. A connection keeps its times only
// while the same socket stays in the same state, so that a connection with a
// reused port number is never mistaken for the one before.
func (p *peers) looked(e Looked, monitorPID int, zombieAfter time.Duration) {
	var clients, stale []Client
	var waits []closeWait
	atClients, atStale, atWaits := placesOf(p.clients), placesOf(p.staleClients), p.placesOfWaits()
	for _, peer := range e.View.Peers {
		switch peer.TCP {
		case Established:
			clients = append(clients, asClient(peer, p.clients, atClients, e.At, monitorPID))
		case CloseWait:
			waits = append(waits, p.asCloseWait(peer, atWaits, e.At))
		}
	}
	for _, peer := range e.View.StaleClients {
		stale = append(stale, asClient(peer, p.staleClients, atStale, e.At, monitorPID))
	}
	p.clients, p.staleClients, p.closeWaits = clients, stale, waits
	p.judge(zombieAfter)
	if l := e.View.Listener; l == nil || l.Backlog == 0 {
		p.queuedSince = time.Time{}
	} else if p.queuedSince.IsZero() || p.queuedSince.After(e.At) {
		p.queuedSince = e.At
	}
}

// judge finds the zombies: the sockets that two looks, at least zombieAfter
// apart, saw in CLOSE_WAIT. Time that passes without a second look proves
// nothing.
func (p *peers) judge(zombieAfter time.Duration) {
	p.zombies, p.unread = nil, false
	for _, w := range p.closeWaits {
		if w.seen.Sub(w.Since) >= zombieAfter {
			p.zombies = append(p.zombies, w.Zombie)
			p.unread = p.unread || w.Unread > 0
		}
	}
}

func asClient(peer Peer, known []Client, places places, at time.Time, monitorPID int) Client {
	c := Client{Peer: peer.Addr, Process: peer.Client, Since: at, Socket: peer.Socket}
	if i, ok := places[connKey{peer.Addr, peer.Socket}]; ok && known[i].Process.PID == peer.Client.PID {
		c.Since = known[i].Since
	}
	c.Self = peer.Client.Command == MonitorCommand || monitorPID != 0 && peer.Client.PID == monitorPID
	return c
}

func (p *peers) asCloseWait(peer Peer, places places, at time.Time) closeWait {
	w := closeWait{Zombie: Zombie{Peer: peer.Addr, Since: at, Unread: peer.Unread, Queued: peer.Queued,
		Owner: peer.Client, LastSeen: peer.ClientSeen}, socket: peer.Socket, seen: at}
	if w.Owner != (Process{}) && w.LastSeen.IsZero() {
		w.LastSeen = at // it has closed its half only, and still runs
	}
	i, ok := places[connKey{peer.Addr, peer.Socket}]
	if !ok {
		return w
	}
	k := p.closeWaits[i]
	if w.Owner == (Process{}) {
		w.Owner, w.LastSeen = k.Owner, k.LastSeen
	}
	if k.Since.Before(at) { // else the clock was set back
		w.Since = k.Since
	}
	return w
}

// unjudged reports a CLOSE_WAIT that is too young to be a zombie.
func (p *peers) unjudged() bool { return len(p.closeWaits) != len(p.zombies) }

// leftByMonitor reports a CLOSE_WAIT that a session of Gatelight has left, or may
// have: one that is not older than the session, and whose client nobody has
// seen. A session that fails at once is over before the next look.
func (p *peers) leftByMonitor(from time.Time) bool {
	return slices.ContainsFunc(p.closeWaits, func(w closeWait) bool {
		return w.Owner.Command == MonitorCommand || w.Owner == (Process{}) && !w.Since.Before(from)
	})
}

// queueStuck reports that all looks of the last zombieAfter found connections
// in the accept queue. The queue that a single look finds may be empty a moment
// later.
func (p *peers) queueStuck(lookedAt time.Time, zombieAfter time.Duration) bool {
	return !p.queuedSince.IsZero() && lookedAt.Sub(p.queuedSince) >= zombieAfter
}

// served reports a client that the Gateway has accepted. A session of Gatelight
// proves nothing as long as it is only connected.
func served(p Peer) bool {
	return p.TCP == Established && !p.Queued && p.Client.Command != MonitorCommand
}

func (p *peers) clampTo(time.Time) { p.queuedSince = time.Time{} } // the next look sets it again

func (p *peers) due(*decision) []time.Time { return nil }
