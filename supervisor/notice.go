package supervisor

import (
	"fmt"
	"strings"
	"time"
)

// keptNotices is how many notices a snapshot carries. A reader that skips
// snapshots for a while still finds those it missed.
const keptNotices = 8

// An incident is one stretch of time in which the API cannot be used although
// it should be. All its notices share an ID, so that one bubble develops.
type incident struct {
	id     uint64
	since  time.Time
	deaf   time.Time // since when the API has not answered; zero: it does, as far as is known
	told   State     // the state the newest notice spoke of, "" when none did yet
	toldAt time.Time // when it did, reminders included
	login  bool      // no more than a login that waits for its approval
}

// tendIncident opens, develops and closes the incident, and says what a person
// should hear about it: once, and not at all when it was expected or too short.
func (d *decision) tendIncident() {
	m := &d.mem
	d.mindOverrun()
	switch {
	case d.State == Connected:
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
	if i := m.incident; i != nil && d.State == Starting { // what should have mended it goes on and on
		late := *i
		late.told = ""
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

// number is the ID of what no other notice is about.
func (d *decision) number() uint64 {
	d.mem.notices++
	return d.mem.notices
}

// mindAnswers notes from when on in an incident the API has not answered.
func (d *decision) mindAnswers() {
	if i := d.mem.incident; i != nil && i.deaf.IsZero() && d.silent() {
		deaf := *i
		deaf.deaf = d.now
		d.mem.incident = &deaf
	}
}

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
	case i.told == d.State:
		return false
	case d.State == Down:
		return !d.Expected
	case d.calm(), d.State == Starting && d.Phase == TwoFactor:
		return false // expected, or told by a notice of its own
	case d.State == Starting || d.State == Unknown || d.State == Listening:
		return i.told == "" // the way back up is no news
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

func (d *decision) develop() {
	i := *d.mem.incident
	i.told, i.toldAt, i.login = d.State, d.now, false
	d.mem.incident = &i
	title, body := d.title(), d.why()
	if d.State == Starting && d.overran {
		title, body = d.subject()+": still "+d.Title(), "For "+span(d.now.Sub(d.Since))+" now. "+body
	}
	if at := d.mem.startAt; !at.IsZero() {
		body += ". Gatelight starts it again at " + clock(at)
	}
	d.tell(Notice{ID: i.id, Kind: NoticeDrop, Urgent: true, Title: title, Body: body})
}

func (d *decision) recovered() {
	i := d.mem.incident
	d.mem.incident = nil
	if d.before.State != Connected {
		d.mem.calm = time.Time{} // what was expected is over
	}
	if i == nil || i.told == "" {
		return
	}
	d.tell(Notice{ID: i.id, Kind: NoticeRecovery, Title: d.title(), Body: d.recovery(*i)})
	d.mem.healed = healed{i.id, d.now}
}

// recovery says what has come back, and how long it was away.
func (d *decision) recovery(i incident) string {
	switch away := span(d.now.Sub(i.deaf)); {
	case i.login:
		return "The login was approved; the API answers."
	case i.deaf.IsZero() && i.told == CutOff:
		return fmt.Sprintf("IBKR is reached again after %s.", span(d.now.Sub(i.since)))
	case i.deaf.IsZero():
		return "The zombies are gone."
	case !d.Verified:
		return fmt.Sprintf("Clients are connected again after %s.", away)
	default:
		return fmt.Sprintf("The API answers again after %s.", away)
	}
}

// tellTwoFactor asks a person to act. It becomes part of the incident, so that
// the request goes away when it has been met.
func (d *decision) tellTwoFactor() {
	i := d.mem.incident
	if i == nil {
		login := d.newIncident()
		login.told, login.login = Starting, true
		i = &login
	}
	asked := *i
	asked.toldAt = d.now
	if asked.told == "" { // the request is the first that is told of it
		asked.told = Starting
	}
	d.mem.incident = &asked
	d.tell(Notice{ID: i.id, Kind: NoticeTwoFactor, Urgent: true,
		Title: d.title(), Body: "Approve the login in IBKR Mobile. Gatelight waits and does not start again meanwhile."})
}

// tellSpent: that the Gateway goes down with it is part of the same news.
func (d *decision) tellSpent(used int) {
	n := Notice{ID: d.toldDown(), Kind: NoticeBudget, Urgent: true,
		Title: d.subject() + ": too many logins",
		Body: fmt.Sprintf("%s without anyone asking is the budget, since IBKR locks accounts. Look at the log, then start it yourself.",
			count(used, "login", "logins"))}
	if d.relaunchesInVain() {
		n.Title = d.subject() + ": starts in vain"
		n.Body = fmt.Sprintf("IBC has started it %d times, and no login came to its end, so it is stopped. Look at the log, then start it yourself.", d.mem.launches-1)
	}
	if d.mem.hint != "" {
		n.Body = sentence(d.mem.hint) + ". " + n.Body
	}
	d.tell(n)
}

// toldDown makes "down" part of what the incident has told, so that the same bad
// news is not told twice, and gives the incident's id.
func (d *decision) toldDown() uint64 {
	var i incident
	if d.mem.incident != nil {
		i = *d.mem.incident
	} else {
		i = d.newIncident()
	}
	i.told, i.toldAt, i.login = Down, d.now, false
	d.mem.incident = &i
	return i.id
}

func (d *decision) tellCopied() {
	d.tell(Notice{ID: d.number(), Kind: NoticeDone, Title: d.subject() + ": IBC config copied",
		Body: "IBC reads it at its next start. What was there before is kept beside it."})
}

// tellCleared ends the zombies' incident with what was done about it, since then.
func (d *decision) tellCleared(since time.Time) {
	var id uint64
	if i := d.mem.incident; i != nil {
		id, d.mem.incident = i.id, nil
		if !i.deaf.IsZero() && i.deaf.Before(since) {
			since = i.deaf
		}
	} else {
		id = d.number()
	}
	took := d.now.Sub(since)
	body := "The Gateway was restarted without a new login; the API answers again after " + span(took) + "."
	if !d.p.Monitor {
		body = "The Gateway was restarted without a new login, and listens again after " + span(took) + "."
	}
	d.tell(Notice{ID: id, Kind: NoticeRecovery, Title: d.subject() + ": zombies cleared", Body: body})
	d.mem.healed = healed{id, d.now}
}

func (d *decision) tellGaveUp(times int) {
	d.tell(Notice{ID: d.number(), Kind: NoticeFailed, Urgent: true, Title: d.subject() + ": zombies come back",
		Body: fmt.Sprintf("It was restarted %s in an hour because of them; whoever makes them has to be mended: gatelight zombies names them.", count(times, "time", "times"))})
}

func (d *decision) tellFailed(e Acted) {
	var id uint64
	switch i := d.mem.incident; {
	case e.Action == Start:
		id = d.toldDown()
	case i != nil:
		id = i.id // one bubble, however often it fails
	default:
		id = d.number()
	}
	d.tell(Notice{ID: id, Kind: NoticeFailed, Urgent: true,
		Title: fmt.Sprintf("Could not %s %s", strings.ReplaceAll(string(e.Action), "-", " "), d.subject()), Body: sentence(e.Err)})
}

// tell adds a notice and records it.
func (d *decision) tell(n Notice) {
	n.At, n.State = d.now, d.State
	n.Seq = 1
	if k := len(d.Notices); k > 0 {
		n.Seq = d.Notices[k-1].Seq + 1
	}
	all := append(d.Notices[:len(d.Notices):len(d.Notices)], n)
	d.Notices = all[max(0, len(all)-keptNotices):]
	d.record("notice", n.Title+": "+n.Body)
}

// trouble is since when the incident that people know of has lasted. A login
// that waits for its approval is none.
func (d *decision) trouble() time.Time {
	if i := d.mem.incident; i != nil && i.told != "" && !i.login {
		return i.since
	}
	return time.Time{}
}
