package supervisor

import "time"

// New returns the snapshot of a Gateway about which nothing is known yet.
func New(p Policy, now time.Time) Snapshot {
	s := Snapshot{Name: p.Name, Port: p.Port, Simulated: p.Simulated, HasConfigSource: p.HasConfigSource, Live: p.Live}
	s.mem = memory{verdict: newVerdict(now), session: newSession(now), process: newProcess(), logins: newLogins(p)}
	d := &decision{memory: s.mem, before: s.mem, last: s, now: now, p: p}
	s = d.snapshot()
	s.WakeAt = now.Add(p.StaleAfter)
	return s
}

// Decide takes a snapshot and one event. It returns the next snapshot and the
// effects to carry out, in their order. It reads no clock, does no I/O and
// keeps no state: now is the wall clock time of the event, p the policy of the
// Gateway.
func Decide(s Snapshot, e Event, now time.Time, p Policy) (Snapshot, []Effect) {
	d := &decision{memory: s.mem, before: s.mem, last: s, now: now, p: p}
	d.checkClock()
	d.observe(e)
	d.action.checkTimeout(d)
	d.process.checkLogin(d.now)

	d.evidence = d.gatherEvidence()
	d.verdict.judge(d)
	if r, ok := e.(ActionRequested); ok {
		// Only here, since the state of this moment counts. The evidence for
		// the state of the last snapshot may be too old by now.
		d.action.request(d, r)
		d.evidence.shouldRun = d.process.shouldRun
		d.verdict.judge(d)
	}

	d.session.openWhenDue(d)
	d.logins.enforceBudget(d)
	d.clearing.advance(d)
	d.incident.advance(d)
	d.transitions.note(d)
	return d.snapshot(), d.effects
}

// observe passes an event to the parts that it concerns. They only note it; the
// state is derived later.
func (d *decision) observe(e Event) {
	switch e := e.(type) {
	case Looked:
		d.looked(e)
	case LookFailed:
		d.port.lookHasFailed(e)
	case SessionStarted:
		d.session.started(e)
	case SessionReady:
		d.session.ready(d, e)
	case HeartbeatAnswered:
		d.session.answered(d.now, e)
	case CodeReceived:
		d.session.codeReceived(d.now, e)
	case CodesOmitted:
		d.session.codesOmitted(d, e)
	case SessionClosed:
		d.port.awaitNextLook(d.now, d.session.State)
		d.session.closed(d, e)
	case GatewaySeen:
		d.process.seen(d, e)
	case OtherProgramSeen:
		d.port.otherProgramSeen(e)
	case ActionProgressed:
		d.record(Entry{Kind: EntryCommand, Text: e.Text})
	case PhaseSeen:
		d.phaseSeen(e)
	case LaunchSeen:
		d.logins.launchSeen(e)
	case LoginProblemSeen:
		d.process.loginProblemSeen(d.now, e)
		d.logins.problemSeen(e)
	case LoginSeen:
		d.logins.seen(d, e)
	case PlannedEndSeen:
		d.plannedEndSeen(e)
	case ProcessUnknown:
		d.process.unknown(e)
	case RestartAnnounced:
		d.process.restartAnnounced(e)
		d.quiet.expectUntil(e.At.Add(d.p.StartTimeout))
	case GatewayEnded:
		d.gatewayEnded(e)
	case ActionEnded:
		d.action.ended(d, e)
	case KeepRunningSaved:
		d.logins.keepRunningSaved(d, e)
	case ActionRequested, TimerFired:
		// A request needs the new state first. What is due follows from the
		// time.
	}
}

// looked passes a look to the parts, unless a newer one has come before it.
func (d *decision) looked(e Looked) {
	if d.port.isOlder(e, d.now) {
		return
	}
	was, is := d.port.view.Listener, e.View.Listener
	if listenerReplaced(was, is) {
		d.session.listenerReplaced()
		d.process.listenerReplaced(d.action.busy())
	}
	d.process.looked(was, is)
	d.port.identifyListener(d, was, is)
	d.peers.looked(e, d.session.PID, d.p.ZombieAfter)
	d.port.looked(e)
	d.session.looked(is, d.peers.clients)
}

func (d *decision) phaseSeen(e PhaseSeen) {
	d.process.phaseSeen(d.now, e)
	switch e.Phase {
	case Restarting:
		d.quiet.expectUntil(d.now.Add(d.p.StartTimeout))
	case LoggedIn:
		d.logins.completed()
		d.session.answerable(d.now)
	}
}

// plannedEndSeen notes that somebody wants the Gateway to be down. It may also
// be our own STOP, as a part of a restart or to end a login loop: then nothing
// changes.
func (d *decision) plannedEndSeen(e PlannedEndSeen) {
	switch current := d.action.current; {
	case current.action == ClearZombies:
		d.action.fail(d, ReasonStopped, "somebody has stopped the Gateway meanwhile")
	case current.action == Restart, current.action == Stop && current.requestID == 0:
		return
	}
	d.process.shouldStop(e.Why, e.Asked)
	d.quiet.expectUntil(d.now.Add(d.p.StartTimeout))
}

func (d *decision) gatewayEnded(e GatewayEnded) {
	d.process.ended(e, d.port.view.Listener)
	d.logins.gatewayEnded()
	d.session.forgetPortChange()
	if !d.action.restarting() {
		d.quiet.end()
	}
	d.record(Entry{Kind: EntryExit, Text: e.Exit.Why, Reason: string(e.Exit.Reason)})
	if d.action.current.action == ClearZombies {
		d.action.fail(d, ReasonEnded, "the Gateway ended instead of restarting: "+e.Exit.Why)
	}
	d.do(LookNow{})
}
