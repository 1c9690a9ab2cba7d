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

// A process or a descriptor that ends while it is read is left out, and no error.
func TestLibprocLeavesOutWhatEndsWhileItIsRead(t *testing.T) {
	m := newFakeMac(t)
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
func TestLibprocReadsListsThatAreLongerThanItsBuffer(t *testing.T) {
	m := newFakeMac(t)
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

// What may not be read may matter, so the view says how much that is.
func TestLibprocSaysHowManyProcessesMayNotBeRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newFakeMac(t)
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
func (m *fakeMac) fails(what, say string) {
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
func TestAFailureOfLibprocFailsTheLook(t *testing.T) {
	short := macSocket{state: tsiListen, local: "[::]:80", remote: "[::]:0"}.record()[:791]
	for _, tt := range []struct {
		name, say string
		breaks    func(*fakeMac)
	}{
		{"no list of processes", "the list of processes: no such function", func(m *fakeMac) { m.failed = errors.New("no such function") }},
		{"an empty list of processes", "the list of processes: not even this process is there", func(m *fakeMac) { clear(m.procs) }},
		{"a list without an end", "the list of processes: it is longer than 8388608 bytes", func(m *fakeMac) { m.reader.table = endless{m} }},
		{"no list of descriptors", "process 900: the list of descriptors: input/output error", func(m *fakeMac) { m.procs[900].denied = syscall.EIO }},
		{"a negative descriptor", "process 900: the list of descriptors: descriptor -1 in the list of descriptors",
			func(m *fakeMac) { m.procs[900].fds = []macFD{{fd: -1, kind: 2}} }},
		{"a socket that cannot be read", "process 900: descriptor 3: cannot allocate memory",
			func(m *fakeMac) { m.procs[900].fds = []macFD{{fd: 3, kind: 2, err: syscall.ENOMEM}} }},
		{"a short record", "process 900: descriptor 3: socket record of 791 bytes, want 792",
			func(m *fakeMac) { m.procs[900].fds = []macFD{{fd: 3, kind: 2, info: short}} }},
	} {
		m := newFakeMac(t)
		m.run(4711, gatewayListens(0))
		tt.breaks(m)
		m.fails(tt.name, tt.say)
	}
}

type endless struct{ *fakeMac }

func (endless) processes(buffer []byte) (int, error) { return len(buffer), nil }

// A look that fails, or runs out of time, takes nothing from the next one.
func TestAFailedLookOfLibprocTakesNothingFromTheNext(t *testing.T) {
	m := newFakeMac(t)
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

// Rows are of the same socket if they have the same id. 0 is no id: such a row is
// never another one's duplicate.
func TestASocketOfSeveralProcessesIsOneRow(t *testing.T) {
	var rows, want []row
	for i, socket := range []uint64{1, 0, 2, 0, 1, 2, 3} {
		r := row{socket: socket, receiveQueue: i}
		if rows = append(rows, r); i != 4 && i != 5 {
			want = append(want, r)
		}
	}
	if got := dropDuplicates(rows); !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, want %+v", got, want)
	}
}
