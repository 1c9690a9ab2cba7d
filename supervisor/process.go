package supervisor

import "time"

// process is the Gateway's process, how far its start has come, and whether it
// should run.
type process struct {
	GatewayProcess
	shouldRun    bool // it was started, or seen up, and nobody stopped it
	ours         bool // the Gateway that runs, or ran last, was started by us
	phase        Phase
	phaseSince   time.Time
	loginProblem string    // why the login does not go on, or did not last time
	endedUnseen  time.Time // when it ended before we were there; zero: it did not, or that is told
}

func newProcess() process { return process{GatewayProcess: GatewayProcess{By: ByNobody}} }

// seen takes a Gateway for the one to supervise. Somebody else's counts only while
// none of ours is there, and for as long as it listens.
func (p *process) seen(d *decision, e GatewaySeen) {
	l := d.port.view.Listener
	oursRuns := p.By == ByGatelight && p.PID != 0
	if e.By == ByOther && (oursRuns || l == nil || l.Process.PID != e.PID) {
		return
	}
	lastExit := p.LastExit
	if e.By == ByOther {
		lastExit = nil // that was another one's
	}
	p.GatewayProcess = GatewayProcess{PID: e.PID, StartedAt: e.StartedAt, By: e.By,
		Controls: e.Controls, Restarts: e.Restarts, LastExit: lastExit}
	p.shouldRun = p.shouldRun || d.action.busy() != Stop
	p.ours, p.endedUnseen = e.By == ByGatelight, time.Time{}
}

// listenerReplaced: who listens should, unless it is just being stopped.
func (p *process) listenerReplaced(busy Action) {
	p.shouldRun = p.shouldRun || busy != Stop
	p.ours = p.ours && p.PID != 0
}

// looked: somebody else's Gateway has gone when it listens no more.
func (p *process) looked(was, is *Listener) {
	if is != nil {
		p.endedUnseen = time.Time{}
	}
	other := p.By == ByOther && p.PID != 0
	if other && (is == nil || is.Process.PID != p.PID) {
		p.GatewayProcess = GatewayProcess{By: ByNobody, LastExit: p.LastExit}
	}
	if is == nil && was != nil && p.phase == LoggedIn {
		p.phase = NoPhase // what the log said of the last start is over
	}
}

func (p *process) phaseSeen(now time.Time, phase Phase) {
	if phase != p.phase {
		p.phaseSince = now
	}
	p.phase = phase
	if phase == LoggedIn {
		p.loginProblem = ""
	}
}

func (p *process) loginProblemSeen(e LoginProblemSeen) { p.loginProblem = e.Text }

// ended: the process is gone. One that ended before we were there should have
// run, unless somebody else has started another one since.
func (p *process) ended(e GatewayEnded, listener *Listener) {
	if e.Before && listener == nil {
		p.shouldRun, p.ours, p.endedUnseen = true, true, e.Exit.At
	}
	p.GatewayProcess = GatewayProcess{By: ByNobody, LastExit: &e.Exit}
	p.phase = NoPhase
}

// takeEndedUnseen gives, once, when it ended before we were there; zero: it did
// not.
func (p *process) takeEndedUnseen() time.Time {
	at := p.endedUnseen
	p.endedUnseen = time.Time{}
	return at
}

// startRequested: the user starts afresh.
func (p *process) startRequested() { p.shouldRun, p.loginProblem = true, "" }

func (p *process) shouldStop() { p.shouldRun = false }

// runsOn: it was to stop and did not, so that it runs on or is to come back.
func (p *process) runsOn() { p.shouldRun = true }

// upSince is since when the Gateway has been up, as far as is known: its Java,
// since the script in front of it goes on over restarts.
func (p *process) upSince(l *Listener) time.Time {
	if l != nil && !l.Process.StartedAt.IsZero() {
		return l.Process.StartedAt
	}
	return p.StartedAt
}

func (p *process) clampTo(now time.Time) { p.phaseSince = notAfter(p.phaseSince, now) }

func (p *process) due(*decision) []time.Time { return nil }
