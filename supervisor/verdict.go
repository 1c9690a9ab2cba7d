package supervisor

import (
	"slices"
	"time"
)

// verdict is the state that the evidence supports, and what is shown with it.
type verdict struct {
	state     State
	since     time.Time // of the state; changes only with it
	expected  bool      // down on purpose, or never started
	phase     Phase     // of a start
	blocking  bool      // zombies that keep the API from answering
	verified  bool      // proven by our own session
	lookFresh bool      // the newest look succeeded and is fresh
}

func newVerdict(now time.Time) verdict { return verdict{state: Unknown, since: now} }

// shown is the verdict that a snapshot shows.
func (s Snapshot) shown() verdict {
	return verdict{state: s.State, since: s.Since, expected: s.Expected, phase: s.Phase,
		blocking: s.Blocking, verified: s.Verified, lookFresh: s.LookFresh}
}

// evidence is what the rules may use: facts that hold now. What is too old is
// not among them.
type evidence struct {
	lookFresh bool // the newest look succeeded and is fresh
	answering bool // our session is ready and its heartbeat is fresh
	linkDown  bool // that session was told that the Gateway lost IBKR
	silent    bool // our session or its handshake has no answer in time, although the login is done
	listener  bool // somebody listens on the API port
	hidden    bool // nobody is seen to listen, but a local client is connected
	process   bool // a Gateway process runs
	unproven  bool // it cannot be told whether one of ours runs
	shouldRun bool // a Gateway should run
	zombies   bool // a CLOSE_WAIT has stayed for ZombieAfter
	clients   bool // the monitor is off and a client is ESTABLISHED
}

func (d *decision) gatherEvidence() evidence {
	relayed := d.port.relayed()
	return evidence{
		lookFresh: d.port.lookError == "" && fresh(d.port.lookedAt, d.now, d.p.StaleAfter),
		answering: d.session.answering(d.now, d.p),
		linkDown:  d.session.Link == LinkDown,
		silent:    d.session.silent(d.now, d.p) && !d.process.loginPending(d.quiet.active(d.now)),
		listener:  d.port.view.Listener != nil,
		hidden:    d.port.view.Hidden != "",
		process:   d.process.PID != 0,
		unproven:  d.process.unknownWhy != "",
		shouldRun: d.process.shouldRun,
		zombies:   !relayed && len(d.peers.zombies) > 0,
		clients:   !d.p.Monitor && !relayed && slices.ContainsFunc(d.port.view.Peers, served),
	}
}

// judge derives the state from the evidence, and what is shown with it.
func (v *verdict) judge(d *decision) {
	e, was := d.evidence, d.before.verdict
	hold := d.now.Before(d.port.holdStateUntil) && v.state != Unknown
	if !hold {
		v.state = stateOf(e)
	}
	if v.since = notAfter(was.since, d.now); v.state != was.state {
		v.since = d.now
		d.quiet.expectResets(d)
	}
	v.expected = v.state == Down && downExpected(d)
	v.verified = (v.state == Connected || v.state == CutOff) && (e.answering || hold && was.verified)
	v.phase = NoPhase
	if v.state == Starting || v.state == Listening && d.process.loginPending(d.quiet.active(d.now)) {
		v.phase = d.process.shownPhase()
	}
	v.blocking = v.state == Zombies && blocking(d)
	v.lookFresh = e.lookFresh
}

// downExpected reports that the Gateway is down on purpose.
func downExpected(d *decision) bool {
	was := d.before.verdict
	switch {
	case d.action.restarting():
		return true
	case d.action.busy() == Start && was.state == Down:
		return was.expected // a request to start does not change it yet
	case d.quiet.active(d.now) && !d.process.ours:
		return true // somebody else's script restarts it, which Gatelight cannot see
	}
	return !d.process.shouldRun
}

// blocking reports that the zombies do harm. Their age alone is no harm: a
// Gateway can leave CLOSE_WAIT sockets open and still answer.
func blocking(d *decision) bool {
	return d.peers.unread || d.peers.queueStuck(d.port.lookedAt, d.p.ZombieAfter) ||
		d.evidence.silent
}

// needsPerson reports a start that waits for a person.
func (v *verdict) needsPerson() bool { return v.phase == TwoFactor || v.phase == NeedsYou }

// unmonitored reports that the port is open and that the monitor is off, so
// that nothing more can be known.
func (v *verdict) unmonitored(p Policy) bool { return v.state == Listening && !p.Monitor }

// unreachable reports that the API does not answer. It may answer in spite of
// zombies, and it does answer while the Gateway is cut off.
func (v *verdict) unreachable() bool {
	return v.state != Connected && v.state != CutOff && (v.state != Zombies || v.blocking)
}

func (v *verdict) clampTo(now time.Time) { v.since = notAfter(v.since, now) }

func (v *verdict) due(*decision) []time.Time { return nil }
