package sockets

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"gatelight/supervisor"
)

// What a Gateway and its clients hold. Every socket has a generation of its own.
func gatewayListens(backlog int16) macSocket {
	return macSocket{state: tsiListen, local: "[::]:4002", remote: "[::]:0", versions: 3, generation: 70, qlen: backlog}
}

// accepted is the Gateway's end of a client's connection; connected is the other.
func accepted(peer string, generation uint64) macSocket {
	return macSocket{state: tsiEstablished, local: "127.0.0.1:4002", remote: peer, versions: 1, generation: generation}
}

func connected(from string, generation uint64) macSocket {
	return macSocket{state: tsiEstablished, local: from, remote: "127.0.0.1:4002", generation: generation}
}

func stuck(s macSocket, unread uint32) macSocket {
	s.state, s.unread = tsiCloseWait, unread
	return s
}

// gateway is what is seen of port 4002 when java listens.
func gateway(peers ...supervisor.Peer) map[int]supervisor.PortView {
	return map[int]supervisor.PortView{4002: {Listener: &supervisor.Listener{Address: "*:4002", Process: java}, Peers: peers}}
}

func peer(at string, socket uint64, client supervisor.Process) supervisor.Peer {
	return supervisor.Peer{Addr: addr(at), TCP: supervisor.Established, Socket: socket, Server: 4711, Client: client}
}

var down = map[int]supervisor.PortView{4002: {}}

// Once it is known who holds the port's sockets, nobody else is read.
func TestLibprocWatchesCheaply(t *testing.T) {
	m := newFakeMac(t)
	m.run(4711, gatewayListens(0), accepted("127.0.0.1:51234", 71))
	m.run(456, connected("127.0.0.1:51234", 80))
	want := func() map[int]supervisor.PortView { return gateway(peer("127.0.0.1:51234", 71, trader)) }
	m.sees("the first look", want(), 1, 456, 900, 4711)
	for range 20 {
		m.sees("a steady state", want(), 456, 4711)
	}
	if m.listed != 1 {
		t.Errorf("all processes were listed %d times", m.listed)
	}
}

func TestLibprocSearchesForAMissingListener(t *testing.T) {
	m := newFakeMac(t)
	m.sees("nobody listens", down, 1, 900)
	m.sees("still", down, 1, 900)
	m.run(4711, gatewayListens(0))
	m.sees("the Gateway has started", gateway(), 1, 900, 4711)
	m.sees("it is known", gateway(), 4711)
	m.end(4711)
	m.sees("it has ended", down, 1, 900, 4711)

	m.run(800, gatewayListens(0))
	again := gateway()
	again[4002].Listener.Process = known[800]
	m.sees("another one listens", again, 1, 800, 900)
	m.run(4711, gatewayListens(0)) // an older one's socket, inherited
	m.sees("a socket of two processes: known from one", again, 800)
}

// Of a socket that two processes hold the parent is named, and the child stays
// known for when the parent ends.
func TestLibprocNamesTheParentOfAnInheritedSocket(t *testing.T) {
	m := newFakeMac(t)
	m.run(4711, gatewayListens(0), accepted("10.0.0.7:51234", 71))
	m.run(4712, gatewayListens(0), accepted("10.0.0.7:51234", 71))
	known := peer("10.0.0.7:51234", 71, nobody)
	m.sees("the parent's", gateway(known), 1, 900, 4711, 4712)
	m.sees("the parent's", gateway(known), 4711, 4712)
	m.end(4711)
	known.Server = 4712
	child := gateway(known)
	child[4002].Listener.Process = supervisor.Process{PID: 4712}
	m.sees("the child's", child, 4711, 4712)
}

// A client of this machine that is new is searched for, once.
func TestLibprocNamesAClientOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newFakeMac(t)
		m.run(4711, gatewayListens(0))
		m.sees("no client", gateway(), 1, 900, 4711)

		m.run(456, connected("127.0.0.1:51234", 80))
		m.run(4711, gatewayListens(0), accepted("127.0.0.1:51234", 71))
		named := peer("127.0.0.1:51234", 71, trader)
		m.sees("a new one", gateway(named), 1, 456, 900, 4711)
		m.sees("known", gateway(named), 456, 4711)

		remote := peer("10.0.0.7:51300", 72, nobody)
		m.run(4711, gatewayListens(0), accepted("127.0.0.1:51234", 71), accepted("10.0.0.7:51300", 72))
		m.sees("one of another machine is not searched for", gateway(remote, named), 456, 4711)

		// Another user's: seen from the Gateway only.
		m.run(4711, gatewayListens(0), accepted("127.0.0.1:51234", 71), accepted("127.0.0.1:51400", 73))
		hidden := gateway(named, peer("127.0.0.1:51400", 73, nobody))
		v := hidden[4002]
		v.Blind = []string{"which programs hold 1 of its connections (other users' processes)"}
		again := func() map[int]supervisor.PortView { return map[int]supervisor.PortView{4002: v} }
		m.sees("one of another user", again(), 1, 456, 900, 4711)
		for range 5 {
			time.Sleep(2 * time.Second)
			m.sees("not searched for again", again(), 456, 4711)
		}
		m.run(4711, gatewayListens(0), accepted("127.0.0.1:51234", 71), accepted("127.0.0.1:51400", 74))
		v.Peers = slices.Clone(v.Peers)
		v.Peers[1].Socket = 74
		m.sees("the same address, another connection", again(), 1, 456, 900, 4711)
		m.sees("not searched for again", again(), 456, 4711)
		time.Sleep(searchEvery)
		m.sees("with the regular search", again(), 1, 456, 900, 4711)
		m.sees("not searched for again", again(), 456, 4711)

		m.reader.searchedAt = supervisor.Now().Add(time.Hour)
		m.sees("the clock was set back", again(), 1, 456, 900, 4711)
		m.sees("not searched for again", again(), 456, 4711)
	})
}

// A client that was read before the Gateway, and has connected in between, is
// found by the next look.
func TestLibprocNamesAClientThatConnectsDuringTheSearch(t *testing.T) {
	m := newFakeMac(t)
	m.run(456)
	m.run(4711, gatewayListens(0))
	m.procs[456].after = func() {
		m.run(456, connected("127.0.0.1:51234", 80))
		m.run(4711, gatewayListens(0), accepted("127.0.0.1:51234", 71))
	}
	half := gateway(peer("127.0.0.1:51234", 71, nobody))
	v := half[4002]
	v.Blind = []string{"which programs hold 1 of its connections (other users' processes)"}
	half[4002] = v
	m.sees("half of it", half, 1, 456, 900, 4711)
	m.sees("all of it", gateway(peer("127.0.0.1:51234", 71, trader)), 1, 456, 900, 4711)
	m.sees("steady", gateway(peer("127.0.0.1:51234", 71, trader)), 456, 4711)
}

// A client uses the port number of one that has gone. It is named by itself, and
// not by its predecessor.
func TestLibprocTellsReusedPortsAndDescriptorsApart(t *testing.T) {
	m := newFakeMac(t)
	m.run(4711, gatewayListens(0), accepted("127.0.0.1:51234", 71))
	m.run(456, connected("127.0.0.1:51234", 80))
	m.sees("one client", gateway(peer("127.0.0.1:51234", 71, trader)), 1, 456, 900, 4711)

	m.run(4711, gatewayListens(0), accepted("127.0.0.1:51300", 72)) // the descriptor is the same
	m.run(456, connected("127.0.0.1:51300", 81))
	m.sees("the same descriptors, another connection", gateway(peer("127.0.0.1:51300", 72, trader)), 456, 4711)

	m.end(456)
	m.run(457, connected("127.0.0.1:51300", 82))
	m.run(4711, gatewayListens(0), accepted("127.0.0.1:51300", 73))
	m.sees("the same port, another client", gateway(peer("127.0.0.1:51300", 73, known[457])), 1, 456, 457, 900, 4711)
}

// Who made a zombie is known from having been seen.
func TestLibprocRemembersTheClientOfAZombie(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newFakeMac(t)
		m.run(4711, gatewayListens(0), accepted("127.0.0.1:51230", 71))
		m.run(700, connected("127.0.0.1:51230", 80))
		m.sees("the probe", gateway(peer("127.0.0.1:51230", 71, known[700])), 1, 700, 900, 4711)
		seen := supervisor.Now()

		time.Sleep(time.Second)
		m.end(700)
		m.run(4711, gatewayListens(0), stuck(accepted("127.0.0.1:51230", 71), 17))
		zombie := supervisor.Peer{Addr: addr("127.0.0.1:51230"), TCP: supervisor.CloseWait, Socket: 71, Server: 4711, Unread: 17,
			Client: known[700], ClientSeen: seen}
		m.sees("its zombie: is there somebody still?", gateway(zombie), 1, 700, 900, 4711)
		m.sees("there is nobody", gateway(zombie), 4711)

		// The same of a connection that has come up in a steady state.
		m.run(456, connected("127.0.0.1:51234", 81))
		m.run(4711, gatewayListens(0), stuck(accepted("127.0.0.1:51230", 71), 17), accepted("127.0.0.1:51234", 72))
		m.sees("another client", gateway(zombie, peer("127.0.0.1:51234", 72, trader)), 1, 456, 900, 4711)
		seen = supervisor.Now()
		m.end(456)
		m.run(4711, gatewayListens(0), stuck(accepted("127.0.0.1:51230", 71), 17), stuck(accepted("127.0.0.1:51234", 72), 0))
		second := supervisor.Peer{Addr: addr("127.0.0.1:51234"), TCP: supervisor.CloseWait, Socket: 72, Server: 4711, Client: trader, ClientSeen: seen}
		m.sees("its zombie: is there somebody still?", gateway(zombie, second), 1, 456, 900, 4711)
		m.sees("there is nobody", gateway(zombie, second), 4711)
	})
}

func TestLibprocNamesAHalfClosedClient(t *testing.T) {
	m := newFakeMac(t)
	half := connected("127.0.0.1:51230", 80)
	half.state = tsiFinWait2
	m.run(700, half)
	m.run(4711, gatewayListens(0), stuck(accepted("127.0.0.1:51230", 71), 0))
	m.sees("who makes the zombie", gateway(supervisor.Peer{Addr: addr("127.0.0.1:51230"), TCP: supervisor.CloseWait,
		Socket: 71, Server: 4711, Client: known[700]}), 1, 700, 900, 4711)
}

// A stale client shows in its own process alone. One that is known is seen at
// once, another one by the regular search.
func TestLibprocFindsStaleClients(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newFakeMac(t)
		m.run(4711, gatewayListens(0), accepted("127.0.0.1:51234", 71))
		m.run(456, connected("127.0.0.1:51234", 80))
		m.sees("a client", gateway(peer("127.0.0.1:51234", 71, trader)), 1, 456, 900, 4711)
		m.run(456, stuck(connected("127.0.0.1:51234", 80), 4))
		m.run(457, stuck(connected("127.0.0.1:51300", 81), 0))
		m.run(4711, gatewayListens(0))

		stale := func(port string, socket uint64, unread int, who supervisor.Process) supervisor.Peer {
			return supervisor.Peer{Addr: addr("127.0.0.1:" + port), TCP: supervisor.CloseWait, Socket: socket, Unread: unread, Client: who}
		}
		known1, known2 := stale("51234", 80, 4, trader), stale("51300", 81, 0, known[457])
		with := func(stale ...supervisor.Peer) map[int]supervisor.PortView {
			want := gateway()
			v := want[4002]
			v.StaleClients = stale
			return map[int]supervisor.PortView{4002: v}
		}
		m.sees("the known one", with(known1), 456, 4711)
		time.Sleep(searchEvery - time.Second)
		m.sees("still one", with(known1), 456, 4711)
		time.Sleep(time.Second)
		m.sees("both", with(known1, known2), 1, 456, 457, 900, 4711)
		m.sees("both are known", with(known1, known2), 456, 457, 4711)
	})
}

// A connection that nobody has accepted has no row, but its number is in the
// backlog. When that grows, the client is searched for at once, before it goes.
func TestLibprocSearchesForAClientInTheBacklog(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newFakeMac(t)
		m.run(4711, gatewayListens(0))
		m.sees("none", gateway(), 1, 900, 4711)
		waiting := func(n int, peers ...supervisor.Peer) map[int]supervisor.PortView {
			want := gateway(peers...)
			want[4002].Listener.Backlog = n
			return want
		}
		m.run(700, connected("127.0.0.1:51230", 80))
		m.run(4711, gatewayListens(1))
		m.sees("one waits", waiting(1), 1, 700, 900, 4711)
		seen := supervisor.Now()
		m.sees("it is known", waiting(1), 700, 4711)

		time.Sleep(time.Second)
		m.end(700)
		m.run(4711, gatewayListens(0), stuck(accepted("127.0.0.1:51230", 71), 17))
		m.sees("accepted when its client has gone", gateway(supervisor.Peer{Addr: addr("127.0.0.1:51230"), TCP: supervisor.CloseWait,
			Socket: 71, Server: 4711, Unread: 17, Client: known[700], ClientSeen: seen}), 1, 700, 900, 4711)
	})
}

// Two Gateways, a client on each, a zombie on one, and ports that begin alike.
func TestLibprocSeesTwoGatewaysInOneLook(t *testing.T) {
	m := newFakeMac(t)
	m.run(4711, gatewayListens(0), accepted("127.0.0.1:51234", 71), stuck(accepted("127.0.0.1:51230", 72), 5))
	m.run(800, macSocket{state: tsiListen, local: "127.0.0.1:40021", remote: "0.0.0.0:0", generation: 90, qlen: 1},
		macSocket{state: tsiEstablished, local: "127.0.0.1:40021", remote: "127.0.0.1:51240", generation: 91})
	m.run(456, connected("127.0.0.1:51234", 80))
	m.run(457, macSocket{state: tsiEstablished, local: "127.0.0.1:51240", remote: "127.0.0.1:40021", generation: 81, unread: 3})
	want := func() map[int]supervisor.PortView {
		both := gateway(
			supervisor.Peer{Addr: addr("127.0.0.1:51230"), TCP: supervisor.CloseWait, Socket: 72, Server: 4711, Unread: 5},
			peer("127.0.0.1:51234", 71, trader))
		both[40021] = supervisor.PortView{
			Listener: &supervisor.Listener{Address: "127.0.0.1:40021", Process: known[800], Backlog: 1},
			Peers:    []supervisor.Peer{{Addr: addr("127.0.0.1:51240"), TCP: supervisor.Established, Socket: 91, Server: 800, Client: known[457]}}}
		return both
	}
	m.sees("both", want(), 1, 456, 457, 800, 900, 4711)
	m.sees("does the zombie's client still exist?", want(), 1, 456, 457, 800, 900, 4711)
	m.sees("steady", want(), 456, 457, 800, 4711)
	m.sees("other ports", map[int]supervisor.PortView{4002: want()[4002]}, 1, 456, 457, 800, 900, 4711)

	m.end(800)
	m.end(457)
	one := want()
	one[40021] = supervisor.PortView{}
	m.sees("one of them is down", one, 1, 456, 900, 4711)
	m.sees("and searched for again", one, 1, 456, 900, 4711)
}
