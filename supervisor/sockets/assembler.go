package sockets

import (
	"cmp"
	"fmt"
	"net/netip"
	"sort"
	"time"

	"gatelight/supervisor"
)

// An assembler makes Tables of rows, and remembers whose connections it has seen.
// A connection over loopback has two rows, its server's and its client's.
type assembler struct {
	limits  readerLimits
	byAddrs map[addrPair]int // of the newest rows
	clients clientCache

	served  map[clientEnd]time.Time // connected clients of a listener that was seen; when they were there
	own     ownAddresses            // nil: not read in this look
	readOwn func() ownAddresses
}

// An addrPair identifies a connection, as the process at its local end sees it.
type addrPair struct{ local, remote netip.AddrPort }

func newAssembler(r readerLimits) *assembler {
	return &assembler{limits: r, byAddrs: map[addrPair]int{}, clients: clientCache{},
		served: map[clientEnd]time.Time{}, readOwn: readOwnAddresses}
}

func (a *assembler) table(rows []row, ports []int, at time.Time) supervisor.Table {
	clear(a.byAddrs)
	for i, r := range rows {
		if r.state != listen {
			a.byAddrs[addrPair{r.local, r.remote}] = i
		}
	}
	a.own = nil
	t := supervisor.Table{At: at, Reader: a.limits.reader, Ports: make(map[int]supervisor.PortView, len(ports))}
	for _, port := range ports {
		a.rememberClients(rows, uint16(port), at)
		a.rememberServed(rows, uint16(port), at)
		t.Ports[port] = a.view(rows, uint16(port), at)
	}
	a.clients.evict()
	return t
}

// rememberClients remembers who holds the client's end of each connection to the
// port.
func (a *assembler) rememberClients(rows []row, port uint16, at time.Time) {
	for _, r := range rows {
		if r.remote.Port() != port || r.owner.PID == 0 || r.state != established && r.state != finWait || !sameHost(r) {
			continue
		}
		var server uint64
		if i, ok := a.byAddrs[addrPair{r.remote, r.local}]; ok {
			server = rows[i].socket
		}
		a.clients[addrPair{r.local, r.remote}] = lastSeen{r.owner, server, at, at}
	}
}

func (a *assembler) view(rows []row, port uint16, at time.Time) supervisor.PortView {
	v := supervisor.PortView{OwnOnly: a.limits.ownOnly}
	unidentified := 0 // clients on this machine whose process is not known
	for _, r := range rows {
		switch {
		case r.state == listen:
		case r.local.Port() == port && (r.state == established || r.state == closeWait):
			p := a.peer(r, rows, at)
			if p.TCP == supervisor.Established && p.Client.PID == 0 && a.isLocal(r) {
				unidentified++
			}
			v.Peers = append(v.Peers, p)
		case r.remote.Port() == port && r.state == closeWait && sameHost(r):
			v.StaleClients = append(v.StaleClients, supervisor.Peer{
				Addr: r.local, TCP: supervisor.CloseWait, Socket: r.socket, Unread: r.receiveQueue, Client: r.owner})
		}
	}
	if listener := findListener(rows, port); listener != nil {
		v.Listener = describeListener(*listener)
		v.Blind = listenerBlindSpots(*listener, v.Listener)
	} else if v.Hidden = a.hiddenListener(rows, port); v.Hidden != "" {
		v.Blind = []string{"who listens, and the Gateway's own clients and zombies"}
	}
	if unidentified > 0 {
		v.Blind = append(v.Blind, fmt.Sprintf("which programs hold %d of its connections (other users' processes)", unidentified))
	}
	v.Blind = append(v.Blind, a.limits.blindSpots()...)
	for _, peers := range [][]supervisor.Peer{v.Peers, v.StaleClients} {
		sort.Slice(peers, func(i, j int) bool { return peers[i].Addr.Compare(peers[j].Addr) < 0 })
	}
	return v
}

// findListener is the listener on a port that counts, nil for none.
func findListener(rows []row, port uint16) *row {
	var listener *row
	for i, r := range rows {
		if r.state == listen && r.local.Port() == port && (listener == nil || distance(r) < distance(*listener)) {
			listener = &rows[i]
		}
	}
	return listener
}

// distance says which of several listeners on a port, on different addresses,
// counts: the one that answers at 127.0.0.1, since local clients connect there.
func distance(r row) int {
	switch a := r.local.Addr(); {
	case a.Is4() && a.IsLoopback():
		return 0
	case a.Is4() && a.IsUnspecified():
		return 1
	case a.IsUnspecified():
		return 2
	case a.IsLoopback():
		return 3
	}
	return 4
}

func describeListener(r row) *supervisor.Listener {
	l := &supervisor.Listener{Address: r.local.String(), Process: r.owner, Backlog: max(r.receiveQueue, 0)}
	if r.local.Addr().IsUnspecified() {
		l.Address = fmt.Sprintf("*:%d", r.local.Port())
	}
	l.Relay, l.Behind = relay(r.owner)
	return l
}

// listenerBlindSpots is what cannot be seen because of this listener.
func listenerBlindSpots(r row, l *supervisor.Listener) []string {
	switch {
	case l.Process.PID == 0:
		return []string{"whose process listens (" + cmp.Or(r.hidden, "another user's") + ")"}
	case l.Relay != "":
		return []string{"the Gateway's own clients and zombies (" + l.Relay + " holds the port; run Gatelight " + l.Behind + ")"}
	}
	return nil
}

// peer is a server-side socket together with the local process at its other
// end, when that end is on this machine too.
func (a *assembler) peer(r row, rows []row, at time.Time) supervisor.Peer {
	p := supervisor.Peer{Addr: r.remote, TCP: supervisor.Established, Socket: r.socket, Server: r.owner.PID, Queued: r.queued, Unread: r.receiveQueue}
	fromClient := addrPair{r.remote, r.local}
	if i, ok := a.byAddrs[fromClient]; ok {
		p.Client = rows[i].owner
	}
	if r.state == closeWait {
		p.TCP = supervisor.CloseWait
		if p.Client.PID == 0 {
			p.Client, p.ClientSeen = a.clients.lookup(fromClient, r.socket, at)
		}
	}
	return p
}

// isLocal reports that there is a client's end on this machine, even if it
// cannot be seen.
func (a *assembler) isLocal(r row) bool {
	_, seen := a.byAddrs[addrPair{r.remote, r.local}]
	return seen || a.limits.ownOnly && sameHost(r)
}

// sameHost reports that a connection stays on this machine. A CLOSE_WAIT towards
// the same port of another machine has nothing to do with our Gateway.
func sameHost(r row) bool {
	return r.remote.Addr().IsLoopback() || r.remote.Addr() == r.local.Addr()
}
