package supervisor

import (
	"cmp"
	"fmt"
	"net/netip"
	"time"
)

// A TCPState is a socket's state by its name in RFC 793.
type TCPState string

// The TCP states that a look reports. Sockets in other states do not matter
// here.
const (
	Established TCPState = "ESTABLISHED"
	CloseWait   TCPState = "CLOSE_WAIT"
)

// A Table is one look at the kernel's socket table, for all watched ports. It
// does not change after Look has returned it.
type Table struct {
	At     time.Time
	Took   time.Duration // set by who has asked for it
	Reader string        // netlink, libproc, lsof, iphlpapi, gopsutil
	Ports  map[int]PortView
}

// A PortView is what one look saw of one API port.
type PortView struct {
	Listener     *Listener // nil: nobody is seen to listen
	Peers        []Peer    // server-side sockets, accepted or in the accept queue
	StaleClients []Peer    // local clients whose Gateway closed first (CLOSE_WAIT on their side)
	Hidden       string    // a local client that is connected although nobody is seen to listen: where the listener may be, in words; "" for none
	OwnOnly      bool      // sockets of other users are hidden, and one of them may listen
	Blind        []string  // what the look could not see, in words
}

// A Listener is the socket in LISTEN on an API port.
type Listener struct {
	Address string  // "*:4002", "127.0.0.1:4002"
	Process Process // zero: unknown
	Backlog int     // connections waiting in the accept queue
	Relay   string  // the relay that listens instead of the Gateway (docker-proxy, socat …), "" for none
	Behind  string  // where the Gateway is if there is a relay: "in the container"

	NoGateway bool // it is known to be another program than a Gateway or TWS
}

// A Peer is one connection to the API port.
type Peer struct {
	Addr   netip.AddrPort // the client's end
	TCP    TCPState
	Socket uint64  // identifies the socket while it exists; 0: the system does not tell
	Server int     // pid of the process that holds it; 0: unknown, or still queued
	Queued bool    // still in the accept queue: no process holds it
	Unread int     // bytes that the Gateway has not read; [UnknownBytes] where the system does not tell
	Client Process // the local process at the client's end; zero: none seen

	// When Client was last seen at that end; zero: it still is, or no Client
	// was seen. It tells who has left a zombie.
	ClientSeen time.Time
}

// UnknownBytes is the number of unread bytes where the system does not tell it.
const UnknownBytes = -1

// A Process is a process as it may be shown: the program and its script, but no
// other arguments, since they may be secrets.
type Process struct {
	PID       int // 0: unknown
	Name      string
	Command   string
	StartedAt time.Time
}

// Label names a process for a person: its command, or else its program, with
// the pid: "trader.py (process 455)". It is "" when none of them is known.
func (p Process) Label() string {
	name := cmp.Or(p.Command, p.Name)
	switch {
	case p.PID == 0:
		return name
	case name == "":
		return fmt.Sprintf("process %d", p.PID)
	}
	return fmt.Sprintf("%s (process %d)", name, p.PID)
}

// MonitorCommand is the Command of the monitor's process. By it the sessions of
// any Gatelight are told from clients.
const MonitorCommand = "gatelight-monitor"
