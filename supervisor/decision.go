package supervisor

import "time"

// A decision is the work of one call of [Decide]: the parts, which it changes,
// the effects so far, and what it decides by.
type decision struct {
	memory
	before   memory   // the parts before the event
	last     Snapshot // the snapshot before the event
	evidence evidence // of this event
	now      time.Time
	p        Policy
	effects  []Effect
}

func (d *decision) do(e Effect) { d.effects = append(d.effects, e) }

// record appends to the event log.
func (d *decision) record(e Entry) {
	e.At, e.Gateway, e.Simulated = d.now, d.p.Name, d.p.Simulated
	d.do(Record{e})
}

// perform begins an action. requestID is 0 when nobody asked for it.
func (d *decision) perform(a Action, requestID uint64) {
	d.logins.cancelStart()
	d.do(PerformAction{ID: d.action.begin(d.now, a, requestID), Action: a, Unattended: requestID == 0})
}

// snapshot makes the next snapshot from the parts.
func (d *decision) snapshot() Snapshot {
	s, v := d.last, d.verdict
	s.State, s.Since, s.Expected, s.Phase = v.state, v.since, v.expected, v.phase
	s.Blocking, s.Verified, s.LookFresh = v.blocking, v.verified, v.lookFresh
	s.EvidenceAt = d.port.lookedAt
	if d.session.State == SessionUp {
		s.EvidenceAt = latest(s.EvidenceAt, d.session.AnsweredAt)
	}
	s.FreshUntil = d.freshUntil()
	s.Why = why(d)

	s.LookTook = d.port.lookTook
	s.Reader, s.Listener, s.Blind = d.port.reader, d.port.listener(d.session.State == SessionUp), d.port.view.Blind
	s.Clients, s.StaleClients, s.Zombies = d.peers.clients, d.peers.staleClients, d.peers.zombies
	s.API, s.Process = d.session.Session, d.process.GatewayProcess
	s.Logins, s.KeepRunning, s.Busy = d.logins.count(), d.logins.keepRunning, d.action.busy()
	s.BudgetSpent = d.logins.spent
	s.LoginProblem, s.TwoFactor = d.process.shownLogin(v)
	s.Next = d.next()
	s.QuietUntil = time.Time{}
	if d.quiet.active(d.now) {
		s.QuietUntil = d.quiet.until
	}
	s.TroubleSince = d.incident.troubleSince(d)
	s.Notices = d.notices.list
	s.Transitions, s.Drops = d.transitions.list, d.transitions.drops
	s.WakeAt = d.wakeAt()
	s.mem = d.memory
	return s
}

// freshUntil is when the evidence for the state becomes too old; zero: the
// state is unknown. A second is added, so that the engine itself changes the
// state before a reader has to.
func (d *decision) freshUntil() time.Time {
	switch {
	case d.verdict.state == Unknown:
		return time.Time{}
	case d.verdict.verified:
		return d.session.AnsweredAt.Add(d.p.HeartbeatLate + time.Second)
	}
	return d.port.lookedAt.Add(d.p.StaleAfter + time.Second)
}

// next is what will happen by itself, nil for nothing.
func (d *decision) next() *Next {
	switch {
	case !d.logins.startAt.IsZero():
		return &Next{Action: NextStart, At: d.logins.startAt}
	case d.process.restartAt.After(d.now):
		return &Next{Action: NextRestart, At: d.process.restartAt}
	case d.verdict.state == Listening && d.session.retryAt.After(d.now):
		return &Next{Action: NextSession, At: d.session.retryAt}
	}
	return nil
}
