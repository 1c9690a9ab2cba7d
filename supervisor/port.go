package supervisor

import "time"

// port is what the looks saw of the API port: who listens, and since when.
type port struct {
	lookedAt       time.Time     // of the newest good look
	lookTook       time.Duration // the newest good look
	lookError      string        // why the newest look failed, "" when it succeeded
	reader         string        // of the newest look, good or failed
	view           PortView      // of the newest good look
	listenerSince  time.Time     // since when the same process listens
	otherProgram   int           // pid of the listener, if that is known to be no Gateway
	identifyTryAt  time.Time     // when Decide last asked what process the listener is
	holdStateUntil time.Time     // a session closed after the newest look, so that the next one decides; zero: not held
}

// holdLimit is how long the state is held when a session has closed, to wait
// for a look that is taken after that. A look takes milliseconds.
const holdLimit = time.Second

// identifyAgain is the pause before Decide asks again what process listens,
// when no Gateway was found or the answer was lost.
const identifyAgain = time.Minute

// isOlder reports a look that was taken before the newest one. If the newest
// one lies in the future, since the clock was set back, every other look counts
// as newer.
func (p *port) isOlder(e Looked, now time.Time) bool {
	return e.At.Before(p.lookedAt) && !p.lookedAt.After(now)
}

// listenerReplaced reports that another process listens on the port. While a
// process ends, the port may still be open and have no process for a moment:
// that is no other process.
func listenerReplaced(was, is *Listener) bool {
	return is != nil && (was == nil || is.Process.PID != 0 && was.Process.PID != is.Process.PID)
}

func (p *port) looked(e Looked) {
	if listenerReplaced(p.view.Listener, e.View.Listener) {
		p.listenerSince = e.At
	}
	if is := e.View.Listener; is == nil || is.Process.PID != p.otherProgram {
		p.otherProgram = 0
	}
	p.lookedAt, p.lookTook, p.lookError, p.reader, p.view = e.At, e.Took, "", e.Reader, e.View
	takenAfterClose := !e.At.Before(p.holdStateUntil.Add(-holdLimit))
	if e.View.Listener == nil || takenAfterClose {
		p.holdStateUntil = time.Time{}
	}
}

func (p *port) otherProgramSeen(e OtherProgramSeen) {
	if l := p.view.Listener; l != nil && l.Process.PID == e.PID {
		p.otherProgram = e.PID
	}
}

// listener is who listens, nil for nobody. What answers as a Gateway is one, whatever
// its command line.
func (p *port) listener(answers bool) *Listener {
	if p.otherProgram == 0 || answers {
		return p.view.Listener
	}
	l := *p.view.Listener
	l.NoGateway = true
	return &l
}

func (p *port) lookHasFailed(e LookFailed) {
	p.lookError, p.reader, p.holdStateUntil = e.Why, e.Reader, time.Time{}
}

// awaitNextLook holds the state when a session that was ready has closed, since
// the newest look was taken before that.
func (p *port) awaitNextLook(now time.Time, was SessionState) {
	if was == SessionUp {
		p.holdStateUntil = now.Add(holdLimit)
	}
}

// identifyListener asks what process listens: when the process is a new one,
// and again while no Gateway is known. It does not ask about a relay, or when
// no process can be seen.
func (p *port) identifyListener(d *decision, was, is *Listener) {
	if is == nil || is.Relay != "" || is.Process.PID == 0 {
		return
	}
	isNew := was == nil || was.Process.PID != is.Process.PID
	if isNew || d.process.PID == 0 && !d.now.Before(p.identifyTryAt.Add(identifyAgain)) {
		p.identifyTryAt = d.now
		d.do(IdentifyProcess{PID: is.Process.PID})
	}
}

// relayed reports that a relay holds the port. Its sockets are not the
// Gateway's and prove nothing about it, so that only the session counts.
func (p *port) relayed() bool { return p.view.Listener != nil && p.view.Listener.Relay != "" }

func (p *port) clampTo(now time.Time) {
	p.holdStateUntil, p.lookedAt = time.Time{}, notFromFuture(p.lookedAt, now)
	p.listenerSince = notAfter(p.listenerSince, now)
	p.identifyTryAt = notAfter(p.identifyTryAt, now)
}

func (p *port) due(d *decision) []time.Time {
	return []time.Time{p.lookedAt.Add(d.p.StaleAfter), p.holdStateUntil}
}
