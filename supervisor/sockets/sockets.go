// Package sockets reads the kernel's socket table: who listens on an API port,
// which connections it holds and in what state, and whose they are. It only
// reads. Nothing in this package can connect to anything but its own child, in
// [Check].
//
// Each system has one reader, made by [New]. A look that fails is an error,
// never an empty table: "cannot tell" must not become "nobody listens".
package sockets

import (
	"context"
	"fmt"
	"net/netip"
	"time"

	"gatelight/supervisor"
)

// A row is one TCP socket as a reader saw it.
type row struct {
	local, remote netip.AddrPort
	state         tcpState
	receiveQueue  int    // LISTEN: connections to accept; else bytes not read
	socket        uint64 // the kernel's own name for it; 0: it tells none
	inode         uint64 // Linux: by which a process holds it
	user          uint32 // Linux: whose it is
	queued        bool   // in the accept queue: no process holds it
	hidden        string // why its owner cannot be told, "" when it can
	owner         supervisor.Process
}

// tcpState holds the few states that matter here.
type tcpState uint8

const (
	other tcpState = iota
	listen
	established
	closeWait
	finWait // this side has closed; a process that still holds it is known
)

// A reach is what a reader can see at all.
type reach struct {
	reader   string
	ownOnly  bool // sockets of this user's processes alone
	accepted bool // no connection that is still in the accept queue
	denied   int  // this many of the user's processes may not be read
}

// blind is what lies beyond a reader's reach, in words.
func (r reach) blind() []string {
	var b []string
	if r.ownOnly {
		b = append(b, "other users' processes")
	}
	if r.accepted {
		b = append(b, "connections that nobody has accepted yet")
	}
	switch {
	case r.denied == 1:
		b = append(b, "one of your own processes, which may not be read")
	case r.denied > 1:
		b = append(b, fmt.Sprintf("%d of your own processes, which may not be read", r.denied))
	}
	return b
}

// A reader reads the table in one of the ways there are. It need not bear
// several looks at a time.
type reader interface {
	Reader() string
	Look(ctx context.Context, ports []int) (supervisor.Table, error)
}

// eyes implement [supervisor.Eyes] with a reader, and with what each system
// offers to wait for in its own file. They may be shared.
type eyes struct {
	reader
	turn chan struct{}
}

func newEyes(r reader) eyes { return eyes{r, make(chan struct{}, 1)} }

// Look waits for its turn, for as long as ctx lets it.
func (e eyes) Look(ctx context.Context, ports []int) (supervisor.Table, error) {
	select {
	case e.turn <- struct{}{}:
		defer func() { <-e.turn }()
		return e.reader.Look(ctx, ports)
	case <-ctx.Done():
		return supervisor.Table{}, fmt.Errorf("an earlier look has not ended: %w", ctx.Err())
	}
}

// now is the wall clock alone: looks are compared across a sleep.
func now() time.Time { return time.Now().Round(0) }

// plain undoes the mapping of IPv4 into IPv6 that dual-stack listeners show
// (::ffff:127.0.0.1), so that both ends of a connection compare equal.
func plain(a netip.Addr, port uint16) netip.AddrPort {
	return netip.AddrPortFrom(a.Unmap(), port)
}
