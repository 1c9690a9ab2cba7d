package supervisor

import "time"

// A memory is what Decide keeps from one event to the next: its parts, each of
// them a small struct that only its own file writes.
type memory struct {
	lastEvent time.Time // tells when the clock was set, or stood still

	port     port     // what looks saw of the API port
	peers    peers    // the connections to it
	session  session  // our API session
	process  process  // the Gateway's process, and whether it should run
	action   action   // the action under way
	logins   logins   // login attempts, their budget, starts without a request
	clearing clearing // clearing zombies without a request
	quiet    quiet    // until when trouble is expected, and no incident
	incident incident // the trouble that people know or will know of
	notices  notices  // what they were told
	verdict  verdict  // the state, and since when
}

// A part is what every part can do about time.
type part interface {
	// clampTo is called when the clock was set back: no time that is waited for
	// or counted from may lie after now.
	clampTo(now time.Time)
	// due gives the times at which the passing of time alone changes something.
	// Zero and past times are ignored.
	due(d *decision) []time.Time
}

func (m *memory) parts() []part {
	return []part{&m.port, &m.peers, &m.session, &m.process, &m.action, &m.logins,
		&m.clearing, &m.quiet, &m.incident, &m.notices, &m.verdict}
}

// checkClock notices that the clock was set back, or that the machine has slept.
// After a sleep the session gets the time of a heartbeat to show that it lives.
func (d *decision) checkClock() {
	switch passed := d.now.Sub(d.lastEvent); {
	case d.lastEvent.IsZero():
	case passed < 0:
		for _, p := range d.parts() {
			p.clampTo(d.now)
		}
	case passed > 2*d.p.StaleAfter && d.session.State == SessionUp && !d.quiet.on(d.now):
		d.quiet.expectUntil(d.now.Add(d.p.HeartbeatLate))
	}
	d.lastEvent = d.now
}

// wakeAt is the next time at which the passing of time alone changes something.
// There always is one: evidence that is not renewed goes stale.
func (d *decision) wakeAt() time.Time {
	wake := d.now.Add(d.p.StaleAfter)
	for _, p := range d.parts() {
		for _, t := range p.due(d) {
			if t.After(d.now) && t.Before(wake) {
				wake = t
			}
		}
	}
	return wake
}

// notAfter is t, or now if t lies after it.
func notAfter(t, now time.Time) time.Time {
	if t.After(now) {
		return now
	}
	return t
}

// fresh reports evidence that still counts. Evidence from the future does not:
// the clock was set back, and nobody knows how old it is.
func fresh(at, now time.Time, limit time.Duration) bool {
	return !at.IsZero() && !now.Before(at) && now.Before(at.Add(limit))
}

// latest returns the later of two times.
func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
