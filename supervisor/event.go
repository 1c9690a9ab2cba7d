package supervisor

import "time"

// An Event is one thing that was observed, requested or done. Events are plain
// values; only [Decide] knows what follows from them.
type Event interface{ event() }

type (
	// Looked: the socket table was read.
	Looked struct {
		At     time.Time // when the look was taken
		Took   time.Duration
		Reader string
		View   PortView
	}
	// LookFailed: it could not be read. The state becomes unknown, unless a
	// fresh session proves another one. Nothing else follows from it.
	LookFailed struct {
		Reader string
		Why    string
	}

	// SessionStarted: the monitor's child process runs and connects.
	SessionStarted struct{ PID int }
	// SessionReady: the Gateway has sent nextValidId, which ends the handshake.
	SessionReady struct{ ServerVersion int }
	// HeartbeatAnswered: the Gateway has answered the heartbeat after RTT.
	HeartbeatAnswered struct{ RTT time.Duration }
	// CodeReceived: the Gateway sent a code (1100, 2104 …).
	CodeReceived struct {
		Code    int
		Text    string    // the Gateway's text
		Meaning string    // what it means, in our words; "" when it does not matter
		Link    LinkState // what it says about the link to IBKR, "" for nothing
		Farm    Farm      // the data farm it is about; no Kind: none
		NewPort int       // the API port from now on; 0: not said
	}
	// CodesOmitted: this many messages of the Gateway were left out, because it
	// sent too many.
	CodesOmitted struct{ Count int }
	// SessionClosed: the child process has ended, and its connection with it.
	SessionClosed struct{ Why string }

	// GatewaySeen: a Gateway process runs. Its pid, start time and command line
	// prove that it is this Gateway.
	GatewaySeen struct {
		PID       int
		StartedAt time.Time
		By        StartedBy
		Controls  Controls
		Restarts  []ClockTime // when IBC restarts it by itself
	}
	// OtherProgramSeen: the process is no Gateway or TWS, by its command line.
	OtherProgramSeen struct{ PID int }
	// ActionProgressed: an action under way has reached its next step.
	ActionProgressed struct{ Text string }
	// PhaseSeen: IBC's log tells how far the start has come.
	PhaseSeen struct {
		Phase     Phase
		TwoFactor TwoFactorRequest // in that phase; zero: not known
	}
	// LaunchSeen: IBC's log tells that it launches the Gateway, for the first
	// time or again; More: and as many times more.
	LaunchSeen struct{ More int }
	// LoginProblemSeen: IBC's log tells why a login does not go on. The zero
	// value says that it goes on again.
	LoginProblemSeen struct{ LoginProblem }
	// LoginSeen: IBC's log tells of one more login attempt, at that time.
	// Attended: it belongs to a start that the user requested. More: so many
	// further ones, which nobody has requested, were read together with it.
	LoginSeen struct {
		At       time.Time
		Attended bool
		More     int
	}
	// PlannedEndSeen: the Gateway ends on purpose. IBC's log tells that somebody
	// has sent STOP or closed its window, or that a time is set in config.ini. A
	// text in a log can be made: it counts only if the Gateway then ends in
	// order. Asked: a user has asked Gatelight for it, which is certain.
	PlannedEndSeen struct {
		Why   string // in words that follow "It ended: "
		Asked bool
	}
	// ProcessUnknown: it cannot be told whether a Gateway of ours runs. Why says
	// also what a person can do; "": it can be told again.
	ProcessUnknown struct{ Why string }
	// RestartAnnounced: the Gateway restarts by itself at that time.
	RestartAnnounced struct{ At time.Time }
	// GatewayEnded: the Gateway process has ended. Before: it ended without a
	// request before this Gatelight ran.
	GatewayEnded struct {
		Exit   Exit
		Before bool
	}

	// ActionRequested: the user requests an action. [Reply] has the same ID.
	ActionRequested struct {
		ID     uint64
		Action Action
	}
	// ActionEnded: an action was carried out, or could not be.
	ActionEnded struct {
		ID     uint64 // of the [PerformAction]
		Action Action
		Err    *ActionError // nil when it worked
	}

	// KeepRunningSaved: whether Gatelight keeps the Gateway running was written
	// into the settings, or could not be.
	KeepRunningSaved struct {
		ID  uint64 // of the [ActionRequested]
		Err string // "" when it worked
	}

	// TimerFired: a timer fired. It carries nothing: what is due follows from
	// the snapshot and the time, so that a late one does no harm.
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
func (OtherProgramSeen) event()  {}
func (ActionProgressed) event()  {}
func (PhaseSeen) event()         {}
func (LaunchSeen) event()        {}
func (LoginProblemSeen) event()  {}
func (LoginSeen) event()         {}
func (PlannedEndSeen) event()    {}
func (ProcessUnknown) event()    {}
func (RestartAnnounced) event()  {}
func (GatewayEnded) event()      {}
func (ActionRequested) event()   {}
func (ActionEnded) event()       {}
func (KeepRunningSaved) event()  {}
func (TimerFired) event()        {}

// An Action is something that is done to a Gateway.
type Action string

// The actions that a user may request.
const (
	Start   Action = "start"
	Stop    Action = "stop"
	Restart Action = "restart"
	// ClearZombies restarts the Gateway without a new login, and is done when
	// the zombies are gone and the API answers.
	ClearZombies Action = "clear-zombies"
	// CopyConfig copies the user's IBC config to where IBC reads it. It does
	// nothing to a Gateway that runs.
	CopyConfig Action = "copy-config"
	// KeepRunningOn and KeepRunningOff say whether the Gateway is started again
	// when it goes down without a request.
	KeepRunningOn  Action = "keep-running"
	KeepRunningOff Action = "keep-running-off"
)

// Actions has all actions.
var Actions = []Action{Start, Stop, Restart, ClearZombies, CopyConfig, KeepRunningOn, KeepRunningOff}

// StartedBy tells who started a Gateway. The controls depend on it.
type StartedBy string

// Who may have started a Gateway.
const (
	ByNobody    StartedBy = "none"
	ByGatelight StartedBy = "gatelight"
	ByOther     StartedBy = "other"
)

// Controls are the means to act on a Gateway that runs.
type Controls struct {
	Command    bool // IBC's command server takes STOP and RESTART
	Signal     bool // it was started by us, so it may be signalled
	KeepsLogin bool // RESTART needs no new login and does not change the settings
}

// A ClockTime is a time of day where the Gateway runs.
type ClockTime struct {
	Day          time.Weekday // of the week; not used if Daily
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

// InOrder reports an end that may be one on purpose: the Gateway has closed, or
// was asked to by SIGHUP, SIGINT or SIGTERM.
func (e Exit) InOrder() bool {
	switch e.Reason {
	case ExitClosed, ExitPlanned, ExitSessionElsewhere:
		return true
	case ExitSignal:
		return e.Status == 129 || e.Status == 130 || e.Status == 143
	}
	return false
}

// An Effect is something that [Decide] wants done. The engine carries it out
// and reports with events.
type Effect interface{ effect() }

type (
	// OpenSession starts the monitor's child, which connects to the API port.
	OpenSession struct{ ClientID int }
	// PerformAction carries out an action on the Gateway; ends with
	// [ActionEnded].
	PerformAction struct {
		ID         uint64
		Action     Action
		Unattended bool // without a request: counts against the login budget
	}
	// IdentifyProcess finds out whether a process that listens on the API port
	// is a Gateway that somebody else has started. If so, a [GatewaySeen]
	// follows.
	IdentifyProcess struct{ PID int }
	// SaveKeepRunning writes into the settings whether Gatelight keeps the
	// Gateway running; ends with [KeepRunningSaved].
	SaveKeepRunning struct {
		ID          uint64
		KeepRunning bool
	}
	// LookNow takes a look at once, not after the look interval.
	LookNow struct{}
	// Record appends to the event log.
	Record struct{ Entry Entry }
	// Reply answers an [ActionRequested], once. Err is nil when the action was
	// carried out.
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

	// Expected: the state comes from a stop, a start, a restart or a reset, so
	// that nothing is wrong.
	Expected bool `json:"expected,omitempty"`
	// Blocking: the zombies of that state keep the API from answering.
	Blocking bool `json:"blocking,omitempty"`
	// Since: only in an entry that repeats the state: since when it has held.
	Since     time.Time `json:"since,omitzero"`
	Simulated bool      `json:"simulated,omitempty"`
}
