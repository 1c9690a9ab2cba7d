package sockets

import (
	"maps"
	"net"
	"net/netip"
	"time"
)

// A port on which nobody is seen to listen may be open all the same. Address
// translation takes a connection to a container or a virtual machine without a
// socket here that listens (Docker with "userland-proxy": false, Podman run by
// root, CNI's portmap, systemd-nspawn, WSL with mirrored networking), and some
// readers do not see other users' sockets. What proves it is a client on this
// machine that is connected to the port while the other end of its connection
// has no row: a Gateway that has just ended leaves FIN_WAIT there, or
// CLOSE_WAIT at the client.

// A clientEnd is the client's socket of a connection. Its id tells it from a
// later one with the same addresses.
type clientEnd struct {
	addrPair
	socket uint64
}

// elsewhere is where a listener may be that this reader does not see, and what
// to do about it.
func (r readerLimits) elsewhere() string {
	switch {
	case r.ownOnly:
		return "it may be another user's, or in a container or a virtual machine; run Gatelight where it runs"
	case r.reader == "iphlpapi":
		return "it may be in WSL, a container or a virtual machine; run Gatelight there"
	}
	return "it may be in a container or a virtual machine, or in Windows if this is WSL; run Gatelight there"
}

// hiddenListener says in words where the listener of a port may be that has none
// in rows, "" if nothing proves that there is one.
func (a *assembler) hiddenListener(rows []row, port uint16) string {
	for _, r := range rows {
		if r.state != established || r.remote.Port() != port {
			continue
		}
		_, serverSeen := a.byAddrs[addrPair{r.remote, r.local}]
		if !serverSeen && !a.isServed(r) && a.leadsHere(r) {
			return a.limits.elsewhere()
		}
	}
	return ""
}

func endOf(r row) clientEnd { return clientEnd{addrPair{r.local, r.remote}, r.socket} }

// rememberServed remembers the clients that are connected while somebody is seen
// to listen. When that listener has ended, they prove no other one: a client
// that does not read stays ESTABLISHED, and not every reader sees a server's
// socket that no process holds any more.
func (a *assembler) rememberServed(rows []row, port uint16, at time.Time) {
	listens := findListener(rows, port) != nil
	for _, r := range rows {
		if r.remote.Port() == port && r.state == established && (listens || a.isServed(r)) {
			a.served[endOf(r)] = at
		}
	}
	maps.DeleteFunc(a.served, func(c clientEnd, seen time.Time) bool { return c.remote.Port() == port && !seen.Equal(at) })
}

func (a *assembler) isServed(r row) bool {
	_, served := a.served[endOf(r)]
	return served
}

// ownAddresses are the addresses of this machine's interfaces, of IPv4 and IPv6
// alike and without zones; nil when they cannot be read.
type ownAddresses map[netip.Addr]bool

func readOwnAddresses() ownAddresses {
	own := ownAddresses{}
	found, err := net.InterfaceAddrs()
	if err != nil {
		return nil
	}
	for _, a := range found {
		if ip, ok := a.(*net.IPNet); ok {
			if addr, ok := netip.AddrFromSlice(ip.IP); ok {
				own[addr.Unmap()] = true
			}
		}
	}
	return own
}

// leadsHere reports that a client is connected to an address that is this
// machine's now. A connection to an address that the machine has lost, such as
// that of a closed VPN, is dead and proves nothing. The interfaces are read at
// most once in a look.
func (a *assembler) leadsHere(r row) bool {
	addr := r.remote.Addr()
	if addr.IsLoopback() {
		return true
	}
	if a.own == nil {
		a.own = a.readOwn()
	}
	if a.own == nil {
		return sameHost(r)
	}
	return a.own[addr.Unmap().WithZone("")]
}
