// Package sockets reads the kernel's socket table: who listens on an API port,
// which connections it has and in which state, and whose they are. It only reads.
// Nothing in this package can connect to anything but its own child, in [Check].
//
// Each system has one reader, made by [New]. A look that fails is an error, never
// an empty table: "cannot tell" must not become "nobody listens".
package sockets

import (
	"context"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"gatelight/supervisor"
)

// A row is one TCP socket as a reader saw it.
type row struct {
	local, remote netip.AddrPort
	state         tcpState
	receiveQueue  int    // LISTEN: connections to accept; else bytes not read
	socket        uint64 // the kernel's own id for it; 0: it has none
	inode         uint64 // Linux: by which a process holds it
	user          uint32 // Linux: whose it is
	queued        bool   // in the accept queue: no process holds it
	hidden        string // why its owner is not known, "" when it is
	owner         supervisor.Process
}

// tcpState holds the few states that matter here.
type tcpState uint8

const (
	other tcpState = iota
	listen
	established
	closeWait
	finWait // this side has closed, and waits for the other; a process may hold it still
)

// tcpStateNamed reads a state as lsof and gopsutil write it.
func tcpStateNamed(name string) tcpState {
	switch {
	case name == "LISTEN":
		return listen
	case name == "ESTABLISHED":
		return established
	case name == "CLOSE_WAIT":
		return closeWait
	case strings.HasPrefix(name, "FIN_WAIT"):
		return finWait
	}
	return other
}

// readerLimits are what a reader cannot see.
type readerLimits struct {
	reader   string
	ownOnly  bool // it sees what this user's processes hold, and so no connection in an accept queue
	denied   int  // this many of the user's processes may not be read
	noQueues bool // it does not tell how long queues are
}

// blindSpots is what a reader cannot see, in words.
func (r readerLimits) blindSpots() []string {
	var b []string
	if r.ownOnly {
		b = append(b, "other users' processes", "connections that nobody has accepted yet")
	}
	if r.noQueues {
		b = append(b, "unread bytes, and connections that nobody has accepted yet")
	}
	switch {
	case r.denied == 1:
		b = append(b, "one of your own processes, which may not be read")
	case r.denied > 1:
		b = append(b, fmt.Sprintf("%d of your own processes, which may not be read", r.denied))
	}
	return b
}

// A reader reads the table in one way. It need not support several looks at the
// same time.
type reader interface {
	Reader() string
	Look(ctx context.Context, ports []int) (supervisor.Table, error)
}

// A systemReader implements [supervisor.SocketReader] with a reader; the file of
// each system adds what it can wait for. Several goroutines may use it.
type systemReader struct {
	reader
	lock   chan struct{} // holds a value during a look
	hidden map[int]bool  // by port: the newest look at it found its listener hidden
}

func newSystemReader(r reader) systemReader {
	return systemReader{r, make(chan struct{}, 1), map[int]bool{}}
}

// rereadAfter is how long a look waits before it reads the table once more: far
// longer than the end of a connection takes from one end to the other on a busy
// machine, and not noticed by a person.
const rereadAfter = 50 * time.Millisecond

// Look waits until earlier looks have ended, or ctx has.
//
// No reader reads all rows at the same moment. When a Gateway ends meanwhile, a
// client may be read before the end of its connection has arrived, and the
// Gateway's socket when it is gone. So a listener that was not hidden before is
// hidden only if the table, read once more, says so again.
func (s systemReader) Look(ctx context.Context, ports []int) (supervisor.Table, error) {
	select {
	case s.lock <- struct{}{}:
		defer func() { <-s.lock }()
	case <-ctx.Done():
		return supervisor.Table{}, fmt.Errorf("an earlier look has not ended: %w", ctx.Err())
	}
	table, err := s.reader.Look(ctx, ports)
	if err == nil && s.newlyHidden(table) {
		select {
		case <-time.After(rereadAfter):
			table, err = s.reader.Look(ctx, ports)
		case <-ctx.Done():
			err = fmt.Errorf("the second reading of the table did not end: %w", ctx.Err())
		}
	}
	if err != nil {
		return supervisor.Table{}, err
	}
	for port, v := range table.Ports {
		s.hidden[port] = v.Hidden != ""
	}
	return table, nil
}

// newlyHidden reports that a listener is hidden that was not in the look before.
func (s systemReader) newlyHidden(t supervisor.Table) bool {
	for port, v := range t.Ports {
		if v.Hidden != "" && !s.hidden[port] {
			return true
		}
	}
	return false
}

// unmapped undoes the mapping of IPv4 into IPv6 that dual-stack listeners have
// (::ffff:127.0.0.1), so that both ends of a connection compare equal.
func unmapped(a netip.Addr, port uint16) netip.AddrPort {
	return netip.AddrPortFrom(a.Unmap(), port)
}
