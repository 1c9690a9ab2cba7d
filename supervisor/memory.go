package supervisor

import "time"

// memory is what Decide has to remember between events beyond what it shows.
type memory struct {
	wanted bool // it should be up: it was started, or seen up, and nobody stopped it
	phase  Phase
	asked  time.Time // since when the phase has lasted
	hint   string    // why the login does not get on, or did not last time
	calm   time.Time // until then leaving connected is expected (start, stop, restart)
	ours   bool      // the Gateway that runs, or ran last, was started by us
	at     time.Time // of the newest event: tells when the clock was set, or stood still

	lookedAt     time.Time // of the newest good look
	lookFailed   string    // why the newest look failed, "" when it did not
	view         PortView  // of the newest good look
	listens      time.Time // since when the same process listens
	recognisedAt time.Time // when it was last asked whether a Gateway that is not ours does
	waits        []wait
	queuedAt     time.Time // since when every look found connections to accept
	doubt        time.Time // until then hold the state: a session closed after the newest look

	failures  int       // sessions that failed in a row
	sessionAt time.Time // no session before then
	idTaken   bool      // our pending session was told that its client id is in use (326)
	idsTaken  int       // how many of our client ids are, in a row
	lost      coded     // what cut the Gateway off from IBKR
	moved     coded     // the API port was changed in the Gateway (1300)

	doing *doing
	acts  uint64

	logins   []login
	attended time.Time // the user's own start, until its login was seen
	counted  bool      // the login of our unattended start is counted already

	budgetFrom time.Time   // the user's last own start: the budget counts from there
	spent      bool        // the login budget is spent: only the user starts again
	vain       string      // what a loop of IBC was stopped for
	stopAt     time.Time   // no further attempt to stop a login loop before then
	starts     int         // unattended starts in a row
	launches   int         // of the Gateway by IBC in a row, without a login that came to its end
	clearings  []time.Time // by ourselves, in the last hour
	gaveUp     bool        // clearing them has not helped, and that was told
	startAt    time.Time   // of the next one

	incident *incident
	healed   healed
	ended    time.Time // when the Gateway went, before we were there; zero: it did not, or is known
	notices  uint64
}

// A healed incident is one that was over then.
type healed struct {
	id uint64
	at time.Time
}

// A doing is the action under way.
type doing struct {
	id     uint64
	action Action
	asked  uint64 // the [ActionRequested] that waits for it, 0: nobody asked
	at     time.Time
	verify bool // done as far as the driver goes; whether it helped is yet to be seen
}

func (m *memory) busy() Action {
	if m.doing == nil {
		return ""
	}
	return m.doing.action
}

// restarting: a Gateway that goes down is to come back.
func (m *memory) restarting() bool {
	return m.doing != nil && (m.doing.action == Restart || m.doing.action == ClearZombies)
}

// A coded is a code to come back to.
type coded struct {
	code    int
	meaning string
	port    int
}

// A login is one login attempt that nobody sat in front of, or one of the user's own.
type login struct {
	at       time.Time
	attended bool
}
