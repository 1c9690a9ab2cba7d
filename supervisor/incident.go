package supervisor

import "time"

// This file is when something is an incident, how it goes on, and when it is told.

// An incident is one stretch of time in which the API cannot be used although
// it should be. All its notices share an ID, so that one bubble develops.
type incident struct {
	id     uint64
	since  time.Time
	deaf   time.Time // since when the API has not answered; zero: it does, as far as is known
	told   State     // the state the newest notice spoke of, "" when none did yet
	toldAt time.Time // when it did, reminders included
	late   bool      // what should have mended it has overrun, and that is not told yet
	login  bool      // no more than a login that waits for its approval
}

// tendIncident opens, develops and closes the incident, and says what a person
// should hear about it: once, and not at all when it was expected or too short.
func (d *decision) tendIncident() {
	m := &d.mem
	d.mindOverrun()
	switch {
	case d.State == Connected, d.unasked() && m.incident != nil && m.incident.told != "" && m.incident.told != Listening:
		d.recovered()
	case d.State == Down && d.Expected:
		if !m.restarting() { // else it goes on until that has cured it
			m.incident = nil
		}
	case m.incident == nil && d.troubled():
		i := d.newIncident()
		m.incident = &i
	}
	d.mindAnswers()
	if d.State == Starting && d.before.State != Starting {
		d.incidentGoesOn()
	}
	if m.incident != nil && d.tellable() && !d.now.Before(d.incidentDue()) {
		d.develop()
	}
	if d.Phase == TwoFactor && d.before.Phase != TwoFactor {
		d.tellTwoFactor()
	}
	d.tendReminder()
}

// troubled reports a drop, or another state that needs no drop to be bad news.
func (d *decision) troubled() bool {
	switch {
	case d.State == Down: // an unexpected one: tendIncident has sorted out the others
		return d.before.State != Down || d.before.Expected
	case d.State == Zombies:
		return true
	case d.before.State == Connected, d.State == CutOff:
		return !d.calm()
	}
	return d.overran && (d.State == Starting || d.State == Unknown || d.State == Listening && d.p.Monitor)
}

// mindOverrun notices that what was expected has not come to pass in time. A
// stop that has not stopped it leaves a Gateway that is wanted after all.
func (d *decision) mindOverrun() {
	m := &d.mem
	if m.calm.IsZero() || d.calm() {
		return
	}
	m.calm, d.overran = time.Time{}, true
	if (m.view.Listener != nil || d.Process.PID != 0) && m.busy() != Stop {
		m.wanted = true
	}
	if i := m.incident; i != nil && d.Phase != TwoFactor && (d.State == Starting || d.State == Listening && d.p.Monitor) { // what should have mended it goes on and on
		late := *i
		late.late = true
		m.incident = &late
	}
}

// reopens is how soon after its end an incident goes on, rather than another one
// begins: the bubble that says that all is well would be wrong.
const reopens = time.Minute

// newIncident begins with what ended a moment ago, or with a number of its own.
func (d *decision) newIncident() incident {
	m := &d.mem
	i := incident{id: m.healed.id, since: d.now}
	if m.healed.at.IsZero() || d.now.Before(m.healed.at) || d.now.After(m.healed.at.Add(reopens)) {
		i.id = d.number()
	}
	if d.State == Down && m.ended.Before(d.now) && !m.ended.IsZero() {
		i.since = m.ended
	}
	m.ended = time.Time{}
	if d.silent() {
		i.deaf = i.since
	}
	return i
}

// mindAnswers notes from when on in an incident the API has not answered.
func (d *decision) mindAnswers() {
	i := d.mem.incident
	if i == nil || i.deaf.IsZero() != d.silent() {
		return
	}
	heard := *i
	if heard.deaf = (time.Time{}); d.silent() {
		heard.deaf = d.now
	}
	d.mem.incident = &heard
}

// unasked: the port is open, and whether the API answers nobody wants to know.
func (d *decision) unasked() bool { return d.State == Listening && !d.p.Monitor }

// silent: the API does not answer. Zombies alone need not keep it from that, and a
// Gateway that is cut off does answer.
func (d *decision) silent() bool {
	return d.State != Connected && d.State != CutOff && (d.State != Zombies || d.Blocking)
}

// incidentGoesOn: something is done about what was told, so that its next turn
// is news again.
func (d *decision) incidentGoesOn() {
	if i := d.mem.incident; i != nil && i.told != "" {
		taken := *i
		taken.told = Starting
		d.mem.incident = &taken
	}
}

// calm: a restart or start is under way, and what comes with it was expected.
// It ends when it has taken too long, or with the process.
func (d *decision) calm() bool { return d.now.Before(d.mem.calm) }

// tellable: the incident has come to something not yet told.
func (d *decision) tellable() bool {
	i := d.mem.incident
	switch {
	case i.told == d.State && !i.late:
		return false
	case d.State == Down:
		return !d.Expected
	case d.calm(), d.State == Starting && d.Phase == TwoFactor:
		return false // expected, or told by a notice of its own
	case d.State == Starting || d.State == Unknown || d.State == Listening:
		return i.told == "" || i.late // the way back up is no news
	}
	return true
}

// incidentDue is when the incident's present state may be told: hard evidence
// at once, anything that may pass by itself after FlapAfter.
func (d *decision) incidentDue() time.Time {
	i := d.mem.incident
	switch {
	case i == nil:
		return time.Time{}
	case d.State == Down || d.State == Zombies:
		return d.now
	}
	since := i.since
	if !d.Since.After(d.now) { // else the clock was set back
		since = latest(since, d.Since)
	}
	return since.Add(d.p.FlapAfter)
}

// trouble is since when the incident that people know of has lasted. A login
// that waits for its approval is none.
func (d *decision) trouble() time.Time {
	if i := d.mem.incident; i != nil && i.told != "" && !i.login && !d.unasked() {
		return i.since
	}
	return time.Time{}
}
