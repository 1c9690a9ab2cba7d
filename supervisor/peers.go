package supervisor

import (
	"slices"
	"time"
)

// peers are the connections to the API port: who is connected, and which sockets
// the Gateway does not close.
type peers struct {
	clients      []Client
	staleClients []Client
	closeWaits   []closeWait
	queuedSince  time.Time // since when every look found connections to accept
}

// A closeWait is a server-side socket in CLOSE_WAIT. It is a zombie once it has
// stayed so for Policy.ZombieAfter.
type closeWait struct {
	Zombie
	socket uint64
	seen   time.Time // the look that saw it last
}

// looked updates the connections from a look. A connection keeps its history only
// while it stays in the same state on the same socket, so that a port number that
// is used again is never taken for the connection before.
func (p *peers) looked(e Looked, monitorPID int) {
	var clients, stale []Client
	var waits []closeWait
	for _, peer := range e.View.Peers {
		switch peer.TCP {
		case Established:
			clients = append(clients, asClient(peer, p.clients, e.At, monitorPID))
		case CloseWait:
			waits = append(waits, p.asCloseWait(peer, e.At))
		}
	}
	for _, peer := range e.View.StaleClients {
		stale = append(stale, asClient(peer, p.staleClients, e.At, monitorPID))
	}
	p.clients, p.staleClients, p.closeWaits = clients, stale, waits
	if l := e.View.Listener; l == nil || l.Backlog == 0 {
		p.queuedSince = time.Time{}
	} else if p.queuedSince.IsZero() || p.queuedSince.After(e.At) {
		p.queuedSince = e.At
	}
}

func asClient(peer Peer, known []Client, at time.Time, monitorPID int) Client {
	c := Client{Peer: peer.Addr, Process: peer.Client, Since: at, Socket: peer.Socket}
	for _, k := range known {
		if k.Peer == peer.Addr && k.Socket == peer.Socket && k.Process.PID == peer.Client.PID {
			c.Since = k.Since
		}
	}
	c.Self = peer.Client.Command == MonitorCommand || monitorPID != 0 && peer.Client.PID == monitorPID
	return c
}

func (p *peers) asCloseWait(peer Peer, at time.Time) closeWait {
	w := closeWait{Zombie: Zombie{Peer: peer.Addr, Since: at, Unread: peer.Unread, Queued: peer.Queued,
		Owner: peer.Client, LastSeen: peer.ClientSeen}, socket: peer.Socket, seen: at}
	if w.Owner != (Process{}) && w.LastSeen.IsZero() {
		w.LastSeen = at // it has closed its half only, and is still there
	}
	for _, k := range p.closeWaits {
		if k.Peer != peer.Addr || k.socket != peer.Socket {
			continue
		}
		if w.Owner == (Process{}) {
			w.Owner, w.LastSeen = k.Owner, k.LastSeen
		}
		if k.Since.Before(at) { // else the clock was set back
			w.Since = k.Since
		}
	}
	return w
}

// zombies are the sockets that two looks, at least zombieAfter apart, saw in
// CLOSE_WAIT. A clock that merely runs on proves nothing.
func (p *peers) zombies(zombieAfter time.Duration) []Zombie {
	var z []Zombie
	for _, w := range p.closeWaits {
		if w.seen.Sub(w.Since) >= zombieAfter {
			z = append(z, w.Zombie)
		}
	}
	return z
}

// unjudged reports a CLOSE_WAIT that is not old enough to be called a zombie.
func (p *peers) unjudged(zombieAfter time.Duration) bool {
	return len(p.closeWaits) != len(p.zombies(zombieAfter))
}

// unread reports a zombie with bytes that the Gateway has not read.
func (p *peers) unread(zombieAfter time.Duration) bool {
	return slices.ContainsFunc(p.zombies(zombieAfter), func(z Zombie) bool { return z.Unread > 0 })
}

// queueStuck: connections have waited to be accepted for as long as it takes to
// be a zombie. A queue that one look finds may be emptied at that moment.
func (p *peers) queueStuck(lookedAt time.Time, zombieAfter time.Duration) bool {
	return !p.queuedSince.IsZero() && lookedAt.Sub(p.queuedSince) >= zombieAfter
}

// served reports a client that the Gateway has accepted. Gatelight's own session
// proves nothing by merely being there.
func served(p Peer) bool {
	return p.TCP == Established && !p.Queued && p.Client.Command != MonitorCommand
}

func (p *peers) clampTo(time.Time) { p.queuedSince = time.Time{} } // the next look begins anew

func (p *peers) due(*decision) []time.Time { return nil }
