package supervisor

import (
	"fmt"
	"slices"
	"time"
)

// New is the snapshot of a Gateway nothing is known about yet.
func New(p Policy, now time.Time) Snapshot {
	return Snapshot{
		Name: p.Name, Port: p.Port, Simulated: p.Simulated, HasConfigSource: p.HasConfigSource, KeepRunning: p.KeepRunning,
		State: Unknown, Since: now, Why: "Not looked yet",
		API:     Session{State: SessionOff, Since: now, Link: LinkUnknown},
		Process: GatewayProcess{By: ByNobody},
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
	if asked, ok := e.(ActionRequested); ok {
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

func (d *decision) record(kind EntryKind, text string) {
	d.do(Record{Entry{At: d.now, Gateway: d.p.Name, Kind: kind, Text: text, Simulated: d.p.Simulated}})
}

// recordReason records what became of a command, with the kind of it.
func (d *decision) recordReason(text, reason string) {
	d.do(Record{Entry{At: d.now, Gateway: d.p.Name, Kind: EntryCommand, Text: text, Reason: reason, Simulated: d.p.Simulated}})
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
	case SessionStarted:
		d.API.PID = e.PID
	case SessionReady:
		d.sessionReady(e)
	case HeartbeatAnswered:
		d.API.AnsweredAt, d.API.RTT = d.now, e.RTT
	case CodeReceived:
		d.sessionCoded(e)
	case CodesOmitted:
		d.record(EntrySession, fmt.Sprintf("The Gateway sends too much: %s left out", count(e.Count, "message was", "messages were")))
	case SessionClosed:
		d.sessionClosed(e)
	case GatewaySeen:
		d.gatewaySeen(e)
	case ActionProgressed:
		d.record(EntryCommand, e.Text)
	case PhaseSeen:
		d.phaseSeen(e)
	case LaunchSeen:
		m.launches++
	case LoginProblemSeen:
		m.hint = e.Text
	case LoginSeen:
		d.loginSeen(e)
	case StopCommandSeen:
		d.stopSeen()
	case GatewayEnded:
		d.gatewayEnded(e)
	case ActionEnded:
		d.acted(e)
	case KeepRunningSaved:
		d.remembered(e)
	case ActionRequested, TimerFired:
	}
}

// gatewaySeen takes a Gateway for the one to look after. Somebody else's counts
// only while none of ours is there, and for as long as it listens.
func (d *decision) gatewaySeen(e GatewaySeen) {
	m := &d.mem
	if e.By == ByOther && (d.Process.By == ByGatelight && d.Process.PID != 0 || m.view.Listener == nil || m.view.Listener.Process.PID != e.PID) {
		return
	}
	d.Process = GatewayProcess{PID: e.PID, StartedAt: e.StartedAt, By: e.By, Controls: e.Controls, Restarts: e.Restarts, LastExit: d.Process.LastExit}
	if e.By == ByOther {
		d.Process.LastExit = nil // that was another one's
	}
	m.wanted, m.ours, m.ended = m.wanted || m.busy() != Stop, e.By == ByGatelight, time.Time{}
}

func (d *decision) phaseSeen(e PhaseSeen) {
	m := &d.mem
	if e.Phase != m.phase {
		m.asked = d.now
	}
	m.phase = e.Phase
	switch e.Phase {
	case Restarting:
		m.calm = d.now.Add(d.p.StartTimeout)
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
		d.acted(ActionEnded{ID: doing.id, Action: ClearZombies, Err: d.failure(ClearZombies, ReasonStopped, "somebody has stopped the Gateway meanwhile")})
	case doing != nil && (doing.action == Restart || doing.action == Stop && doing.asked == 0):
		return
	}
	m.wanted, m.calm = false, d.now.Add(d.p.StartTimeout)
}

func (d *decision) gatewayEnded(e GatewayEnded) {
	exit := e.Exit
	if e.Before && d.mem.view.Listener == nil { // else somebody else has started one since
		d.mem.wanted, d.mem.ours, d.mem.ended = true, true, exit.At
	}
	d.Process = GatewayProcess{By: ByNobody, LastExit: &exit}
	d.mem.phase, d.mem.counted, d.mem.moved = NoPhase, false, coded{}
	if !d.mem.restarting() {
		d.mem.calm = time.Time{}
	}
	d.do(Record{Entry{At: d.now, Gateway: d.p.Name, Kind: EntryExit, Text: exit.Why, Reason: string(exit.Reason), Simulated: d.p.Simulated}})
	if doing := d.mem.doing; doing != nil && doing.action == ClearZombies {
		d.acted(ActionEnded{ID: doing.id, Action: ClearZombies, Err: d.failure(ClearZombies, ReasonEnded, "the Gateway ended instead of restarting: "+exit.Why)})
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
	d.Verified = (d.State == Connected || d.State == CutOff) && (e.answering || hold && d.before.Verified)
	d.Phase = NoPhase
	if d.State == Starting {
		d.Phase = d.mem.phase
	}
	d.Zombies = d.zombies()
	d.Blocking = d.State == Zombies && d.blocking(e)
	d.LookFresh = e.looking
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

// report finishes the snapshot: its words, its times, and the log of its change.
func (d *decision) report() {
	d.Why = d.why()
	d.FreshUntil = d.freshUntil()
	d.Logins = len(d.mem.logins)
	d.Busy = d.mem.busy()
	d.TroubleSince = d.trouble()
	d.QuietUntil = time.Time{}
	if d.calm() {
		d.QuietUntil = d.mem.calm
	}
	d.Next = d.next()
	d.WakeAt = d.wakeAt()
	if d.State != d.before.State || d.Phase != d.before.Phase || d.Expected != d.before.Expected {
		d.do(Record{Entry{At: d.now, Gateway: d.p.Name, Kind: EntryState, From: d.before.State, To: d.State,
			Phase: d.Phase, Text: d.Why, Expected: d.asItShould(), Simulated: d.p.Simulated}})
	}
}

// asItShould: the state is one that passes by itself, or that somebody wants.
func (d *decision) asItShould() bool {
	switch d.State {
	case Down:
		return d.Expected
	case Connected, Zombies:
		return false
	}
	return d.calm()
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
		return &Next{Action: NextStart, At: d.mem.startAt}
	case d.State == Listening && d.mem.sessionAt.After(d.now):
		return &Next{Action: NextSession, At: d.mem.sessionAt}
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
		d.reminderDue(),
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
		due = append(due, m.doing.at.Add(d.p.StartTimeout))
	} else if m.doing != nil {
		due = append(due, m.doing.at.Add(d.p.ActionTimeout))
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
