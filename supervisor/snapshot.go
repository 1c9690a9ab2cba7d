package supervisor

import (
	"context"
	"fmt"
	"net/netip"
	"strings"
	"time"
)

// A Snapshot is all that is known about one Gateway at one moment. It is
// immutable: Decide makes a new one, and slices are replaced, never written to.
type Snapshot struct {
	Name            string
	Port            int
	Simulated       bool
	HasConfigSource bool // there is an IBC config to copy

	State    State
	Since    time.Time // of the state; changes only with it
	Why      string    // one sentence for a person
	Expected bool      // down on purpose, or never started
	Phase    Phase
	Blocking bool // zombies that keep the API from answering
	Verified bool // connected or cut_off proven by our own session
	Blind    []string

	EvidenceAt time.Time // of the newest evidence; zero: there is none
	FreshUntil time.Time // from then on the state must not be claimed any more
	Reader     string
	LookFresh  bool // the newest look succeeded and is fresh; else what it saw before is shown

	Listener     *Listener
	Clients      []Client
	Zombies      []Zombie
	StaleClients []Client

	API         Session
	Process     GatewayProcess
	Logins      int    // attempts in the last hour
	Next        *Next  // what will happen by itself, nil: nothing
	Busy        Action // the action that is under way, "" for none
	KeepRunning bool   // it is started again when it goes down unasked

	QuietUntil time.Time // what happens until then is expected, and no alert; zero: nothing is

	// TroubleSince is since when the API cannot be used although it should be, from
	// when people have been told of it until it heals; zero: there is none.
	TroubleSince time.Time

	Notices []Notice // the newest few, oldest first
	WakeAt  time.Time

	mem memory
}

// A Client is a connection to the API port, by its client's end.
type Client struct {
	Peer    netip.AddrPort
	Process Process
	Since   time.Time // first seen by us
	Socket  uint64    // the server's end, as in [Peer]
	Self    bool      // our own monitor
}

// A Zombie is a server-side socket that the Gateway does not close.
type Zombie struct {
	Peer     netip.AddrPort
	Since    time.Time
	Unread   int
	Queued   bool      // never accepted
	Owner    Process   // who was seen to hold the other end; zero: nobody was
	LastSeen time.Time // of the owner at it
}

// SessionState is the state of our one API session.
type SessionState string

// The states of our session.
const (
	SessionOff        SessionState = "off"
	SessionConnecting SessionState = "connecting" // handshake pending
	SessionUp         SessionState = "ready"
	SessionDone       SessionState = "closed"
)

// LinkState is what the session was told about the Gateway's link to IBKR.
type LinkState string

// The states of the link between the Gateway and IBKR.
const (
	LinkUnknown LinkState = "unknown"
	LinkUp      LinkState = "up"
	LinkDown    LinkState = "down"
)

// A Session is our one API session and what it has heard.
type Session struct {
	State         SessionState
	Since         time.Time
	PID           int
	ClientID      int
	ServerVersion int       // 0: not known
	AnsweredAt    time.Time // newest proof of life
	RTT           time.Duration
	Link          LinkState
	LastCode      int // 0: none
	LastText      string
	LastMeaning   string
	LastCodeAt    time.Time
	Farms         []Farm // what was said of IBKR's data farms, by kind and name
	Closed        string // why it was closed
}

// A GatewayProcess is the Gateway's process.
type GatewayProcess struct {
	PID       int // 0: none known
	StartedAt time.Time
	By        StartedBy
	Controls  Controls
	Restarts  []ClockTime
	LastExit  *Exit
}

// A Next is what will happen by itself.
type Next struct {
	Action NextAction `json:"action"`
	At     time.Time  `json:"at"`
}

// A Notice is something a person should be told once. Notices of one incident
// share an ID, so that a bubble can be replaced as the incident develops.
type Notice struct {
	Seq    uint64     `json:"seq"` // rises by one with each notice of a Gateway
	ID     uint64     `json:"id"`
	At     time.Time  `json:"at"`
	Kind   NoticeKind `json:"kind"`
	State  State      `json:"state"`           // the state it was told in
	Phase  Phase      `json:"phase,omitempty"` // and how far a start had come
	Title  string     `json:"title"`
	Body   string     `json:"body"`
	Urgent bool       `json:"urgent"`
}

// A NoticeKind is what a notice is about.
type NoticeKind string

// The kinds of notices.
const (
	NoticeDrop      NoticeKind = "drop"
	NoticeReminder  NoticeKind = "reminder" // what an incident has come to still holds
	NoticeRecovery  NoticeKind = "recovery"
	NoticeTwoFactor NoticeKind = "two_factor"
	NoticeBudget    NoticeKind = "login_budget"
	NoticeFailed    NoticeKind = "action_failed"
	NoticeDone      NoticeKind = "action_done"
)

// A Status is the state of everything: one Snapshot per Gateway.
type Status struct {
	Gateways []Snapshot
	Source   string // engine, one-shot
	Version  string
	Remote   bool // seen through the socket of another Gatelight
	Demo     bool // the Gateways end with this program
}

// Worst is the Gateway that the one icon stands for.
func (w Status) Worst() Snapshot {
	var worst Snapshot
	for i, g := range w.Gateways {
		if i == 0 || g.Severity() > worst.Severity() {
			worst = g
		}
	}
	return worst
}

// Gateway finds a Gateway by name; "" finds the only one.
func (w Status) Gateway(name string) (Snapshot, bool) {
	for _, g := range w.Gateways {
		if g.Name == name || name == "" && len(w.Gateways) == 1 {
			return g, true
		}
	}
	return Snapshot{}, false
}

// UnknownGateway is the error for a name that Gateway does not find.
func (w Status) UnknownGateway(name string) error {
	var names []string
	for _, g := range w.Gateways {
		names = append(names, g.Name)
	}
	if name == "" {
		return fmt.Errorf("several Gateways are set up; say which with --gateway: %s", strings.Join(names, ", "))
	}
	return fmt.Errorf("no Gateway is named %q in the settings; there is: %s", name, strings.Join(names, ", "))
}

// Aged is the world as it may be shown at the given time: a state whose
// evidence has gone stale is unknown, whoever was supposed to refresh it.
func (w Status) Aged(now time.Time) Status {
	gateways := make([]Snapshot, len(w.Gateways))
	for i, g := range w.Gateways {
		gateways[i] = g.aged(now)
	}
	w.Gateways = gateways
	return w
}

func (s Snapshot) aged(now time.Time) Snapshot {
	clockSetBack := now.Before(s.EvidenceAt.Add(-time.Second))
	if s.State == Unknown || !clockSetBack && now.Before(s.FreshUntil) {
		return s
	}
	s.State, s.Since = Unknown, s.FreshUntil
	s.Why = "Nothing has been heard since " + clock(s.EvidenceAt)
	s.Expected, s.Blocking, s.Verified, s.LookFresh = false, false, false, false
	return s
}

// A Supervisor is what tray, terminal, status server and command line see of
// the one owner of state: the engine itself, or the client of another one.
type Supervisor interface {
	// Latest never blocks.
	Latest() Status
	// Watch sends the newest Status after each change; a slow reader skips. The
	// channel is closed when ctx ends.
	Watch(ctx context.Context) <-chan Status
	// Do carries out an action on the named Gateway and returns when it was
	// done, or with the reason why it was not.
	Do(ctx context.Context, gateway string, a Action) error
}
