package supervisor

import "time"

// A memory is what [Decide] keeps from one event to the next. It consists of
// parts. Each part is a small struct, and only the methods in its own file
// write to it.
type memory struct {
	lastEvent time.Time // to notice that the clock was set back, or that the machine has slept

	port     port     // what looks saw of the API port
	peers    peers    // the connections to it
	session  session  // our API session
	process  process  // the Gateway's process, and whether it should run
	action   action   // the action under way
	logins   logins   // login attempts, their budget, starts without a request
	clearing clearing // clearing zombies without a request
	quiet    quiet    // until when a drop is expected, and no incident
	incident incident // the trouble that people are told of
	loop     loop     // trouble that comes back again and again
	notices  notices  // what they were told
	verdict  verdict  // the state, and since when

	transitions transitions // its newest changes
}

// A part has the methods about time that every part of memory has.
type part interface {
	// clampTo is called when the clock was set back. After it, no time that is
	// waited for or counted from lies after now. (memory_test.go lists the
	// times that may.)
	clampTo(now time.Time)
	// due returns the times at which something changes without an event. Zero
	// and past times are ignored.
	due(d *decision) []time.Time
}

func (m *memory) parts() []part {
	return []part{&m.port, &m.peers, &m.session, &m.process, &m.action, &m.logins,
		&m.clearing, &m.quiet, &m.incident, &m.loop, &m.notices, &m.verdict, &m.transitions}
}

// checkClock notices that the clock was set back, or that the machine has
// slept. After either, nobody knows how old the session's last answer is: it has
// Policy.HeartbeatLate to answer, and a drop in that time is expected.
func (d *decision) checkClock() {
	switch passed := d.now.Sub(d.lastEvent); {
	case d.lastEvent.IsZero():
	case passed < 0:
		for _, p := range d.parts() {
			p.clampTo(d.now)
		}
		d.awaitAnswer()
	case passed > 2*d.p.StaleAfter:
		d.awaitAnswer()
	}
	d.lastEvent = d.now
}

// awaitAnswer gives the session time to answer.
func (d *decision) awaitAnswer() {
	d.session.answerable(d.now)
	if d.session.State == SessionUp && !d.quiet.active(d.now) {
		d.quiet.expectUntil(d.now.Add(d.p.HeartbeatLate))
	}
}

// wakeAt is the next time at which something changes without an event, at the
// latest after Policy.StaleAfter, when the evidence is too old.
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

// notFromFuture is t, or zero if t lies after now: it is not known how old the
// evidence of that time is. Kept, it would count as new once the clock has
// reached that time again.
func notFromFuture(t, now time.Time) time.Time {
	if t.After(now) {
		return time.Time{}
	}
	return t
}

// fresh reports evidence that is younger than limit. Evidence from the future
// is not fresh: the clock was set back, and nobody knows how old it is.
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
