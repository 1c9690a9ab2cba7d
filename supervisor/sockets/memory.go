package sockets

import (
	"cmp"
	"maps"
	"net/netip"
	"slices"
	"time"

	"gatelight/supervisor"
)

// A memory knows who was seen at the client's end of a connection. When a client
// has gone, a socket that the Gateway does not close is all that is left of it,
// and nothing in the kernel tells whose it was.
type memory map[acquaintance]sighting

// An acquaintance is a client's end and the API port it connects to.
type acquaintance struct {
	client netip.AddrPort
	port   uint16
}

type sighting struct {
	proc   supervisor.Process
	server uint64    // the server's socket; 0: not seen, or the system tells none
	at     time.Time // when the client was there
	used   time.Time // when it was of use last
}

// memoryLimit bounds the memory. It takes 32 clients at a time to fill a Gateway.
const memoryLimit = 1024

// unsureFor is how long an address alone is believed, where the system does not
// tell which socket it was: less than it takes to come to a port number again.
const unsureFor = 10 * time.Minute

func (m memory) meet(client netip.AddrPort, port uint16, server uint64, who supervisor.Process, at time.Time) {
	m[acquaintance{client, port}] = sighting{who, server, at, at}
}

// recall says who was seen at the other end of a server's socket, and when. The
// same address is not enough: a port number that is used again has another socket.
func (m memory) recall(client netip.AddrPort, port uint16, server uint64, at time.Time) (supervisor.Process, time.Time) {
	key := acquaintance{client, port}
	s, ok := m[key]
	unsure := s.server == 0 || server == 0
	if !ok || !unsure && s.server != server || unsure && at.Sub(s.at) > unsureFor {
		return supervisor.Process{}, time.Time{}
	}
	s.used, s.server = at, cmp.Or(server, s.server)
	m[key] = s
	return s.proc, s.at
}

// tidy forgets half of it when there is too much: what was of no use for longest.
func (m memory) tidy() {
	if len(m) <= memoryLimit {
		return
	}
	keys := slices.SortedFunc(maps.Keys(m), func(a, b acquaintance) int { return m[a].used.Compare(m[b].used) })
	for _, key := range keys[:len(keys)-memoryLimit/2] {
		delete(m, key)
	}
}
