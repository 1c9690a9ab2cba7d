// Package sockets reads the kernel's socket table: who listens on an API port,
// which connections it holds and in what state, and whose they are. It only
// reads. Nothing in this package can connect to anything.
//
// Each system has one reader, made by [New]. A look that fails is an error,
// never an empty table: "cannot tell" must not become "nobody listens".
package sockets

import (
	"net/netip"
	"slices"
	"strconv"
	"time"

	"gatelight/supervisor"
)

// A row is one TCP socket as a reader saw it.
type row struct {
	local, remote netip.AddrPort
	state         tcpState
	receiveQueue  int // LISTEN: connections to accept; else bytes not read
	inode         uint64
	queued        bool // in the accept queue: no process holds it
	owner         supervisor.Proc
}

// tcpState holds the few states that matter here.
type tcpState uint8

const (
	other tcpState = iota
	listen
	established
	closeWait
)

// assemble turns rows into what is known about each port. A row may belong to
// both ends: a loopback connection has a row for its server and one for its client.
func assemble(rows []row, ports []int, reader string, at time.Time) supervisor.Table {
	t := supervisor.Table{At: at, Reader: reader, Ports: map[int]supervisor.PortView{}}
	for _, port := range ports {
		t.Ports[port] = view(rows, uint16(port))
	}
	return t
}

func view(rows []row, port uint16) supervisor.PortView {
	var v supervisor.PortView
	for _, r := range rows {
		switch {
		case r.state == listen && r.local.Port() == port:
			v.Listener = listener(r)
		case r.local.Port() == port && (r.state == established || r.state == closeWait):
			v.Peers = append(v.Peers, peer(r, rows))
		case r.remote.Port() == port && r.state == closeWait && sameHost(r):
			v.StaleClients = append(v.StaleClients, supervisor.Peer{
				Addr: r.local, TCP: supervisor.CloseWait, Inode: r.inode, Unread: r.receiveQueue, Client: r.owner})
		}
	}
	switch {
	case v.Listener == nil:
	case v.Listener.Process.PID == 0:
		v.Blind = append(v.Blind, "whose process listens: it belongs to another user")
	case v.Listener.Relay != "":
		v.Blind = append(v.Blind, "the Gateway's own clients and zombies: "+v.Listener.Relay+" holds the port for it; run Gatelight where the Gateway runs")
	}
	slices.SortFunc(v.Peers, func(a, b supervisor.Peer) int { return a.Addr.Compare(b.Addr) })
	return v
}

func listener(r row) *supervisor.Listener {
	host := r.local.Addr().String()
	if r.local.Addr().IsUnspecified() {
		host = "*"
	} else if r.local.Addr().Is6() {
		host = "[" + host + "]"
	}
	return &supervisor.Listener{
		Address: host + ":" + strconv.Itoa(int(r.local.Port())),
		Process: r.owner,
		Backlog: r.receiveQueue,
		Relay:   relay(r.owner.Name),
	}
}

// peer is a server-side socket together with the local process at its other
// end, when that end is on this machine too.
func peer(r row, rows []row) supervisor.Peer {
	p := supervisor.Peer{Addr: r.remote, TCP: supervisor.Established, Inode: r.inode, Queued: r.queued, Unread: r.receiveQueue}
	if r.state == closeWait {
		p.TCP = supervisor.CloseWait
	}
	for _, c := range rows {
		if c.local == r.remote && c.remote == r.local {
			p.Client = c.owner
		}
	}
	return p
}

// sameHost reports a connection that stays on this machine: a CLOSE_WAIT
// towards the same port of another machine is none of our Gateway's.
func sameHost(r row) bool {
	return r.remote.Addr().IsLoopback() || r.remote.Addr() == r.local.Addr()
}

// relay names the program that holds a port on behalf of a Gateway somewhere
// else, such as in a container or on the far side of a tunnel.
func relay(process string) string {
	if slices.Contains([]string{"docker-proxy", "com.docker.backend", "socat", "ssh", "sshd", "kubectl", "rootlesskit"}, process) {
		return process
	}
	return ""
}

// plain undoes the mapping of IPv4 into IPv6 that dual-stack listeners show
// (::ffff:127.0.0.1), so that both ends of a connection compare equal.
func plain(a netip.Addr, port uint16) netip.AddrPort {
	return netip.AddrPortFrom(a.Unmap(), port)
}
