package sockets

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"syscall"
	"time"

	"gatelight/supervisor"
)

// A procTable is libproc. Each call fills the buffer with as much as fits, and
// returns how many bytes that is.
type procTable interface {
	processes(buffer []byte) (int, error) // this user's
	descriptors(pid int, buffer []byte) (int, error)
	socket(pid, fd int, buffer []byte) (int, error)
}

// A libprocReader reads the sockets of macOS process by process. A look reads the
// few processes that hold sockets of the ports. It reads all processes of this
// user only when those are not enough. Buffers are kept between looks.
type libprocReader struct {
	table     procTable
	processes processCache
	assembler *assembler

	ports      []int                     // of the newest look
	rows       []row                     // of the newest look
	held, next []holder                  // in the order found; next is for the look under way
	backlog    map[int]int               // by port
	searchedAt time.Time                 // when all processes were read last
	notFound   map[unidentifiedConn]bool // connections whose client that search has not found

	pids, fds []int
	bytes     []byte
	record    [socketInfoSize]byte
}

// A holder is a process that holds sockets of the ports.
type holder struct {
	pid     int
	listens bool
}

// An unidentifiedConn to the port comes from this machine, and no process is seen
// at its other end. Its socket distinguishes it from a later connection with the
// same addresses.
type unidentifiedConn struct {
	addrPair
	socket uint64
}

const (
	// searchEvery is how often all processes are read without another reason: a
	// stale client of a process that is not known shows nowhere else.
	searchEvery = 15 * time.Second

	// maxList is how long a list of processes or descriptors may be, in bytes. The
	// limits of macOS keep both far below it.
	maxList = 8 << 20
)

func newLibproc(table procTable) *libprocReader {
	return &libprocReader{table: table, processes: processCache{}, backlog: map[int]int{}, bytes: make([]byte, 32<<10),
		assembler: newAssembler(readerLimits{reader: "libproc", ownOnly: true})}
}

func (*libprocReader) Reader() string { return "libproc" }

// Look reads the processes that are known to hold sockets of the ports, and all
// others when those are not enough.
func (l *libprocReader) Look(ctx context.Context, ports []int) (supervisor.Table, error) {
	at := supervisor.Now() // before the look: what happens during it may be missing
	if err := l.collect(ctx, ports, at); err != nil {
		return supervisor.Table{}, fmt.Errorf("cannot read the sockets of this user's processes (libproc): %w", err)
	}
	if err := l.processes.identify(ctx, l.rows); err != nil {
		return supervisor.Table{}, fmt.Errorf("cannot tell whose the sockets are: %w", err)
	}
	return l.assembler.table(l.rows, ports, at), nil
}

// collect puts the ports' sockets into rows. What it knows of earlier looks
// changes only when it succeeds.
func (l *libprocReader) collect(ctx context.Context, ports []int, at time.Time) error {
	l.rows, l.next = l.rows[:0], l.next[:0]
	denied := 0
	for _, h := range l.held {
		switch err := l.readProcess(ctx, h.pid, ports); {
		case errors.Is(err, fs.ErrPermission) && !h.listens:
			denied++
		case err != nil: // of the listener: a port that cannot be read may be open
			return err
		}
	}
	if denied > 0 || l.needsSearch(ports, at) {
		before := l.unidentified(ports)
		n, err := l.readOthers(ctx, ports)
		if err != nil {
			return err
		}
		l.assembler.limits.denied = denied + n
		l.searchedAt, l.notFound = at, l.unidentified(ports)
		// Who connected during the search may have been read before that, and is
		// searched for again in the next look.
		maps.DeleteFunc(l.notFound, func(u unidentifiedConn, _ bool) bool { return !before[u] })
	}
	l.held, l.next = l.next, l.held
	l.ports = append(l.ports[:0], ports...)
	for _, port := range ports {
		l.backlog[port], _ = l.listening(port)
	}
	l.rows = dropDuplicates(l.rows)
	return nil
}

// needsSearch reports that the processes read so far are not enough.
func (l *libprocReader) needsSearch(ports []int, at time.Time) bool {
	if !slices.Equal(ports, l.ports) || at.Sub(l.searchedAt).Abs() >= searchEvery {
		return true
	}
	for _, port := range ports {
		backlog, open := l.listening(port)
		if !open || backlog > l.backlog[port] { // a client in the queue may be gone when it is accepted
			return true
		}
	}
	for u := range l.unidentified(ports) {
		if !l.notFound[u] {
			return true
		}
	}
	return false
}

func (l *libprocReader) listening(port int) (backlog int, open bool) {
	for _, r := range l.rows {
		if r.state == listen && int(r.local.Port()) == port {
			backlog, open = max(backlog, r.receiveQueue), true
		}
	}
	return backlog, open
}

func (l *libprocReader) unidentified(ports []int) map[unidentifiedConn]bool {
	present := map[addrPair]bool{}
	for _, r := range l.rows {
		present[addrPair{r.local, r.remote}] = true
	}
	found := map[unidentifiedConn]bool{}
	for _, r := range l.rows {
		atServer := r.state != listen && slices.Contains(ports, int(r.local.Port()))
		if atServer && sameHost(r) && !present[addrPair{r.remote, r.local}] {
			found[unidentifiedConn{addrPair{r.local, r.remote}, r.socket}] = true
		}
	}
	return found
}

// readOthers reads all processes that have not been read yet, and returns how many
// may not be read.
func (l *libprocReader) readOthers(ctx context.Context, ports []int) (denied int, err error) {
	if l.pids, err = l.list(processList, l.pids[:0], l.table.processes); err != nil {
		return 0, err
	}
	if len(l.pids) == 0 {
		return 0, errors.New("the list of processes: not even this process is there")
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

// readProcess adds the rows of one process; it has none if the process has ended
// meanwhile.
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

func (l *libprocReader) readDescriptors(pid int, ports []int) (err error) {
	ask := func(buffer []byte) (int, error) { return l.table.descriptors(pid, buffer) }
	if l.fds, err = l.list(descriptorList, l.fds[:0], ask); err != nil {
		return err
	}
	for _, fd := range l.fds {
		n, err := l.table.socket(pid, fd, l.record[:])
		if errors.Is(err, syscall.EBADF) || errors.Is(err, syscall.ENOTSOCK) {
			continue // closed since it was listed, or another file now
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

// list asks for a list until it has all of it, and appends its numbers: when the
// buffer is full, there may be more.
func (l *libprocReader) list(kind numberList, numbers []int, ask func(buffer []byte) (int, error)) ([]int, error) {
	n, err := ask(l.bytes)
	for err == nil && n+kind.size > len(l.bytes) && len(l.bytes) < maxList {
		l.bytes = make([]byte, 2*len(l.bytes))
		n, err = ask(l.bytes)
	}
	switch {
	case err != nil:
	case n+kind.size > len(l.bytes):
		err = fmt.Errorf("it is longer than %d bytes", maxList)
	default:
		numbers, err = kind.parse(l.bytes[:n], numbers)
	}
	if err != nil {
		return numbers, fmt.Errorf("the list of %s: %w", kind.of, err)
	}
	return numbers, nil
}

// dropDuplicates keeps the first row of a socket that several processes hold. An
// inherited socket belongs to the parent, which has the lower pid and is found
// before its child; what has been found stays first.
func dropDuplicates(rows []row) []row {
	kept := rows[:0]
	for _, r := range rows {
		if r.socket == 0 || !slices.ContainsFunc(kept, func(k row) bool { return k.socket == r.socket }) {
			kept = append(kept, r)
		}
	}
	return kept
}
