package supervisor

import "time"

// process is the Gateway's process, the phase of its start, and whether it
// should run.
type process struct {
	GatewayProcess
	shouldRun    bool // it was started, or seen running, and nobody has stopped it
	ours         bool // Gatelight has started the Gateway that runs, or that ran last
	phase        Phase
	phaseSince   time.Time
	loginProblem string    // why the login does not go on, or did not at the last start
	endedUnseen  time.Time // when it ended before this Gatelight ran; zero: it did not, or an incident has it already
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
	p.shouldRun = p.shouldRun || d.action.busy() != Stop
	p.ours, p.endedUnseen = e.By == ByGatelight, time.Time{}
}

// listenerReplaced notes that the process that listens should run, unless it is
// just being stopped.
func (p *process) listenerReplaced(busy Action) {
	p.shouldRun = p.shouldRun || busy != Stop
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

// ended notes that the process has ended. If that was before this Gatelight
// ran, the Gateway should run, unless somebody else has started another one
// since.
func (p *process) ended(e GatewayEnded, listener *Listener) {
	if e.Before && listener == nil {
		p.shouldRun, p.ours, p.endedUnseen = true, true, e.Exit.At
	}
	p.GatewayProcess = GatewayProcess{By: ByNobody, LastExit: &e.Exit}
	p.phase = NoPhase
}

// takeEndedUnseen returns endedUnseen and sets it to zero.
func (p *process) takeEndedUnseen() time.Time {
	at := p.endedUnseen
	p.endedUnseen = time.Time{}
	return at
}

// startRequested notes that the user starts it. The login problem of the last
// start is forgotten.
func (p *process) startRequested() { p.shouldRun, p.loginProblem = true, "" }

func (p *process) shouldStop() { p.shouldRun = false }

// runsOn notes that a stop or restart has failed, so that the Gateway should
// run.
func (p *process) runsOn() { p.shouldRun = true }

// upSince is since when the Gateway has been up, as far as is known. It is the
// start of its Java process, since IBC's script runs on during a restart.
func (p *process) upSince(l *Listener) time.Time {
	if l != nil && !l.Process.StartedAt.IsZero() {
		return l.Process.StartedAt
	}
	return p.StartedAt
}

func (p *process) clampTo(now time.Time) { p.phaseSince = notAfter(p.phaseSince, now) }

func (p *process) due(*decision) []time.Time { return nil }
