package sockets

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"strings"
	"syscall"
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

func peer(at string, socket uint64, client supervisor.Proc) supervisor.Peer {
	return supervisor.Peer{Addr: addr(at), TCP: supervisor.Established, Socket: socket, Server: 4711, Client: client}
}

var down = map[int]supervisor.PortView{4002: {}}

// Once it is known who holds the port's sockets, nobody else is read.
func TestLibprocWatchesCheaply(t *testing.T) {
	m := newMac(t)
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
	m := newMac(t)
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
func TestLibprocInheritedSockets(t *testing.T) {
	m := newMac(t)
	m.run(4711, gatewayListens(0), accepted("10.0.0.7:51234", 71))
	m.run(4712, gatewayListens(0), accepted("10.0.0.7:51234", 71))
	known := peer("10.0.0.7:51234", 71, nobody)
	m.sees("the parent's", gateway(known), 1, 900, 4711, 4712)
	m.sees("the parent's", gateway(known), 4711, 4712)
	m.end(4711)
	known.Server = 4712
	child := gateway(known)
	child[4002].Listener.Process = supervisor.Proc{PID: 4712}
	m.sees("the child's", child, 4711, 4712)
}

// A client of this machine that is new is searched for, once.
func TestLibprocNamesAClientOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMac(t)
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

		m.reader.newest.at = now().Add(time.Hour)
		m.sees("the clock was set back", again(), 1, 456, 900, 4711)
		m.sees("not searched for again", again(), 456, 4711)
	})
}

// A client that was read before the Gateway, and has connected in between, is
// found by the next look.
func TestLibprocAConnectionThatComesUpDuringTheSearch(t *testing.T) {
	m := newMac(t)
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

// The port of a client that has gone is used by another one: a new connection,
// and not an old one's client.
func TestLibprocReusedPortsAndDescriptors(t *testing.T) {
	m := newMac(t)
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
func TestLibprocZombie(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMac(t)
		m.run(4711, gatewayListens(0), accepted("127.0.0.1:51230", 71))
		m.run(700, connected("127.0.0.1:51230", 80))
		m.sees("the probe", gateway(peer("127.0.0.1:51230", 71, known[700])), 1, 700, 900, 4711)
		seen := now()

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
		seen = now()
		m.end(456)
		m.run(4711, gatewayListens(0), stuck(accepted("127.0.0.1:51230", 71), 17), stuck(accepted("127.0.0.1:51234", 72), 0))
		second := supervisor.Peer{Addr: addr("127.0.0.1:51234"), TCP: supervisor.CloseWait, Socket: 72, Server: 4711, Client: trader, ClientSeen: seen}
		m.sees("its zombie: is there somebody still?", gateway(zombie, second), 1, 456, 900, 4711)
		m.sees("there is nobody", gateway(zombie, second), 4711)
	})
}

func TestLibprocAHalfClosedClientIsThere(t *testing.T) {
	m := newMac(t)
	half := connected("127.0.0.1:51230", 80)
	half.state = tsiFinWait2
	m.run(700, half)
	m.run(4711, gatewayListens(0), stuck(accepted("127.0.0.1:51230", 71), 0))
	m.sees("who makes the zombie", gateway(supervisor.Peer{Addr: addr("127.0.0.1:51230"), TCP: supervisor.CloseWait,
		Socket: 71, Server: 4711, Client: known[700]}), 1, 700, 900, 4711)
}

// A stale client shows in its own process alone. One that is known is seen at
// once, another one by the regular search.
func TestLibprocStaleClients(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMac(t)
		m.run(4711, gatewayListens(0), accepted("127.0.0.1:51234", 71))
		m.run(456, connected("127.0.0.1:51234", 80))
		m.sees("a client", gateway(peer("127.0.0.1:51234", 71, trader)), 1, 456, 900, 4711)
		m.run(456, stuck(connected("127.0.0.1:51234", 80), 4))
		m.run(457, stuck(connected("127.0.0.1:51300", 81), 0))
		m.run(4711, gatewayListens(0))

		stale := func(port string, socket uint64, unread int, who supervisor.Proc) supervisor.Peer {
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

// Rows of a connection that nobody has accepted do not exist. How many there are
// is known; who waits is searched for, before it goes.
func TestLibprocBacklog(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMac(t)
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
		seen := now()
		m.sees("it is known", waiting(1), 700, 4711)

		time.Sleep(time.Second)
		m.end(700)
		m.run(4711, gatewayListens(0), stuck(accepted("127.0.0.1:51230", 71), 17))
		m.sees("accepted when its client has gone", gateway(supervisor.Peer{Addr: addr("127.0.0.1:51230"), TCP: supervisor.CloseWait,
			Socket: 71, Server: 4711, Unread: 17, Client: known[700], ClientSeen: seen}), 1, 700, 900, 4711)
	})
}

// Two Gateways, a client on each, a zombie on one, and ports that begin alike.
func TestLibprocTwoGateways(t *testing.T) {
	m := newMac(t)
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
	m.sees("is the zombie's maker there?", want(), 1, 456, 457, 800, 900, 4711)
	m.sees("steady", want(), 456, 457, 800, 4711)
	m.sees("other ports", map[int]supervisor.PortView{4002: want()[4002]}, 1, 456, 457, 800, 900, 4711)

	m.end(800)
	m.end(457)
	one := want()
	one[40021] = supervisor.PortView{}
	m.sees("one of them is down", one, 1, 456, 900, 4711)
	m.sees("and searched for again", one, 1, 456, 900, 4711)
}

// What changes while it is read is no error: it is not there any more.
func TestLibprocReadsWhatChanges(t *testing.T) {
	m := newMac(t)
	m.run(4711, gatewayListens(0), accepted("10.0.0.7:51234", 71), accepted("10.0.0.7:51235", 72))
	one, two := peer("10.0.0.7:51234", 71, nobody), peer("10.0.0.7:51235", 72, nobody)
	m.sees("two clients", gateway(one, two), 1, 900, 4711)

	m.procs[4711].after = func() { m.procs[4711].fds[2].fd = 99 } // and 4 is closed
	m.sees("a descriptor is closed", gateway(two), 4711)
	m.run(4711, gatewayListens(0), accepted("10.0.0.7:51234", 71), accepted("10.0.0.7:51235", 72))
	m.procs[4711].after = func() { m.procs[4711].fds[3].kind = 1 }
	m.sees("a descriptor is a file by now", gateway(one), 4711)
	m.run(4711, gatewayListens(0), accepted("10.0.0.7:51234", 71))
	m.procs[4711].fds[1].then = func() { m.end(4711) }
	m.sees("the process ends half-way", down, 1, 900, 4711)
}

// More processes and descriptors than there was room for.
func TestLibprocLongLists(t *testing.T) {
	m := newMac(t)
	m.reader.bytes = make([]byte, 16)
	var read []int
	for pid := 5000; pid < 5100; pid++ {
		m.run(pid)
		read = append(read, pid)
	}
	m.run(4711, slices.Concat(slices.Repeat([]macSocket{{state: tsiListen, local: "[::]:80", remote: "[::]:0"}}, 200), []macSocket{gatewayListens(0)})...)
	m.sees("the last of 200", gateway(), append([]int{1, 900, 4711}, read...)...)

	m.reader.bytes = make([]byte, 1<<10) // 1608 are needed
	m.sees("the last of 200", gateway(), 4711)
}

// Not allowed to look is not nothing there.
func TestLibprocDenied(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMac(t)
		m.run(4711, gatewayListens(0), accepted("127.0.0.1:51234", 71))
		m.run(456, connected("127.0.0.1:51234", 80))
		m.procs[900].denied = syscall.EPERM
		m.hidden = []string{"one of your own processes, which may not be read"}
		m.sees("one that was never known to matter", gateway(peer("127.0.0.1:51234", 71, trader)), 1, 456, 900, 4711)
		m.sees("is still not to be read", gateway(peer("127.0.0.1:51234", 71, trader)), 456, 4711)

		m.procs[456].denied = syscall.EACCES
		m.hidden = []string{"2 of your own processes, which may not be read"}
		v := gateway(peer("127.0.0.1:51234", 71, nobody))[4002]
		v.Blind = []string{"which programs hold 1 of its connections (other users' processes)"}
		m.sees("a known client", map[int]supervisor.PortView{4002: v}, 1, 456, 900, 4711)
		m.sees("and no more", map[int]supervisor.PortView{4002: v}, 4711)

		m.run(457, stuck(connected("127.0.0.1:51300", 81), 0))
		time.Sleep(searchEvery)
		stale := v
		stale.StaleClients = []supervisor.Peer{{Addr: addr("127.0.0.1:51300"), TCP: supervisor.CloseWait, Socket: 81, Client: known[457]}}
		m.sees("a stale client", map[int]supervisor.PortView{4002: stale}, 1, 456, 457, 900, 4711)
		m.procs[457].denied = syscall.EPERM
		m.hidden = []string{"3 of your own processes, which may not be read"}
		m.sees("of which nothing else tells", map[int]supervisor.PortView{4002: v}, 1, 456, 457, 900, 4711)

		m.procs[4711].denied = syscall.EPERM
		m.fails("the listener", "process 4711: the list of descriptors: operation not permitted")
		m.fails("the listener, again", "process 4711: the list of descriptors: operation not permitted")
		m.end(4711)
		m.sees("it has ended", down, 1, 456, 457, 900, 4711)
	})
}

// fails takes a look that must be an error, and no table.
func (m *mac) fails(what, say string) {
	m.t.Helper()
	table, err := m.look(4002)
	if err == nil || !strings.HasSuffix(err.Error(), say) || !strings.HasPrefix(err.Error(), "cannot read the sockets of this user's processes (libproc): ") {
		m.t.Errorf("%s: %v, want %q", what, err, say)
	}
	if !reflect.DeepEqual(table, supervisor.Table{}) {
		m.t.Errorf("%s: a table all the same: %+v", what, table)
	}
}

// Every way in which libproc can fail is an error of the look.
func TestLibprocFails(t *testing.T) {
	short := macSocket{state: tsiListen, local: "[::]:80", remote: "[::]:0"}.record()[:791]
	for _, tt := range []struct {
		name, say string
		breaks    func(*mac)
	}{
		{"no list of processes", "the list of processes: no such function", func(m *mac) { m.failed = errors.New("no such function") }},
		{"an empty list of processes", "the list of processes: not even this process is there", func(m *mac) { clear(m.procs) }},
		{"a list without an end", "the list of processes: it is longer than 8388608 bytes", func(m *mac) { m.reader.table = endless{m} }},
		{"no list of descriptors", "process 900: the list of descriptors: input/output error", func(m *mac) { m.procs[900].denied = syscall.EIO }},
		{"a negative descriptor", "process 900: the list of descriptors: descriptor -1 in the list of descriptors",
			func(m *mac) { m.procs[900].fds = []macFD{{fd: -1, kind: 2}} }},
		{"a socket that cannot be read", "process 900: descriptor 3: cannot allocate memory",
			func(m *mac) { m.procs[900].fds = []macFD{{fd: 3, kind: 2, err: syscall.ENOMEM}} }},
		{"a short record", "process 900: descriptor 3: socket record of 791 bytes, want 792",
			func(m *mac) { m.procs[900].fds = []macFD{{fd: 3, kind: 2, info: short}} }},
	} {
		m := newMac(t)
		m.run(4711, gatewayListens(0))
		tt.breaks(m)
		m.fails(tt.name, tt.say)
	}
}

type endless struct{ *mac }

func (endless) processes(buffer []byte) (int, error) { return len(buffer), nil }

// A look that fails, or runs out of time, takes nothing from the next one.
func TestLibprocAfterAFailure(t *testing.T) {
	m := newMac(t)
	m.run(4711, gatewayListens(0), accepted("127.0.0.1:51234", 71))
	m.run(456, connected("127.0.0.1:51234", 80))
	want := func() map[int]supervisor.PortView { return gateway(peer("127.0.0.1:51234", 71, trader)) }
	m.sees("all is well", want(), 1, 456, 900, 4711)

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	m.read = nil
	if table, err := m.reader.Look(ctx, []int{4002}); !errors.Is(err, context.Canceled) || table.Ports != nil {
		t.Errorf("%+v, %v; want %v", table, err, context.Canceled)
	}
	if len(m.read) > 0 {
		t.Errorf("the processes %v were read when time had run out", m.read)
	}
	m.sees("all is well", want(), 456, 4711)
	m.procs[4711].denied = syscall.EIO
	m.fails("the Gateway", "process 4711: the list of descriptors: input/output error")
	m.procs[4711].denied = nil
	m.sees("all is well", want(), 456, 4711)
}

// A socket without a name is nobody else's.
func TestOnce(t *testing.T) {
	var rows, want []row
	for i, socket := range []uint64{1, 0, 2, 0, 1, 2, 3} {
		r := row{socket: socket, receiveQueue: i}
		if rows = append(rows, r); i != 4 && i != 5 {
			want = append(want, r)
		}
	}
	if got := once(rows); !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, want %+v", got, want)
	}
}
