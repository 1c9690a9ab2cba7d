package sockets

import (
	"cmp"
	"maps"
	"slices"
	"sort"
	"time"

	"gatelight/supervisor"
)

// A clientCache has the process that was last seen at the client's end of each
// connection, by its addresses as the client sees them. When a client has ended,
// all that is left may be the Gateway's socket, if the Gateway does not close it,
// and the kernel does not tell whose connection that was.
type clientCache map[addrPair]lastSeen

type lastSeen struct {
	proc   supervisor.Process
	server uint64    // id of the server's socket; 0: not seen, or the system has none
	at     time.Time // when the client was there
	used   time.Time // when it was last seen or looked up
}

// maxClients bounds the cache. A Gateway takes 32 clients at a time.
const maxClients = 1024

// addressOnlyFor is how long the address alone identifies a connection, where the
// system has no ids for sockets: less than it takes until a port number is used
// again.
const addressOnlyFor = 10 * time.Minute

// lookup says who was seen at the other end of a server's socket, and when. The
// addresses alone may be those of an earlier connection, since port numbers are
// used again. So the socket's id must be the same, too, where there is one.
func (c clientCache) lookup(conn addrPair, server uint64, at time.Time) (supervisor.Process, time.Time) {
	s, ok := c[conn]
	addressOnly := s.server == 0 || server == 0
	if !ok || !addressOnly && s.server != server || addressOnly && at.Sub(s.at) > addressOnlyFor {
		return supervisor.Process{}, time.Time{}
	}
	s.used, s.server = at, cmp.Or(server, s.server)
	c[conn] = s
	return s.proc, s.at
}

// evict removes half of the cache when it is full: what was not used for longest.
func (c clientCache) evict() {
	if len(c) <= maxClients {
		return
	}
	conns := slices.Collect(maps.Keys(c))
	sort.Slice(conns, func(i, j int) bool { return c[conns[i]].used.Before(c[conns[j]].used) })
	for _, conn := range conns[:len(conns)-maxClients/2] {
		delete(c, conn)
	}
}
