package supervisor

import (
	"cmp"
	"fmt"
	"net/netip"
	"path/filepath"
	"strings"
	"time"
)

// A TCPState is a socket's state by its name in RFC 793.
type TCPState string

// The TCP states a look reports; sockets in other states are nobody's concern here.
const (
	Established TCPState = "ESTABLISHED"
	CloseWait   TCPState = "CLOSE_WAIT"
)

// A Table is one look at the kernel's socket table, for all watched ports.
// It is immutable once handed out.
type Table struct {
	At     time.Time
	Reader string // netlink, libproc, lsof, iphlpapi, gopsutil
	Ports  map[int]PortView
}

// A PortView is what one look saw of one API port.
type PortView struct {
	Listener     *Listener // nil: nobody listens, as far as can be seen
	Peers        []Peer    // server-side sockets, accepted or waiting to be
	StaleClients []Peer    // local clients whose Gateway closed first (CLOSE_WAIT on their side)
	OwnOnly      bool      // other users' sockets are hidden: one of them may listen
	Blind        []string  // what could not be seen from here, in words
}

// A Listener is the socket in LISTEN on an API port.
type Listener struct {
	Address string  // "*:4002", "127.0.0.1:4002"
	Process Process // zero: unknown
	Backlog int     // connections waiting in the accept queue
	Relay   string  // the relay that holds the port (docker-proxy, socat …), "" for none
	Behind  string  // where the Gateway is then: "in the container"
}

// A Peer is one connection to the API port.
type Peer struct {
	Addr   netip.AddrPort // the client's end
	TCP    TCPState
	Socket uint64  // which socket this is, for as long as it lives; 0: the system does not tell
	Server int     // pid of the process that holds it; 0: unknown, or still queued
	Queued bool    // still in the accept queue: no process holds it
	Unread int     // bytes nobody has read
	Client Process // the local process at the client's end; zero: none seen

	// When Client was last seen to hold that end, if it does no more. A zombie's
	// maker is known from there.
	ClientSeen time.Time
}

// A Process is a process, as far as it may be told: the program and its script,
// never other arguments, since arguments carry secrets.
type Process struct {
	PID       int // 0: unknown
	Name      string
	Command   string
	StartedAt time.Time
}

// Label names a process for a person: its command, or else its program, with the
// pid. It is "" when neither is known.
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

// MonitorCommand is what the monitor's process calls itself: Gatelight's own
// sessions, ours or another one's, are no clients.
const MonitorCommand = "gatelight-monitor"

// CommandName reduces an argument vector to what may be shown of it: the
// program's base name, and for an interpreter the base name of its script.
// Everything else is dropped.
func CommandName(argv []string) string {
	if len(argv) == 0 {
		return ""
	}
	name := filepath.Base(argv[0])
	if !interpreter(name) {
		return name
	}
	for i := 1; i < len(argv); i++ {
		a := argv[i]
		switch {
		case a == "-m" && i+1 < len(argv) && strings.HasPrefix(name, "python"):
			return name + " -m " + argv[i+1]
		case a == "-c" || a == "-e" || a == "-jar" || a == "-":
			return name // what follows is a program text, or a jar that says nothing a person needs
		case strings.HasPrefix(a, "-"):
			continue
		default:
			return name + " " + filepath.Base(a)
		}
	}
	return name
}

// interpreter reports whether a program's first plain argument is its script.
func interpreter(name string) bool {
	name = strings.TrimSuffix(strings.ToLower(name), ".exe")
	for _, p := range []string{"python", "node", "ruby", "perl", "bash", "sh", "zsh", "deno", "bun", "rscript"} {
		if name == p || strings.HasPrefix(name, p) && strings.Trim(name[len(p):], "0123456789.") == "" {
			return true
		}
	}
	return false
}
