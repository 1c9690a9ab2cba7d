package supervisor

// This file has the sets of kinds. The JSON, the event log and the exit
// statuses have a kind beside each text: programs read the kind, people read
// the text. No program reads a text to find out what it is about.

// An EntryKind is what an entry of the event log is about.
type EntryKind string

// The kinds of entries.
const (
	EntryState       EntryKind = "state"       // the state, phase or Expected has changed
	EntryCommand     EntryKind = "command"     // an action was requested, began, went on or failed
	EntryNotice      EntryKind = "notice"      // people were told
	EntryExit        EntryKind = "exit"        // the Gateway's process has ended
	EntrySession     EntryKind = "session"     // our API session
	EntrySupervision EntryKind = "supervision" // Gatelight began, goes on or ended to supervise
)

// A NextAction is what happens next without a request.
type NextAction string

// What may happen next.
const (
	NextStart   NextAction = "start"   // the Gateway is started
	NextSession NextAction = "session" // an API session is opened
	NextRestart NextAction = "restart" // IBC restarts the Gateway
)

// A Reason is why an action was refused, or has failed.
type Reason string

// Why an action is refused: nothing was done.
const (
	ReasonBusy            Reason = "busy"             // another action is under way
	ReasonStateUnknown    Reason = "state_unknown"    // nothing is done in an unknown state
	ReasonAlreadyStarting Reason = "already_starting" // a Gateway process lives and does not listen yet
	ReasonPortOpen        Reason = "port_open"        // somebody listens on the API port
	ReasonAlreadyRunning  Reason = "already_running"  // Gatelight has started a Gateway that still runs
	ReasonNotInstalled    Reason = "not_installed"    // IBC, its config.ini or the Gateway is missing or incomplete
	ReasonNotRunning      Reason = "not_running"      // there is no Gateway to act on
	ReasonNoControls      Reason = "no_controls"      // somebody else's Gateway, without IBC's command server
	ReasonNoZombies       Reason = "no_zombies"       // there is nothing to clear
	ReasonNeedsLogin      Reason = "needs_login"      // a restart would need a new login
	ReasonNewClient       Reason = "new_client"       // somebody has connected whom nobody was asked about
	ReasonNoConfigSource  Reason = "no_config_source" // the settings name no config_source
	ReasonQuitting        Reason = "quitting"         // this Gatelight is about to end

	// The port of IBC's command server is in use, or set for another Gateway,
	// too.
	ReasonCommandPortTaken Reason = "command_port_taken"
	// A process or a command server is not proven to be this Gateway's.
	ReasonNotProven Reason = "not_proven"
)

// Why an action fails after it has begun.
const (
	ReasonFailed  Reason = "failed"    // the text has the error of the driver or the system
	ReasonTimeout Reason = "timeout"   // it has not reported within Policy.ActionTimeout
	ReasonNoIBC   Reason = "no_ibc"    // no IBC is set up for this Gateway
	ReasonStopped Reason = "stopped"   // somebody has stopped the Gateway meanwhile
	ReasonEnded   Reason = "ended"     // the Gateway ended instead of restarting
	ReasonNoCure  Reason = "no_cure"   // it was restarted, and the API does not answer
	ReasonUnsaved Reason = "not_saved" // it holds until Gatelight ends: the settings could not be written

	// IBC's command server has refused the command, or does not answer.
	ReasonCommandServer Reason = "command_server"
)

// An ExitReason is how a Gateway has ended.
type ExitReason string

// How a Gateway ends. The exit statuses of IBC come from ibcstart.sh and
// ErrorCodes.java.
const (
	ExitUnknown          ExitReason = "unknown" // Gatelight did not see how
	ExitClosed           ExitReason = "closed"  // it closed normally
	ExitOther            ExitReason = "other"   // an exit status whose meaning is not known
	ExitNoJava           ExitReason = "no_java"
	ExitBadInstall       ExitReason = "bad_install" // the Gateway, or a folder or file of it, is missing
	ExitBadConfig        ExitReason = "bad_config"  // config.ini is missing, or has a value that IBC refuses
	ExitBadCall          ExitReason = "bad_call"    // IBC was called with wrong arguments
	ExitIBCError         ExitReason = "ibc_error"   // an error in IBC itself
	ExitTwoFactorTimeout ExitReason = "two_factor_timeout"
	ExitNoLoginDialog    ExitReason = "no_login_dialog"
	ExitSignal           ExitReason = "signal" // SIGTERM
	ExitKilled           ExitReason = "killed"
	ExitCrashed          ExitReason = "crashed" // Java crashed
	ExitPlanned          ExitReason = "planned" // somebody has decided it: STOP, ClosedownAt, the window's menu
	ExitSessionElsewhere ExitReason = "session_elsewhere"
	ExitLoginFailed      ExitReason = "login_failed" // refused, or IBKR's server could not be reached
	ExitNoMemory         ExitReason = "no_memory"
	ExitNoDisplay        ExitReason = "no_display" // there is no X display, or it went away
	ExitDiskFull         ExitReason = "disk_full"
	ExitBadJava          ExitReason = "bad_java" // Java refuses its options, or is for another processor
)
