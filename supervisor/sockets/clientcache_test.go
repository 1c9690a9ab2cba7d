package sockets

import (
	"fmt"
	"net/netip"
	"testing"
	"time"

	"gatelight/supervisor"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// peerAt is what a look at noon plus so many seconds makes of the one socket
// that the server has.
func peerAt(a *assembler, seconds int, rows ...row) supervisor.Peer {
	v := a.table(rows, []int{4002}, noon.Add(time.Duration(seconds)*time.Second)).Ports[4002]
	if len(v.Peers) != 1 {
		return supervisor.Peer{}
	}
	return v.Peers[0]
}

func TestClientIsRememberedWhenItHasEnded(t *testing.T) {
	server := func(s tcpState, socket uint64) row {
		return row{local: addr("127.0.0.1:4002"), remote: addr("127.0.0.1:51230"), state: s, socket: socket, owner: java}
	}
	client := func(s tcpState, who supervisor.Process) row {
		return row{local: addr("127.0.0.1:51230"), remote: addr("127.0.0.1:4002"), state: s, socket: 5, owner: who}
	}
	elsewhere := row{local: addr("10.0.0.1:51230"), remote: addr("10.0.0.9:4002"), state: established, owner: trader}
	at := func(seconds int) time.Time { return noon.Add(time.Duration(seconds) * time.Second) }
	tests := []struct {
		name   string
		before [][]row // looks a second apart
		want   supervisor.Process
		seen   time.Time
	}{
		{"seen while it was connected", [][]row{{server(established, 7), client(established, trader)}}, trader, at(0)},
		{"seen last while it was connected", [][]row{{server(established, 7), client(established, trader)}, {server(established, 7), client(established, trader)}}, trader, at(1)},
		{"seen before the server accepted it", [][]row{{client(established, trader)}, {}, {}}, trader, at(0)},
		{"seen when it had closed its half", [][]row{{server(closeWait, 7), client(finWait, trader)}}, trader, at(0)},
		{"nobody was seen", [][]row{{}}, nobody, time.Time{}},
		{"the port number was another socket's", [][]row{{server(established, 6), client(established, trader)}}, nobody, time.Time{}},
		{"a client of a Gateway on another machine", [][]row{{elsewhere}}, nobody, time.Time{}},
		{"a client whose process cannot be told", [][]row{{server(established, 7), client(established, nobody)}}, nobody, time.Time{}},
		{"the port number changed hands", [][]row{{client(established, java)}, {server(established, 7), client(established, trader)}}, trader, at(1)},
	}
	for _, tt := range tests {
		a := newAssembler(readerLimits{})
		for i, rows := range tt.before {
			peerAt(a, i, rows...)
		}
		for _, later := range []int{10, 100_000} { // and it stays known
			p := peerAt(a, later, server(closeWait, 7))
			if p.Client != tt.want || !p.ClientSeen.Equal(tt.seen) {
				t.Errorf("%s: %+v, seen %v; want %+v, seen %v", tt.name, p.Client, p.ClientSeen, tt.want, tt.seen)
			}
		}
	}
}

// A scanner that connects from every port must not fill our memory, nor push out
// clients whose zombies still exist.
func TestClientCacheIsBounded(t *testing.T) {
	a := newAssembler(readerLimits{})
	zombie := row{local: addr("127.0.0.1:4002"), remote: addr("127.0.0.1:60000"), state: closeWait, socket: 7, owner: java}
	first := zombie
	first.state = established
	peerAt(a, 0, first, row{local: zombie.remote, remote: zombie.local, state: established, owner: trader})
	for n := range 10 * maxClients {
		client := netip.AddrPortFrom(netip.MustParseAddr(fmt.Sprintf("127.0.%d.%d", n>>8, n&255)), 50000)
		p := peerAt(a, n+1, zombie, row{local: client, remote: addr("127.0.0.1:4002"), state: established, owner: java})
		if p.Client != trader {
			t.Fatalf("after %d others, the client is %+v", n, p.Client)
		}
		if len(a.clients) > maxClients+1 {
			t.Fatalf("%d are remembered, %d are allowed", len(a.clients), maxClients)
		}
	}
}
