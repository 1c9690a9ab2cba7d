package supervisor

import "time"

// port is what looks saw of the API port: who listens, and since when.
type port struct {
	lookedAt       time.Time // of the newest good look
	lookError      string    // why the newest look failed, "" when it did not
	reader         string    // of the newest look, good or failed
	view           PortView  // of the newest good look
	listenerSince  time.Time // since when the same process listens
	identifyTryAt  time.Time // when it was last asked what the listener is
	holdStateUntil time.Time // a session closed after the newest look: judge by the next one
}

// holdLimit is how long the state is held when a session has closed, for a look
// that is taken after it. A look takes milliseconds.
const holdLimit = time.Second

// identifyAgain is how often it is asked what process listens, when the answer
// was no Gateway, or was lost.
const identifyAgain = time.Minute

// isOlder reports a look that was taken before the newest one. After the clock
// was set back the newest one lies in the future, and any other one counts.
func (p *port) isOlder(e Looked, now time.Time) bool {
	return e.At.Before(p.lookedAt) && !p.lookedAt.After(now)
}

// listenerReplaced reports another process on the port. A port whose owner is
// just ending has no process for a moment: that is no other one.
func listenerReplaced(was, is *Listener) bool {
	return is != nil && (was == nil || is.Process.PID != 0 && was.Process.PID != is.Process.PID)
}

func (p *port) looked(e Looked) {
	if listenerReplaced(p.view.Listener, e.View.Listener) {
		p.listenerSince = e.At
	}
	p.lookedAt, p.lookError, p.reader, p.view = e.At, "", e.Reader, e.View
	takenAfterClose := !e.At.Before(p.holdStateUntil.Add(-holdLimit))
	if e.View.Listener == nil || takenAfterClose {
		p.holdStateUntil = time.Time{}
	}
}

func (p *port) lookHasFailed(e LookFailed) {
	p.lookError, p.reader, p.holdStateUntil = e.Why, e.Reader, time.Time{}
}

// awaitNextLook holds the state when a session that was ready has closed: the
// newest look was taken before that.
func (p *port) awaitNextLook(now time.Time, was SessionState) {
	if was == SessionUp {
		p.holdStateUntil = now.Add(holdLimit)
	}
}

// identifyListener asks what process listens, unless it is a relay or cannot be
// seen: when it is a new one, and again while no Gateway is known.
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

// relayed: a relay holds the port. Its sockets are not the Gateway's, so they
// prove nothing about it; the state rests on the session alone.
func (p *port) relayed() bool { return p.view.Listener != nil && p.view.Listener.Relay != "" }

func (p *port) clampTo(now time.Time) {
	p.holdStateUntil = time.Time{}
	p.listenerSince = notAfter(p.listenerSince, now)
	p.identifyTryAt = notAfter(p.identifyTryAt, now)
}

func (p *port) due(d *decision) []time.Time {
	return []time.Time{p.lookedAt.Add(d.p.StaleAfter), p.holdStateUntil}
}
