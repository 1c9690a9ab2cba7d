package sockets

import (
	"encoding/binary"
	"fmt"
	"testing"
	"time"
)

// manyProcesses are a procTable whose answers are prepared, so that only the
// reader's own work counts.
type manyProcesses struct {
	pids    []byte
	fds     map[int][]byte
	records map[int][]byte // by pid; of every socket of it but those of the port
	port    map[[2]int][]byte
	calls   int
}

// fdsEach is how many descriptors each of the others has, every fourth a socket.
const fdsEach = 40

// newManyProcesses are a Gateway with a client, and that many others.
func newManyProcesses(others int) *manyProcesses {
	c := &manyProcesses{fds: map[int][]byte{}, records: map[int][]byte{}, port: map[[2]int][]byte{}}
	foreign := macSocket{state: tsiEstablished, local: "10.0.0.1:50000", remote: "10.0.0.9:443", generation: 1}.record()
	add := func(pid int, own ...macSocket) {
		c.pids = binary.LittleEndian.AppendUint32(c.pids, uint32(pid))
		c.records[pid] = foreign
		for fd := range fdsEach {
			kind := uint32(1)
			if fd%4 == 0 {
				kind = 2
			}
			c.fds[pid] = binary.LittleEndian.AppendUint32(c.fds[pid], uint32(fd))
			c.fds[pid] = binary.LittleEndian.AppendUint32(c.fds[pid], kind)
		}
		for i, s := range own {
			c.port[[2]int{pid, 4 * i}] = s.record()
		}
	}
	add(4711, gatewayListens(0), accepted("127.0.0.1:51234", 71))
	add(456, connected("127.0.0.1:51234", 80))
	for i := range others {
		add(10000 + i)
	}
	return c
}

func (m *manyProcesses) processes(buffer []byte) (int, error) {
	m.calls++
	return copy(buffer, m.pids), nil
}

func (m *manyProcesses) descriptors(pid int, buffer []byte) (int, error) {
	m.calls++
	return copy(buffer, m.fds[pid]), nil
}

func (m *manyProcesses) socket(pid, fd int, buffer []byte) (int, error) {
	m.calls++
	if record, ok := m.port[[2]int{pid, fd}]; ok {
		return copy(buffer, record), nil
	}
	return copy(buffer, m.records[pid]), nil
}

// steady is a reader that has found all processes.
func steady(tb testing.TB, c *manyProcesses) *libprocReader {
	l := newLibproc(c)
	l.processes = known
	for range 2 {
		if _, err := l.Look(tb.Context(), []int{4002}); err != nil {
			tb.Fatal(err)
		}
	}
	return l
}

// In a steady state others cost nothing, neither calls nor memory; and a search
// of all allocates nothing that grows with them.
func TestLibprocCostsNoMoreWithManyOtherProcesses(t *testing.T) {
	cost := func(others int, search bool) (allocs float64, calls int) {
		c := newManyProcesses(others)
		l := steady(t, c)
		look := func() {
			if search {
				l.searchedAt = time.Time{}
			}
			if _, err := l.Look(t.Context(), []int{4002}); err != nil {
				t.Fatal(err)
			}
		}
		c.calls = 0
		look()
		calls = c.calls
		return testing.AllocsPerRun(100, look), calls
	}
	for _, search := range []bool{false, true} {
		few, fewCalls := cost(1, search)
		many, manyCalls := cost(300, search)
		if few != many {
			t.Errorf("search %t: %v allocations with one other process, %v with 300", search, few, many)
		}
		const each = 1 + fdsEach/4 // the list, and each socket
		want := fewCalls
		if search {
			want += 299 * each
		}
		if manyCalls != want || fewCalls < 2*each {
			t.Errorf("search %t: %d calls with one other process, %d with 300, want %d", search, fewCalls, manyCalls, want)
		}
	}
}

func BenchmarkLibprocLook(b *testing.B) {
	for _, search := range []bool{false, true} {
		b.Run(fmt.Sprintf("300 others/search=%t", search), func(b *testing.B) {
			l := steady(b, newManyProcesses(300))
			b.ReportAllocs()
			for b.Loop() {
				if search {
					l.searchedAt = time.Time{}
				}
				if _, err := l.Look(b.Context(), []int{4002}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
