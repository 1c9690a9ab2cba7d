package supervisor

import "time"

// fresh reports evidence that still counts. Evidence from the future does not:
// the clock was set back, and nobody knows how old it is.
func (d *decision) fresh(at time.Time, limit time.Duration) bool {
	return !at.IsZero() && !d.now.Before(at) && d.now.Before(at.Add(limit))
}

// mindTheClock notices that the clock was set back, or that the machine has
// slept. What was to be waited for counts from now, and after a sleep the
// session gets the time of a heartbeat to show that it lives.
func (d *decision) mindTheClock() {
	m := &d.mem
	switch passed := d.now.Sub(m.at); {
	case m.at.IsZero():
	case passed < 0:
		d.clockSetBack()
	case passed > 2*d.p.StaleAfter && d.API.State == SessionUp && !d.calm():
		m.calm = d.now.Add(d.p.HeartbeatLate)
	}
	m.at = d.now
}

// clockSetBack lets nothing lie in the future: what is counted or timed counts
// from now, and what was waited for is due.
func (d *decision) clockSetBack() {
	m := &d.mem
	m.doubt, m.calm, m.sessionAt, m.startAt, m.stopAt = time.Time{}, time.Time{}, time.Time{}, time.Time{}, time.Time{}
	for _, t := range []*time.Time{&d.API.Since, &m.listens, &m.budgetFrom, &m.attended, &m.asked, &m.recognisedAt} {
		if t.After(d.now) {
			*t = d.now
		}
	}
	m.queuedAt = time.Time{} // the next look begins anew
	if i := m.incident; i != nil {
		moved := *i
		for _, t := range []*time.Time{&moved.since, &moved.deaf, &moved.toldAt} {
			if t.After(d.now) {
				*t = d.now
			}
		}
		m.incident = &moved
	}
	if m.doing != nil && m.doing.at.After(d.now) {
		doing := *m.doing
		doing.at = d.now
		m.doing = &doing
	}
	logins := make([]login, len(m.logins))
	for i, l := range m.logins {
		if l.at.After(d.now) {
			l.at = d.now
		}
		logins[i] = l
	}
	m.logins = logins
	clearings := make([]time.Time, len(m.clearings))
	for i, at := range m.clearings {
		if at.After(d.now) {
			at = d.now
		}
		clearings[i] = at
	}
	m.clearings = clearings
}
