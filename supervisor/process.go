package supervisor

import (
	"cmp"
	"time"
)

// process is the Gateway's process, the phase of its start, and whether it
// should run.
type process struct {
	GatewayProcess
	shouldRun    bool   // it was started, or seen running, and nobody has stopped it
	stopping     bool   // somebody has decided that it ends, and it has not yet
	plannedEnd   string // why it ends or has ended on purpose, as in [PlannedEndSeen]
	ours         bool   // Gatelight has started the Gateway that runs, or that ran last
	phase        Phase
	phaseSince   time.Time
	twoFactor    TwoFactorRequest // in that phase
	codeSent     bool             // the two-factor request is closed, and the login goes on from there
	loginProblem LoginProblem     // why the login does not go on, or did not at the last start
	problemSince time.Time        // of loginProblem
	waits        bool             // the login waits for a person, because of loginProblem
	restartAt    time.Time        // when it restarts by itself, as announced; zero: not announced
	unknownWhy   string           // why it cannot be told whether a Gateway of ours runs; "": it can
	planProven   bool             // plannedEnd is certain, and not only what IBC's log tells
	ranBefore    bool             // shouldRun before the request to start that is under way
	endedUnseen  time.Time        // when it ended before this Gatelight ran; zero: it did not, or an incident has it already
}

func newProcess() process { return process{GatewayProcess: GatewayProcess{By: ByNobody}} }

// seen notes the Gateway to supervise. Somebody else's Gateway counts only
// while none of ours runs, and only while it listens.
func (p *process) seen(d *decision, e GatewaySeen) {
	l := d.port.view.Listener
	oursRuns := p.By == ByGatelight && p.PID != 0
	if e.By == ByOther && (oursRuns || l == nil || l.Process.PID != e.PID) {
		return
	}
	lastExit := p.LastExit
	if e.By == ByOther {
		lastExit = nil // the last exit was of another Gateway
	}
	p.GatewayProcess = GatewayProcess{PID: e.PID, StartedAt: e.StartedAt, By: e.By,
		Controls: e.Controls, Restarts: e.Restarts, LastExit: lastExit}
	p.shouldRun = p.shouldRun || d.action.busy() != Stop && !p.stopping
	p.ours, p.endedUnseen = e.By == ByGatelight, time.Time{}
	if p.ours {
		p.unknownWhy = ""
	}
}

// unknown notes that it cannot be told whether a Gateway of ours runs, or that
// it can be told again.
func (p *process) unknown(e ProcessUnknown) { p.unknownWhy = e.Why }

// listenerReplaced notes that the process that listens should run, unless it is
// just being stopped.
func (p *process) listenerReplaced(busy Action) {
	p.shouldRun = p.shouldRun || busy != Stop && !p.stopping
	p.ours = p.ours && p.PID != 0
}

// looked notes the end of somebody else's Gateway: it has ended when it does
// not listen any more.
func (p *process) looked(was, is *Listener) {
	if is != nil {
		p.endedUnseen = time.Time{}
	}
	other := p.By == ByOther && p.PID != 0
	if other && (is == nil || is.Process.PID != p.PID) {
		p.GatewayProcess = GatewayProcess{By: ByNobody, LastExit: p.LastExit}
	}
	if is == nil && was != nil && p.phase == LoggedIn {
		p.phase = NoPhase // the phase was that of the last start
	}
	if is == nil && was != nil && p.PID == 0 {
		p.stopping, p.restartAt = false, time.Time{}
	}
}

func (p *process) phaseSeen(now time.Time, e PhaseSeen) {
	if e.Phase != p.shownPhase() {
		p.phaseSince = now
	}
	p.codeSent = p.phase == TwoFactor && e.Phase == Login || p.codeSent && e.Phase == p.phase
	p.phase, p.twoFactor, p.waits = e.Phase, e.TwoFactor, false
	switch e.Phase {
	case LoggedIn:
		p.loginProblem = LoginProblem{}
	case Restarting:
		p.restartAt = time.Time{}
	}
}

func (p *process) loginProblemSeen(now time.Time, e LoginProblemSeen) {
	p.loginProblem, p.problemSince = e.LoginProblem, now
	p.setWaits(now, e.Waits && e.Reason != LoginDialog)
}

// setWaits says whether the login waits for a person.
func (p *process) setWaits(now time.Time, waits bool) {
	if waits != p.waits {
		p.waits, p.phaseSince = waits, now
	}
}

// How long a login may take at a point where it sometimes stops for good, and
// IBC's log does not say so.
const (
	dialogLimit = 5 * time.Second // IBC answers within a moment the windows that it knows
	codeLimit   = time.Minute     // from the end of a two-factor request to the end of the login
)

// checkLogin notices a login that has stopped without a word in IBC's log.
func (p *process) checkLogin(now time.Time) {
	over := func(from time.Time, limit time.Duration) bool { return !now.Before(from.Add(limit)) }
	switch {
	case p.PID == 0 || p.waits:
	case p.loginProblem.Reason == LoginDialog && p.loginProblem.Waits:
		p.setWaits(now, over(p.problemSince, dialogLimit))
	case p.codeSent && over(p.phaseSince, codeLimit):
		p.loginProblemSeen(now, LoginProblemSeen{missedTwoFactor})
	}
}

// shownPhase is the phase, or that the login waits for a person.
func (p *process) shownPhase() Phase {
	if p.waits {
		return NeedsYou
	}
	return p.phase
}

// shownLogin is what a snapshot shows of the login: its problem, and what it
// asks for.
func (p *process) shownLogin(v verdict) (*LoginProblem, *TwoFactorRequest) {
	problem, request := p.loginProblem, p.twoFactor
	switch {
	case v.phase == TwoFactor:
		request.Do = cmp.Or(request.Do, approveLogin)
		return nil, &request
	case problem.Reason != "" && (v.state == Starting || v.phase != NoPhase):
		return &problem, nil
	}
	return nil, nil
}

// loginPending reports that IBC's log tells of a login that is not done: the
// Gateway may open its port long before that, and answers nobody yet. A login
// that waits for nobody is pending only as long as a start may take (starting).
func (p *process) loginPending(starting bool) bool {
	switch p.shownPhase() {
	case TwoFactor, NeedsYou:
		return p.PID != 0
	case Launching, Login, Restarting:
		return p.PID != 0 && starting
	}
	return false
}

func (p *process) restartAnnounced(e RestartAnnounced) { p.restartAt = e.At }

// ended notes that the process has ended. If that was before this Gatelight
// ran, the Gateway should run, unless somebody else has started another one
// since.
func (p *process) ended(e GatewayEnded, listener *Listener) {
	if e.Before && listener == nil {
		p.shouldRun, p.ours, p.endedUnseen = true, true, e.Exit.At
	}
	if p.stopping && !p.planProven && !e.Exit.InOrder() {
		p.runsOn() // it was killed or has crashed, whatever the log tells
	}
	p.unknownWhy = ""
	p.ranBefore = p.shouldRun // a start that fails by this end has done something
	p.GatewayProcess = GatewayProcess{By: ByNobody, LastExit: &e.Exit}
	p.phase, p.waits, p.stopping, p.restartAt = NoPhase, false, false, time.Time{}
}

// gaveWay reports that it ended in favour of another session of the same user.
func (p *process) gaveWay() bool {
	return p.LastExit != nil && p.LastExit.Reason == ExitSessionElsewhere
}

// takeEndedUnseen returns endedUnseen and sets it to zero.
func (p *process) takeEndedUnseen() time.Time {
	at := p.endedUnseen
	p.endedUnseen = time.Time{}
	return at
}

// startRequested notes that the user starts it. The login problem of the last
// start is forgotten.
func (p *process) startRequested() {
	p.ranBefore, p.shouldRun, p.stopping = p.shouldRun, true, false
	p.loginProblem, p.waits, p.plannedEnd = LoginProblem{}, false, ""
}

// startFailed notes that a start was refused or has failed. If nothing runs, it
// is as it was before.
func (p *process) startFailed() {
	if p.PID == 0 {
		p.shouldRun = p.ranBefore
	}
}

// shouldStop notes that somebody has decided that it ends. why is as in
// [PlannedEndSeen]; proven: it is certain.
func (p *process) shouldStop(why string, proven bool) {
	p.planProven = proven || p.stopping && p.planProven
	p.shouldRun, p.stopping, p.plannedEnd, p.restartAt = false, true, why, time.Time{}
}

// runsOn notes that a stop or restart has failed, so that the Gateway should
// run.
func (p *process) runsOn() { p.shouldRun, p.stopping, p.plannedEnd = true, false, "" }

// upSince is since when the Gateway has been up, as far as is known. It is the
// start of its Java process, since IBC's script runs on during a restart.
func (p *process) upSince(l *Listener) time.Time {
	if l != nil && !l.Process.StartedAt.IsZero() {
		return l.Process.StartedAt
	}
	return p.StartedAt
}

func (p *process) clampTo(now time.Time) {
	p.phaseSince, p.problemSince = notAfter(p.phaseSince, now), notAfter(p.problemSince, now)
	p.restartAt = time.Time{}
}

func (p *process) due(*decision) []time.Time {
	return []time.Time{p.restartAt, p.problemSince.Add(dialogLimit), p.phaseSince.Add(codeLimit)}
}
