package supervisor

import (
	"context"
	"fmt"
	"net/netip"
	"strings"
	"time"
)

// A Snapshot is everything that is known about one Gateway at one moment. It
// never changes: [Decide] makes a new one, and replaces slices instead of
// writing to them.
type Snapshot struct {
	Name            string
	Host            string // the name of the host that it is on; "" for this one
	Port            int
	Simulated       bool
	HasConfigSource bool // there is an IBC config to copy
	Live            bool // it trades real money, as far as the settings tell

	State        State
	Since        time.Time // of the state; changes only with it
	Why          string    // one sentence for a person
	Expected     bool      // down on purpose, or never started
	Phase        Phase
	LoginProblem *LoginProblem     // why a start does not go on; nil: it does
	TwoFactor    *TwoFactorRequest // nil: none is open
	Blocking     bool              // zombies that keep the API from answering
	Verified     bool              // connected or cut_off proven by our own session
	Blind        []string          // what the looks could not see, in words

	EvidenceAt time.Time // of the newest evidence; zero: there is none
	FreshUntil time.Time // from then on the state is unknown; zero: it is unknown already
	Reader     string
	LookTook   time.Duration // the newest good look; zero: none was taken
	LookFresh  bool          // the newest look succeeded and is fresh; else Listener, Clients and so on are older

	Listener     *Listener
	Clients      []Client
	Zombies      []Zombie
	StaleClients []Client

	API         Session
	Process     GatewayProcess
	Logins      int    // login attempts in the last hour
	BudgetSpent bool   // the login budget is spent, so that only a person starts it
	Next        *Next  // what happens next without a request; nil: nothing
	Busy        Action // the action that is under way, "" for none
	KeepRunning bool   // it is started again when it goes down without a request

	QuietUntil time.Time // a drop until then is expected, and people are not told; zero: none is expected

	// TroubleSince is since when the API cannot be used although it should be.
	// It is set from the first notice until the trouble ends; zero: there is
	// none.
	TroubleSince time.Time

	Notices     []Notice     // the newest few, oldest first
	Transitions []Transition // the newest few changes of what is shown, oldest first
	Drops       int          // how often connected was left, but for an expected end, since this Gatelight has begun

	WakeAt time.Time // when Decide must be called again, with TimerFired if nothing else happens

	mem memory
}

// A Client is a connection to the API port, seen from its client.
type Client struct {
	Peer    netip.AddrPort
	Process Process
	Since   time.Time // when a look first saw it
	Socket  uint64    // the server's end, as in [Peer]
	Self    bool      // a session of Gatelight
}

// OtherClients are the clients without our own session.
func (s Snapshot) OtherClients() (others []Client) {
	for _, c := range s.Clients {
		if !c.Self {
			others = append(others, c)
		}
	}
	return others
}

// A Zombie is a server-side socket that the Gateway does not close.
type Zombie struct {
	Peer     netip.AddrPort
	Since    time.Time // when a look first saw it in CLOSE_WAIT
	Unread   int       // bytes; [UnknownBytes] where the system does not tell
	Queued   bool      // never accepted
	Owner    Process   // the process that was seen at the other end; zero: none was
	LastSeen time.Time // when the owner was last seen there; zero: never
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

// LinkState is the Gateway's link to IBKR, as the session was told.
type LinkState string

// The states of the link between the Gateway and IBKR.
const (
	LinkUnknown LinkState = "unknown"
	LinkUp      LinkState = "up"
	LinkDown    LinkState = "down"
)

// A Session is our one API session and what it has received.
type Session struct {
	State         SessionState
	Since         time.Time
	PID           int
	ClientID      int
	ServerVersion int           // 0: not known
	AnsweredAt    time.Time     // the newest answer of the API; zero: none
	RTT           time.Duration // of the newest heartbeat
	Link          LinkState
	LastCode      int // 0: none
	LastText      string
	LastMeaning   string
	LastCodeAt    time.Time
	Farms         []Farm // the status of IBKR's data farms, sorted by kind and name
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

// A Next is what happens next without a request.
type Next struct {
	Action NextAction `json:"action"`
	At     time.Time  `json:"at"`
}

// A Notice is something that people should be told once. The notices of one
// incident share an ID, so that the alert of one can be replaced by the next.
type Notice struct {
	Seq    uint64     `json:"seq"` // one more than that of the Gateway's notice before
	ID     uint64     `json:"id"`
	At     time.Time  `json:"at"`
	Kind   NoticeKind `json:"kind"`
	State  State      `json:"state"`           // the state it was told in
	Phase  Phase      `json:"phase,omitempty"` // and the phase of a start
	Title  string     `json:"title"`
	Body   string     `json:"body"`
	Urgent bool       `json:"urgent"`
}

// A NoticeKind is what a notice is about.
type NoticeKind string

// The kinds of notices.
const (
	NoticeDrop      NoticeKind = "drop"
	NoticeLoop      NoticeKind = "loop"     // it drops again and again, which is told once
	NoticeReminder  NoticeKind = "reminder" // the state of an incident still holds
	NoticeRecovery  NoticeKind = "recovery"
	NoticeTwoFactor NoticeKind = "two_factor"
	NoticeLogin     NoticeKind = "login_problem"
	NoticeBudget    NoticeKind = "login_budget"
	NoticeFailed    NoticeKind = "action_failed"
	NoticeDone      NoticeKind = "action_done"
	NoticeLost      NoticeKind = "host_lost" // a host with Gateways cannot be reached
)

// A Status is the state of everything: one Snapshot per Gateway.
type Status struct {
	Gateways []Snapshot
	Source   string // engine, one-shot
	Version  string
	Remote   bool // seen through the socket of another Gatelight
	Demo     bool // the Gateways end with this program
}

// Worst is the Gateway of the highest [Snapshot.Severity], which the one icon
// shows.
func (w Status) Worst() Snapshot {
	var worst Snapshot
	for i, g := range w.Gateways {
		if i == 0 || g.Severity() > worst.Severity() {
			worst = g
		}
	}
	return worst
}

// Gateway finds a Gateway by name. "" finds the only one, if there is only one.
func (w Status) Gateway(name string) (Snapshot, bool) {
	for _, g := range w.Gateways {
		if g.Name == name || name == "" && len(w.Gateways) == 1 {
			return g, true
		}
	}
	return Snapshot{}, false
}

// An UnknownGatewayError says that there is no Gateway of a name, or which names there
// are.
type UnknownGatewayError struct{ Text string }

// Error implements error.
func (e UnknownGatewayError) Error() string { return e.Text }

// UnknownGateway is the error for a name that [Status.Gateway] does not find: an
// [UnknownGatewayError].
// It lists the names that there are.
func (w Status) UnknownGateway(name string) error {
	var names []string
	for _, g := range w.Gateways {
		names = append(names, g.Name)
	}
	if name == "" {
		return UnknownGatewayError{"several Gateways are set up; say which with --gateway: " + strings.Join(names, ", ")}
	}
	return UnknownGatewayError{fmt.Sprintf("no Gateway is named %q in the settings; there is: %s", name, strings.Join(names, ", "))}
}

// Aged is the Status as it may be shown at now: a state whose evidence is too
// old, or lies in the future, is unknown. It protects a reader whose engine
// does not answer.
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
	s.Phase, s.LoginProblem, s.TwoFactor = NoPhase, nil, nil
	return s
}

// A Supervisor gives access to the one owner of the state: the engine in this
// program, or the one of another Gatelight. The tray, the terminal, the status
// server and the command line use it.
type Supervisor interface {
	// Latest returns the newest Status. It never blocks.
	Latest() Status
	// Watch sends the newest Status at once and after each change. A slow
	// reader misses those in between. The channel is closed when ctx or the
	// owner ends.
	Watch(ctx context.Context) <-chan Status
	// Do carries out an action on the named Gateway, "" for the only one. It
	// returns nil when the action has ended well, an [ActionError] when it was
	// refused or has failed, or another error when the name is unknown or ctx
	// ends. An action that has begun goes on when ctx ends.
	Do(ctx context.Context, gateway string, a Action) error
}
