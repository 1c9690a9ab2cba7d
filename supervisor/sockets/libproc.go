package sockets

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"syscall"
	"time"

	"gatelight/supervisor"
)

// A procTable is libproc. Each call fills the buffer with as much as fits, and
// says with how many bytes.
type procTable interface {
	processes(buffer []byte) (int, error) // this user's
	descriptors(pid int, buffer []byte) (int, error)
	socket(pid, fd int, buffer []byte) (int, error)
}

// libprocReader reads the sockets of macOS process by process. A look costs what
// the few processes cost that hold sockets of the ports. All processes of this
// user are read only when those cannot tell the whole. Buffers are kept between looks.
type libprocReader struct {
	table     procTable
	people    people
	assembler *assembler

	ports      []int // of the newest look, as are
	rows       []row
	held, next []holder    // as found; next is for the look under way
	backlog    map[int]int // by port
	here       map[ends]bool
	newest     search

	pids, fds []int
	bytes     []byte
	record    [socketInfoSize]byte
}

// A holder is a process that holds sockets of the ports.
type holder struct {
	pid     int
	listens bool
}

// A search is what remains to be known of having read all processes.
type search struct {
	at      time.Time
	unnamed map[unnamed]bool // connections whose client it has not found
}

// An unnamed connection to the port comes from this machine, and no process is
// seen at its other end. Its socket tells it from a later one with the same ends.
type unnamed struct {
	ends
	socket uint64
}

const (
	// searchEvery is how often all processes are read without a reason: a stale
	// client of a process that is not known shows nowhere else.
	searchEvery = 15 * time.Second

	// maxList is how long a list of processes or descriptors may be, in bytes.
	// macOS lets neither come near it.
	maxList = 8 << 20
)

func newLibproc(table procTable) *libprocReader {
	return &libprocReader{table: table, people: people{}, backlog: map[int]int{}, here: map[ends]bool{}, bytes: make([]byte, 32<<10),
		assembler: newAssembler(reach{reader: "libproc", ownOnly: true, accepted: true})}
}

func (*libprocReader) Reader() string { return "libproc" }

// Look reads the processes that are known to hold sockets of the ports, and all
// others where that leaves a doubt.
func (l *libprocReader) Look(ctx context.Context, ports []int) (supervisor.Table, error) {
	at := now() // before: what has happened since is not in it
	if err := l.collect(ctx, ports, at); err != nil {
		return supervisor.Table{}, fmt.Errorf("cannot read the sockets of this user's processes (libproc): %w", err)
	}
	if err := l.people.identify(ctx, l.rows); err != nil {
		return supervisor.Table{}, fmt.Errorf("cannot tell whose the sockets are: %w", err)
	}
	return l.assembler.table(l.rows, ports, at), nil
}

// collect leaves the ports' sockets in rows. What it knows of earlier looks
// changes only when it has come to its end.
func (l *libprocReader) collect(ctx context.Context, ports []int, at time.Time) error {
	l.rows, l.next = l.rows[:0], l.next[:0]
	denied := 0
	for _, h := range l.held {
		switch err := l.readProcess(ctx, h.pid, ports); {
		case errors.Is(err, fs.ErrPermission) && !h.listens:
			denied++
		case err != nil: // of the listener: that it cannot be seen does not mean that it is closed
			return err
		}
	}
	if denied > 0 || l.inDoubt(ports, at) {
		before := l.unnamed(ports)
		n, err := l.readOthers(ctx, ports)
		if err != nil {
			return err
		}
		l.assembler.reach.denied = denied + n
		l.newest = search{at, l.unnamed(ports)}
		for u := range l.newest.unnamed { // one that has come up meanwhile may have a client that was read before
			if !before[u] {
				delete(l.newest.unnamed, u)
			}
		}
	}
	l.held, l.next = l.next, l.held
	l.ports = append(l.ports[:0], ports...)
	for _, port := range ports {
		l.backlog[port], _ = l.listening(port)
	}
	l.rows = once(l.rows)
	return nil
}

// inDoubt reports that the processes read so far cannot tell the whole.
func (l *libprocReader) inDoubt(ports []int, at time.Time) bool {
	if !slices.Equal(ports, l.ports) || at.Sub(l.newest.at).Abs() >= searchEvery {
		return true
	}
	for _, port := range ports {
		backlog, open := l.listening(port)
		if !open || backlog > l.backlog[port] { // who waits in the queue may be gone when it is accepted
			return true
		}
	}
	doubt := false
	l.eachUnnamed(ports, func(u unnamed) { doubt = doubt || !l.newest.unnamed[u] })
	return doubt
}

func (l *libprocReader) listening(port int) (backlog int, open bool) {
	for i := range l.rows {
		if r := &l.rows[i]; r.state == listen && int(r.local.Port()) == port {
			backlog, open = max(backlog, r.receiveQueue), true
		}
	}
	return backlog, open
}

func (l *libprocReader) unnamed(ports []int) map[unnamed]bool {
	found := map[unnamed]bool{}
	l.eachUnnamed(ports, func(u unnamed) { found[u] = true })
	return found
}

func (l *libprocReader) eachUnnamed(ports []int, each func(unnamed)) {
	clear(l.here)
	for i := range l.rows {
		l.here[ends{l.rows[i].local, l.rows[i].remote}] = true
	}
	for i := range l.rows {
		r := &l.rows[i]
		atServer := r.state != listen && slices.Contains(ports, int(r.local.Port()))
		if atServer && sameHost(*r) && !l.here[ends{r.remote, r.local}] {
			each(unnamed{ends{r.local, r.remote}, r.socket})
		}
	}
}

// readOthers reads all processes but those that have been read, and says how
// many may not be.
func (l *libprocReader) readOthers(ctx context.Context, ports []int) (denied int, err error) {
	list, err := l.list(pidSize, l.table.processes)
	if err == nil {
		l.pids, err = parsePIDs(list, l.pids[:0])
	}
	if err == nil && len(l.pids) == 0 {
		err = errors.New("not even this process is there")
	}
	if err != nil {
		return 0, fmt.Errorf("the list of processes: %w", err)
	}
	slices.Sort(l.pids)
	for _, pid := range l.pids {
		if slices.ContainsFunc(l.held, func(h holder) bool { return h.pid == pid }) {
			continue
		}
		switch err := l.readProcess(ctx, pid, ports); {
		case errors.Is(err, fs.ErrPermission):
			denied++
		case err != nil:
			return denied, err
		}
	}
	return denied, nil
}

// readProcess adds the rows of one process, and none of one that has ended meanwhile.
func (l *libprocReader) readProcess(ctx context.Context, pid int, ports []int) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	first := len(l.rows)
	err := l.readDescriptors(pid, ports)
	if err != nil {
		l.rows = l.rows[:first]
	}
	if len(l.rows) > first {
		listens := slices.ContainsFunc(l.rows[first:], func(r row) bool { return r.state == listen })
		l.next = append(l.next, holder{pid, listens})
	}
	if err != nil && !errors.Is(err, syscall.ESRCH) {
		return fmt.Errorf("process %d: %w", pid, err)
	}
	return nil
}

func (l *libprocReader) readDescriptors(pid int, ports []int) error {
	list, err := l.list(fdInfoSize, func(buffer []byte) (int, error) { return l.table.descriptors(pid, buffer) })
	if err == nil {
		l.fds, err = parseFDs(list, l.fds[:0])
	}
	if err != nil {
		return fmt.Errorf("the list of descriptors: %w", err)
	}
	for _, fd := range l.fds {
		n, err := l.table.socket(pid, fd, l.record[:])
		if errors.Is(err, syscall.EBADF) || errors.Is(err, syscall.ENOTSOCK) {
			continue // closed since it was listed, or another file by now
		}
		if err != nil {
			return fmt.Errorf("descriptor %d: %w", fd, err)
		}
		r, ok, err := parseSocketInfo(l.record[:n], ports)
		if err != nil {
			return fmt.Errorf("descriptor %d: %w", fd, err)
		}
		if ok {
			r.owner.PID = pid
			l.rows = append(l.rows, r)
		}
	}
	return nil
}

// list asks for a list until it has all of it: of a buffer that is full, nobody
// knows whether it was enough.
func (l *libprocReader) list(entry int, ask func(buffer []byte) (int, error)) ([]byte, error) {
	for {
		n, err := ask(l.bytes)
		switch {
		case err != nil:
			return nil, err
		case n+entry <= len(l.bytes):
			return l.bytes[:n], nil
		case len(l.bytes) >= maxList:
			return nil, fmt.Errorf("it is longer than %d bytes", maxList)
		}
		l.bytes = make([]byte, 2*len(l.bytes))
	}
}

// once drops the rows of a socket that several processes hold, but the first. An
// inherited socket belongs to the parent, which has the lower pid and is found
// before its child; who has been found stays first.
func once(rows []row) []row {
	kept := rows[:0]
next:
	for i := range rows {
		for k := range kept {
			if rows[i].socket != 0 && kept[k].socket == rows[i].socket {
				continue next
			}
		}
		kept = append(kept, rows[i])
	}
	return kept
}
