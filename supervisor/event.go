package supervisor

import "time"

// An Event is one thing that was observed, asked or done. Events are plain
// values; what they mean is up to [Decide].
type Event interface{ event() }

type (
	// Looked: the socket table was read.
	Looked struct {
		At     time.Time // when the look was taken
		Reader string
		View   PortView
	}
	// LookFailed: it could not be read. The state becomes unknown unless a
	// session vouches; nothing else ever follows from it.
	LookFailed struct {
		Reader string
		Why    string
	}

	// SessionStarted: the monitor's child runs and connects.
	SessionStarted struct{ PID int }
	// SessionReady: nextValidId came.
	SessionReady struct{ ServerVersion int }
	// HeartbeatAnswered: the heartbeat came back after RTT.
	HeartbeatAnswered struct{ RTT time.Duration }
	// CodeReceived: the Gateway sent a code (1100, 2104 …).
	CodeReceived struct {
		Code    int
		Text    string    // the Gateway's own words
		Meaning string    // what it means, in ours; "" when it is of no concern
		Link    LinkState // what it says of the link to IBKR, "" for nothing
		Farm    Farm      // the data farm it is about; no Kind: none
		NewPort int       // where the API is to be found from now on; 0: not said
	}
	// CodesOmitted: so many of the Gateway's messages were left out, because
	// they came too thick.
	CodesOmitted struct{ Count int }
	// SessionClosed: the child has ended, and with it its connection.
	SessionClosed struct{ Why string }

	// GatewaySeen: a Gateway process lives and is proven to be this one, by
	// pid, start time and command line.
	GatewaySeen struct {
		PID       int
		StartedAt time.Time
		By        StartedBy
		Controls  Controls
		Restarts  []ClockTime // when IBC restarts it by itself
	}
	// ActionProgressed: an action under way has come to another step.
	ActionProgressed struct{ Text string }
	// PhaseSeen: IBC's log tells how far the start has come.
	PhaseSeen struct{ Phase Phase }
	// LaunchSeen: IBC launches the Gateway, for the first time or once more.
	LaunchSeen struct{}
	// LoginProblemSeen: IBC's log tells why a login does not get on; "": it does again.
	LoginProblemSeen struct{ Text string }
	// LoginSeen: IBC's log tells of one more login attempt, at that time.
	// Attended: it is known to be the one the user himself asked for.
	LoginSeen struct {
		At       time.Time
		Attended bool
	}
	// StopCommandSeen: IBC's log tells that somebody sent STOP.
	StopCommandSeen struct{}
	// GatewayEnded: that process is gone. Before: it had ended unasked before we
	// were there.
	GatewayEnded struct {
		Exit   Exit
		Before bool
	}

	// ActionRequested: the user wants something done. ID comes back in [Reply].
	ActionRequested struct {
		ID     uint64
		Action Action
	}
	// ActionEnded: an action was carried out, or could not be.
	ActionEnded struct {
		ID     uint64 // of the [Perform]
		Action Action
		Err    *ActionError // nil when it worked
	}

	// KeepRunningSaved: whether it is to be kept running was written into the settings,
	// or could not be.
	KeepRunningSaved struct {
		ID  uint64 // of the [ActionRequested]
		Err string // "" when it worked
	}

	// TimerFired: a timer ran out, or the machine woke up. Carries nothing: what is
	// due follows from the snapshot and the time, so a late one is harmless.
	TimerFired struct{}
)

func (Looked) event()            {}
func (LookFailed) event()        {}
func (SessionStarted) event()    {}
func (SessionReady) event()      {}
func (HeartbeatAnswered) event() {}
func (CodeReceived) event()      {}
func (CodesOmitted) event()      {}
func (SessionClosed) event()     {}
func (GatewaySeen) event()       {}
func (ActionProgressed) event()  {}
func (PhaseSeen) event()         {}
func (LaunchSeen) event()        {}
func (LoginProblemSeen) event()  {}
func (LoginSeen) event()         {}
func (StopCommandSeen) event()   {}
func (GatewayEnded) event()      {}
func (ActionRequested) event()   {}
func (ActionEnded) event()       {}
func (KeepRunningSaved) event()  {}
func (TimerFired) event()        {}

// An Action is something that is done to a Gateway.
type Action string

// The actions a user may ask for.
const (
	Start   Action = "start"
	Stop    Action = "stop"
	Restart Action = "restart"
	// ClearZombies restarts the Gateway without a new login, and is done when the
	// zombies are gone and the API answers.
	ClearZombies Action = "clear-zombies"
	// CopyConfig installs the user's IBC config; it touches no Gateway.
	CopyConfig Action = "copy-config"
	// KeepRunningOn and KeepRunningOff say whether it is started again when it goes down unasked.
	KeepRunningOn  Action = "keep-running"
	KeepRunningOff Action = "keep-running-off"
)

// Actions are all actions there are.
var Actions = []Action{Start, Stop, Restart, ClearZombies, CopyConfig, KeepRunningOn, KeepRunningOff}

// StartedBy tells who started a Gateway, and so which controls there are.
type StartedBy string

// Who may have started a Gateway.
const (
	ByNobody    StartedBy = "none"
	ByGatelight StartedBy = "gatelight"
	ByOther     StartedBy = "other"
)

// Controls are the ways to act on a Gateway that runs.
type Controls struct {
	Command    bool // IBC's command server takes STOP and RESTART
	Signal     bool // it was started by us, so it may be signalled
	KeepsLogin bool // RESTART comes back without a new login, and leaves the settings alone
}

// A ClockTime is a time of day where the Gateway runs.
type ClockTime struct {
	Day          time.Weekday // of the week, if not Daily
	Daily        bool
	Hour, Minute int
}

// An Exit is how a Gateway ended.
type Exit struct {
	At     time.Time
	Status int // the exit status of IBC's script; -1: not known
	Reason ExitReason
	Why    string // the reason in words
}

// An Effect is something Decide wants done outside. The engine carries it out
// and reports back with events.
type Effect interface{ effect() }

type (
	// OpenSession starts the monitor's child, which connects to the API port.
	OpenSession struct{ ClientID int }
	// Perform starts, stops or restarts the Gateway; ends with [ActionEnded].
	PerformAction struct {
		ID         uint64
		Action     Action
		Unattended bool // nobody asked: counts against the login budget
	}
	// Identify finds out whether a process that listens on the API port is a
	// Gateway that somebody else has started; if so, a [GatewaySeen] follows.
	IdentifyProcess struct{ PID int }
	// SaveKeepRunning writes into the settings whether it is to be kept running; ends
	// with [KeepRunningSaved].
	SaveKeepRunning struct {
		ID          uint64
		KeepRunning bool
	}
	// LookNow takes a look at once instead of at the next turn.
	LookNow struct{}
	// Record appends to the event log.
	Record struct{ Entry Entry }
	// Reply answers an [ActionRequested], once: nil when it was done, else why it
	// was not.
	Reply struct {
		ID  uint64
		Err *ActionError
	}
)

func (OpenSession) effect()     {}
func (PerformAction) effect()   {}
func (IdentifyProcess) effect() {}
func (SaveKeepRunning) effect() {}
func (LookNow) effect()         {}
func (Record) effect()          {}
func (Reply) effect()           {}

// An Entry is one line of the event log.
type Entry struct {
	At      time.Time `json:"at"`
	Gateway string    `json:"gateway"`
	Kind    EntryKind `json:"kind"`
	From    State     `json:"from,omitempty"`
	To      State     `json:"to,omitempty"`
	Phase   Phase     `json:"phase,omitempty"`
	Text    string    `json:"text"`
	Reason  string    `json:"reason,omitempty"` // a [Reason] or [ExitReason]

	// Expected: that it is in this state comes of a stop, a start, a restart or a
	// reset that is as it should be.
	Expected bool `json:"expected,omitempty"`
	// Since: of an entry that says only that things are as they were.
	Since     time.Time `json:"since,omitzero"`
	Simulated bool      `json:"simulated,omitempty"`
}
