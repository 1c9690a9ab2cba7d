package supervisor

import (
	"slices"
	"time"
)

// This file is what looks tell of the connections to the API port: who is
// connected, and which sockets the Gateway does not close.

// A wait is a server-side socket in CLOSE_WAIT.
type wait struct {
	Zombie
	socket uint64
	seen   time.Time // the look that saw it last
}

func (d *decision) looked(e Looked) {
	m := &d.mem
	if e.At.Before(m.lookedAt) && !m.lookedAt.After(d.now) {
		return // an older answer never overwrites a newer one
	}
	was, is := m.view.Listener, e.View.Listener
	// A port whose owner is just ending has none for a moment: that is no other one.
	if is != nil && (was == nil || is.Process.PID != 0 && was.Process.PID != is.Process.PID) {
		m.listens, m.failures, m.idsTaken, m.sessionAt, m.moved = e.At, 0, 0, time.Time{}, coded{}
		m.wanted = m.wanted || m.busy() != Stop
		m.ours = m.ours && d.Process.PID != 0
	}
	if is != nil {
		m.ended = time.Time{}
	}
	d.recognise(was, is)
	if is == nil && was != nil && m.phase == LoggedIn {
		m.phase = NoPhase // what the log said of the last start is over
	}
	d.meet(e)
	m.lookedAt, m.lookFailed, m.view = e.At, "", e.View
	if is == nil || !e.At.Before(m.doubt.Add(-doubtFor)) { // nobody listens, or taken after the session closed
		m.doubt = time.Time{}
	}
	d.Reader, d.Listener, d.Blind = e.Reader, is, e.View.Blind
}

// askAgain is how often it is asked who listens, when the answer was no Gateway,
// or was lost.
const askAgain = time.Minute

// recognise asks who listens, unless it is behind a relay or not to be told. A
// Gateway of somebody else's has gone when it listens no more.
func (d *decision) recognise(was, is *Listener) {
	m := &d.mem
	other := d.Process.By == ByOther && d.Process.PID != 0
	if other && (is == nil || is.Process.PID != d.Process.PID) {
		d.Process = GatewayProcess{By: ByNobody, LastExit: d.Process.LastExit}
	}
	if is == nil || is.Relay != "" || is.Process.PID == 0 {
		return
	}
	fresh := was == nil || was.Process.PID != is.Process.PID
	if fresh || d.Process.PID == 0 && !d.now.Before(m.recognisedAt.Add(askAgain)) {
		m.recognisedAt = d.now
		d.do(IdentifyProcess{PID: is.Process.PID})
	}
}

// meet updates clients and CLOSE_WAIT sockets from a look. A peer keeps its
// history only while it stays in the same state on the same socket, so that a
// port number used again is never taken for an old acquaintance.
func (d *decision) meet(e Looked) {
	var clients []Client
	var waits []wait
	for _, peer := range e.View.Peers {
		switch peer.TCP {
		case Established:
			clients = append(clients, d.client(peer, d.Clients, e.At))
		case CloseWait:
			waits = append(waits, d.wait(peer, e.At))
		}
	}
	var stale []Client
	for _, peer := range e.View.StaleClients {
		stale = append(stale, d.client(peer, d.StaleClients, e.At))
	}
	d.Clients, d.StaleClients, d.mem.waits = clients, stale, waits
	if l := e.View.Listener; l == nil || l.Backlog == 0 {
		d.mem.queuedAt = time.Time{}
	} else if d.mem.queuedAt.IsZero() || d.mem.queuedAt.After(e.At) {
		d.mem.queuedAt = e.At
	}
}

func (d *decision) client(peer Peer, known []Client, at time.Time) Client {
	c := Client{Peer: peer.Addr, Process: peer.Client, Since: at, Socket: peer.Socket}
	for _, k := range known {
		if k.Peer == peer.Addr && k.Socket == peer.Socket && k.Process.PID == peer.Client.PID {
			c.Since = k.Since
		}
	}
	c.Self = peer.Client.Command == MonitorCommand || d.API.PID != 0 && peer.Client.PID == d.API.PID
	return c
}

func (d *decision) wait(peer Peer, at time.Time) wait {
	w := wait{Zombie: Zombie{Peer: peer.Addr, Since: at, Unread: peer.Unread, Queued: peer.Queued,
		Owner: peer.Client, LastSeen: peer.ClientSeen}, socket: peer.Socket, seen: at}
	if w.Owner != (Process{}) && w.LastSeen.IsZero() {
		w.LastSeen = at // it has closed its half only, and is still there
	}
	for _, k := range d.mem.waits {
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

// served reports a client that the Gateway has accepted. Gatelight's own session
// says nothing by merely being there.
func served(p Peer) bool {
	return p.TCP == Established && !p.Queued && p.Client.Command != MonitorCommand
}

// zombies are the waits that have proven their persistence: seen in CLOSE_WAIT
// by two looks at least ZombieAfter apart. A clock that merely runs on proves nothing.
func (d *decision) zombies() []Zombie {
	var z []Zombie
	for _, w := range d.mem.waits {
		if w.seen.Sub(w.Since) >= d.p.ZombieAfter {
			z = append(z, w.Zombie)
		}
	}
	return z
}

// blocking asks for harm, which age alone is not: a Gateway can leak
// CLOSE_WAIT sockets and still answer. A relay's sockets tell of the relay.
func (d *decision) blocking(e evidence) bool {
	unread := slices.ContainsFunc(d.Zombies, func(z Zombie) bool { return z.Unread > 0 })
	return unread || d.queueStuck() || d.unanswered() || d.API.State == SessionUp && !e.answering
}

// queueStuck: connections have waited to be accepted for as long as it takes to
// be a zombie. A queue that one look finds may be emptied at that moment.
func (d *decision) queueStuck() bool {
	m := &d.mem
	return !m.queuedAt.IsZero() && m.lookedAt.Sub(m.queuedAt) >= d.p.ZombieAfter
}

// unanswered reports a handshake that has been pending for too long.
func (d *decision) unanswered() bool {
	return d.API.State == SessionConnecting && !d.now.Before(d.API.Since.Add(d.p.HandshakeLate))
}
