package sockets

import (
	"context"
	"encoding/binary"
	"maps"
	"slices"
	"syscall"
	"testing"
	"time"

	"gatelight/supervisor"
)

// A fakeMac is a machine's processes, as libproc tells of them.
type fakeMac struct {
	t      *testing.T
	procs  map[int]*macProcess
	reader *libprocReader
	listed int   // how often all processes were listed
	read   []int // whose descriptors were read, in the newest look
	failed error // of listing the processes

	hidden []string // what else a view should say it is blind to
}

type macProcess struct {
	denied error // of listing its descriptors
	fds    []macFD
	after  func() // what happens when its descriptors have been listed
}

type macFD struct {
	fd   int
	kind uint32 // PROX_FDTYPE_…
	info []byte
	err  error
	then func() // what happens when it has been read
}

// newFakeMac runs nothing but processes that have no business with the ports.
func newFakeMac(t *testing.T) *fakeMac {
	m := &fakeMac{t: t, procs: map[int]*macProcess{}}
	m.reader = newLibproc(m)
	m.run(1, macSocket{state: tsiListen, local: "[::]:80", remote: "[::]:0", versions: 3})
	m.run(900)
	m.procs[900].fds = []macFD{{fd: 0, kind: 1}, {fd: 1, kind: 5}} // a file, a kqueue
	return m
}

// run starts a process that holds these sockets, or gives it others.
func (m *fakeMac) run(pid int, sockets ...macSocket) {
	p := &macProcess{fds: []macFD{{fd: 0, kind: 1}}}
	for i, s := range sockets {
		p.fds = append(p.fds, macFD{fd: 3 + i, kind: 2, info: s.record()})
	}
	m.procs[pid] = p
}

func (m *fakeMac) end(pid int) { delete(m.procs, pid) }

func (m *fakeMac) processes(buffer []byte) (int, error) {
	m.listed++
	if m.failed != nil {
		return 0, m.failed
	}
	var list []byte
	for _, pid := range slices.Backward(slices.Sorted(maps.Keys(m.procs))) { // the newest first, as there
		list = binary.LittleEndian.AppendUint32(list, uint32(pid))
	}
	return copy(buffer[:len(buffer)&^3], list), nil
}

func (m *fakeMac) descriptors(pid int, buffer []byte) (int, error) {
	p := m.procs[pid]
	if !slices.Contains(m.read, pid) {
		m.read = append(m.read, pid)
	}
	switch {
	case p == nil:
		return 0, syscall.ESRCH
	case p.denied != nil:
		return 0, p.denied
	}
	var list []byte
	for _, fd := range p.fds {
		list = binary.LittleEndian.AppendUint32(list, uint32(fd.fd))
		list = binary.LittleEndian.AppendUint32(list, fd.kind)
	}
	n := copy(buffer[:len(buffer)&^7], list)
	if p.after != nil {
		p.after()
	}
	return n, nil
}

func (m *fakeMac) socket(pid, fd int, buffer []byte) (int, error) {
	p := m.procs[pid]
	if p == nil {
		return 0, syscall.ESRCH
	}
	for _, f := range p.fds {
		switch {
		case f.fd != fd:
		case f.kind != 2:
			return 0, syscall.ENOTSOCK
		case f.err != nil:
			return 0, f.err
		default:
			if f.then != nil {
				f.then()
			}
			return copy(buffer, f.info), nil
		}
	}
	return 0, syscall.EBADF
}

// known are who the processes are; nothing real is asked.
var known = processCache{
	4711: java, 456: trader,
	4712: {PID: 4712}, // nothing else could be found out about it
	457:  {PID: 457, Name: "python3", Command: "python3 recorder.py"},
	700:  {PID: 700, Name: "python3", Command: "python3 probe.py"},
	800:  {PID: 800, Name: "java", Command: "java"},
}

// look takes one look, and gives the table without its time.
func (m *fakeMac) look(ports ...int) (supervisor.Table, error) {
	m.read = nil
	m.reader.processes = known
	before := supervisor.Now()
	table, err := m.reader.Look(context.Background(), ports)
	if err == nil && (table.At.Before(before) || table.At.After(supervisor.Now())) {
		m.t.Errorf("a look at %v, between %v and %v", table.At, before, supervisor.Now())
	}
	table.At = time.Time{}
	slices.Sort(m.read)
	return table, err
}

// sees takes one look at the ports of the table that it should see, and reads
// the descriptors of these processes on the way.
func (m *fakeMac) sees(what string, want map[int]supervisor.PortView, read ...int) {
	m.t.Helper()
	whole := supervisor.Table{Reader: "libproc", Ports: map[int]supervisor.PortView{}}
	for port, v := range want {
		v.OwnOnly = true
		v.Blind = slices.Concat(v.Blind, []string{"other users' processes", "connections that nobody has accepted yet"}, m.hidden)
		whole.Ports[port] = v
	}
	got, err := m.look(slices.Sorted(maps.Keys(want))...)
	if err != nil {
		m.t.Errorf("%s: %v", what, err)
		return
	}
	if diff := diffViews(whole, got); diff != "" {
		m.t.Errorf("%s (-want +got):\n%s", what, diff)
	}
	if !slices.Equal(m.read, read) {
		m.t.Errorf("%s: the processes %v were read, want %v", what, m.read, read)
	}
}
