package supervisor

import (
	"fmt"
	"slices"
	"time"
)

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
	notices  uint64
}

// A doing is the action under way.
type doing struct {
	id     uint64
	action Action
	asked  uint64 // the [Asked] that waits for it, 0: nobody asked
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

// New is the snapshot of a Gateway nothing is known about yet.
func New(p Policy, now time.Time) Snapshot {
	return Snapshot{
		Name: p.Name, Port: p.Port, Simulated: p.Simulated, HasSource: p.HasSource,
		State: Unknown, Since: now, Why: "Not looked yet",
		API:     Session{State: SessionOff, Since: now, Link: LinkUnknown},
		Process: Process{By: ByNobody},
		WakeAt:  now.Add(p.StaleAfter),
	}
}

// Decide is the supervisor's judgement: what one event makes of a snapshot, and
// what is to be done about it. It has no clock, does no I/O and keeps nothing.
func Decide(s Snapshot, e Event, now time.Time, p Policy) (Snapshot, []Effect) {
	d := decision{Snapshot: s, before: s, now: now, p: p}
	d.mindTheClock()
	d.absorb(e)
	d.tendAction()
	d.judge()
	if asked, ok := e.(Asked); ok {
		// Only now: what a person asks for is weighed against the state at this
		// moment, not against one whose evidence may have run out since.
		d.asked(asked)
		d.judge()
	}
	d.tendSession()
	d.tendLogins()
	d.tendZombies()
	d.tendIncident()
	d.report()
	return d.Snapshot, d.effects
}

// A decision is one call of Decide at work.
type decision struct {
	Snapshot
	before  Snapshot
	now     time.Time
	p       Policy
	effects []Effect
	overran bool // what was expected to pass by now has not passed
}

func (d *decision) do(e Effect) { d.effects = append(d.effects, e) }

func (d *decision) record(kind, text string) {
	d.do(Record{Entry{At: d.now, Gateway: d.p.Name, Kind: kind, Text: text, Simulated: d.p.Simulated}})
}

// absorb takes an event into the evidence. One method per event that needs
// more than a line; no method judges.
func (d *decision) absorb(e Event) {
	m := &d.mem
	switch e := e.(type) {
	case Looked:
		d.looked(e)
	case LookFailed:
		m.lookFailed, m.doubt = e.Why, time.Time{}
		d.Reader = e.Reader
	case SessionOpened:
		d.API.PID = e.PID
	case SessionReady:
		d.sessionReady(e)
	case SessionAnswered:
		d.API.AnsweredAt, d.API.RTT = d.now, e.RTT
	case SessionCoded:
		d.sessionCoded(e)
	case SessionOmitted:
		d.record("session", fmt.Sprintf("The Gateway sends too much: %s left out", count(e.Count, "message was", "messages were")))
	case SessionClosed:
		d.sessionClosed(e)
	case GatewaySeen:
		d.gatewaySeen(e)
	case Stepped:
		d.record("command", e.Text)
	case PhaseSeen:
		d.phaseSeen(e)
	case LaunchSeen:
		m.launches++
	case HintSeen:
		m.hint = e.Text
	case LoginSeen:
		d.loginSeen(e)
	case StopSeen:
		d.stopSeen()
	case GatewayEnded:
		d.gatewayEnded(e)
	case Acted:
		d.acted(e)
	case Asked, Woke:
	}
}

// gatewaySeen takes a Gateway for the one to look after. Somebody else's counts
// only while none of ours is there, and for as long as it listens.
func (d *decision) gatewaySeen(e GatewaySeen) {
	m := &d.mem
	if e.By == ByOther && (d.Process.By == ByGatelight && d.Process.PID != 0 || m.view.Listener == nil || m.view.Listener.Process.PID != e.PID) {
		return
	}
	d.Process = Process{PID: e.PID, StartedAt: e.StartedAt, By: e.By, Controls: e.Controls, Restarts: e.Restarts, LastExit: d.Process.LastExit}
	if e.By == ByOther {
		d.Process.LastExit = nil // that was another one's
	}
	m.wanted, m.ours = m.busy() != Stop, e.By == ByGatelight
}

func (d *decision) phaseSeen(e PhaseSeen) {
	m := &d.mem
	if e.Phase != m.phase {
		m.asked = d.now
	}
	m.phase = e.Phase
	switch e.Phase {
	case Restarting:
		m.calm = d.now.Add(d.p.StartLimit)
	case LoggedIn:
		m.launches, m.hint = 0, ""
	}
}

// stopSeen: somebody wants it to be down, unless it is us on the way to a restart
// or out of a login loop.
func (d *decision) stopSeen() {
	m := &d.mem
	switch doing := m.doing; {
	case doing != nil && doing.action == ClearZombies:
		d.acted(Acted{ID: doing.id, Action: ClearZombies, Err: "somebody has stopped the Gateway meanwhile"})
	case doing != nil && (doing.action == Restart || doing.action == Stop && doing.asked == 0):
		return
	}
	m.wanted, m.calm = false, d.now.Add(d.p.StartLimit)
}

func (d *decision) gatewayEnded(e GatewayEnded) {
	exit := e.Exit
	if e.Before && d.mem.view.Listener == nil { // else somebody else has started one since
		d.mem.wanted, d.mem.ours = true, true
	}
	d.Process = Process{By: ByNobody, LastExit: &exit}
	d.mem.phase, d.mem.counted, d.mem.moved = NoPhase, false, coded{}
	if !d.mem.restarting() {
		d.mem.calm = time.Time{}
	}
	d.record("exit", exit.Why)
	if doing := d.mem.doing; doing != nil && doing.action == ClearZombies {
		d.acted(Acted{ID: doing.id, Action: ClearZombies, Err: "the Gateway ended instead of restarting: " + exit.Why})
	}
	d.do(LookNow{})
}

// judge derives the state from the evidence, and everything that is shown with it.
func (d *decision) judge() {
	e := d.evidence()
	hold := d.now.Before(d.mem.doubt) && d.State != Unknown
	if state := judge(e); !hold {
		d.State, d.Since = state, d.before.Since
	}
	if d.State != d.before.State {
		d.Since = d.now
		d.expectReset()
	}
	d.Expected = d.State == Down && d.expected()
	d.Verified = (d.State == Connected || d.State == CutOff) && e.answering
	d.Phase = NoPhase
	if d.State == Starting {
		d.Phase = d.mem.phase
	}
	d.Zombies = d.zombies()
	d.Blocking = d.State == Zombies && d.blocking(e)
	d.Looking = e.looking
	d.EvidenceAt = d.mem.lookedAt
	if d.API.State == SessionUp {
		d.EvidenceAt = latest(d.EvidenceAt, d.API.AnsweredAt)
	}
}

// expected: a Gateway that is down is so on purpose.
func (d *decision) expected() bool {
	switch busy := d.mem.busy(); {
	case d.mem.restarting():
		return true
	case busy == Start && d.before.State == Down:
		return d.before.Expected // asking for a start makes nothing worse yet
	case d.calm() && !d.mem.ours:
		return true // somebody else's script restarts it, out of our sight
	}
	return !d.mem.wanted
}

func (d *decision) evidence() evidence {
	m := &d.mem
	return evidence{
		looking:   m.lookFailed == "" && d.fresh(m.lookedAt, d.p.StaleAfter),
		answering: d.API.State == SessionUp && d.fresh(d.API.AnsweredAt, d.p.HeartbeatLate),
		linkDown:  d.API.Link == LinkDown,
		listener:  m.view.Listener != nil,
		onItsWay:  d.Process.PID != 0 && m.wanted,
		zombies:   !d.relayed() && len(d.zombies()) > 0,
		clients:   !d.p.Monitor && !d.relayed() && slices.ContainsFunc(m.view.Peers, served),
	}
}

// relayed: a relay holds the port. Its sockets are not the Gateway's, so they
// prove nothing of it; the state rests on the session alone.
func (d *decision) relayed() bool { return d.Listener != nil && d.Listener.Relay != "" }

// fresh reports evidence that still counts. Evidence from the future does not:
// the clock was set back, and nobody knows how old it is.
func (d *decision) fresh(at time.Time, limit time.Duration) bool {
	return !at.IsZero() && !d.now.Before(at) && d.now.Before(at.Add(limit))
}

// mindTheClock notices that the clock was set back, or that the machine has
// slept. What was to be waited for counts from now, and after a sleep the
// session gets the time of a heartbeat to show that it lives.
func (d *decision) mindTheClock() {
	m := &d.mem
	switch passed := d.now.Sub(m.at); {
	case m.at.IsZero():
	case passed < 0:
		d.clockSetBack()
	case passed > 2*d.p.StaleAfter && d.API.State == SessionUp && !d.calm():
		m.calm = d.now.Add(d.p.HeartbeatLate)
	}
	m.at = d.now
}

// clockSetBack lets nothing lie in the future: what is counted or timed counts
// from now, and what was waited for is due.
func (d *decision) clockSetBack() {
	m := &d.mem
	m.doubt, m.calm, m.sessionAt, m.startAt, m.stopAt = time.Time{}, time.Time{}, time.Time{}, time.Time{}, time.Time{}
	for _, t := range []*time.Time{&d.API.Since, &m.listens, &m.budgetFrom, &m.attended, &m.asked, &m.recognisedAt} {
		if t.After(d.now) {
			*t = d.now
		}
	}
	m.queuedAt = time.Time{} // the next look begins anew
	if m.doing != nil && m.doing.at.After(d.now) {
		doing := *m.doing
		doing.at = d.now
		m.doing = &doing
	}
	logins := make([]login, len(m.logins))
	for i, l := range m.logins {
		if l.at.After(d.now) {
			l.at = d.now
		}
		logins[i] = l
	}
	m.logins = logins
	clearings := make([]time.Time, len(m.clearings))
	for i, at := range m.clearings {
		if at.After(d.now) {
			at = d.now
		}
		clearings[i] = at
	}
	m.clearings = clearings
}

// report finishes the snapshot: its words, its times, and the log of its change.
func (d *decision) report() {
	d.Why = d.why()
	d.FreshUntil = d.freshUntil()
	d.Logins = len(d.mem.logins)
	d.Busy = d.mem.busy()
	d.Next = d.next()
	d.WakeAt = d.wakeAt()
	if d.State != d.before.State || d.Phase != d.before.Phase {
		d.do(Record{Entry{At: d.now, Gateway: d.p.Name, Kind: "state", From: d.before.State, To: d.State,
			Phase: d.Phase, Text: d.Why, Simulated: d.p.Simulated}})
	}
}

// freshUntil is when the evidence behind the state runs out, with a second of
// grace so that the owner of the state speaks first.
func (d *decision) freshUntil() time.Time {
	switch {
	case d.State == Unknown:
		return time.Time{}
	case d.Verified:
		return d.API.AnsweredAt.Add(d.p.HeartbeatLate + time.Second)
	}
	return d.mem.lookedAt.Add(d.p.StaleAfter + time.Second)
}

func (d *decision) next() *Next {
	switch {
	case !d.mem.startAt.IsZero():
		return &Next{Action: string(Start), At: d.mem.startAt}
	case d.State == Listening && d.mem.sessionAt.After(d.now):
		return &Next{Action: "session", At: d.mem.sessionAt}
	}
	return nil
}

// wakeAt is the next time at which the passing of time alone changes
// something. There always is one: evidence that nobody renews goes stale.
func (d *decision) wakeAt() time.Time {
	m := &d.mem
	due := []time.Time{
		m.lookedAt.Add(d.p.StaleAfter),
		m.doubt,
		m.startAt,
		m.calm,
		d.incidentDue(),
	}
	if d.API.State == SessionUp {
		due = append(due, d.API.AnsweredAt.Add(d.p.HeartbeatLate))
	}
	if d.API.State == SessionConnecting {
		due = append(due, d.API.Since.Add(d.p.HandshakeLate))
	}
	if d.wantsSession() {
		due = append(due, d.sessionDue())
	}
	if m.doing != nil && m.doing.verify {
		due = append(due, m.doing.at.Add(d.p.StartLimit))
	} else if m.doing != nil {
		due = append(due, m.doing.at.Add(d.p.ActionLimit))
	}
	if d.p.ClearAuto && d.State == Zombies {
		due = append(due, d.Since.Add(clearAfter))
	}
	if len(m.logins) > 0 {
		due = append(due, m.logins[0].at.Add(loginWindow))
	}
	wake := d.now.Add(d.p.StaleAfter) // nothing else: see whether looks still come
	for _, t := range due {
		if t.After(d.now) && t.Before(wake) {
			wake = t
		}
	}
	return wake
}
