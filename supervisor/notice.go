package supervisor

import (
	"fmt"
	"time"
)

// This file is what people are told of an incident, and of what was done.

// keptNotices is how many notices a snapshot carries. A reader that skips
// snapshots for a while still finds those it missed.
const keptNotices = 8

func (d *decision) develop() {
	i := *d.mem.incident
	late := i.late || d.overran
	i.told, i.toldAt, i.login, i.late = d.State, d.now, false, false
	d.mem.incident = &i
	title, body := d.title(), d.why()
	if d.State == Starting && late {
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
	if d.before.State != d.State && !d.mem.restarting() {
		d.mem.calm = time.Time{} // what was expected is over
	}
	if i == nil || i.told == "" {
		return
	}
	title := d.title()
	if d.unasked() {
		title = d.subject() + ": open again"
	}
	d.tell(Notice{ID: i.id, Kind: NoticeRecovery, Title: title, Body: d.recovery(*i)})
	d.mem.healed = healed{i.id, d.now}
}

// recovery says what has come back, and how long it was away.
func (d *decision) recovery(i incident) string {
	switch away := span(d.now.Sub(i.deaf)); {
	case i.login && d.unasked():
		return "The login was approved."
	case i.login:
		return "The login was approved; the API answers."
	case i.deaf.IsZero() && i.told == CutOff:
		return fmt.Sprintf("IBKR is reached again after %s.", span(d.now.Sub(i.since)))
	case i.deaf.IsZero() && i.told == Zombies:
		return "The zombies are gone."
	case i.deaf.IsZero():
		return fmt.Sprintf("The API can be used again after %s.", span(d.now.Sub(i.since)))
	case d.unasked():
		return fmt.Sprintf("Port %d is open again after %s.", d.Port, away)
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
	asked.told, asked.toldAt = Starting, d.now
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
		n.Body = Capitalise(d.mem.hint) + ". " + n.Body
	}
	d.tell(n)
}

// toldDown makes "down" part of what the incident has told, so that the same bad
// news is not told twice, and gives the incident's id.
func (d *decision) toldDown() uint64 {
	if d.mem.incident == nil {
		begun := d.newIncident()
		d.mem.incident = &begun
	}
	i := *d.mem.incident
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

func (d *decision) tellFailed(e ActionEnded) {
	var id uint64
	switch i := d.mem.incident; {
	case e.Action == Start, e.Action != CopyConfig && d.State == Down:
		id = d.toldDown()
	case i != nil && e.Action != CopyConfig:
		id = i.id // one bubble, however often it fails
	default:
		id = d.number()
	}
	d.tell(Notice{ID: id, Kind: NoticeFailed, Urgent: true,
		Title: "Could not " + e.Action.Phrase(d.subject()), Body: Capitalise(e.Err.Explanation())})
}

// number is the ID of what no other notice is about.
func (d *decision) number() uint64 {
	d.mem.notices++
	return d.mem.notices
}

// tell adds a notice and records it.
func (d *decision) tell(n Notice) {
	n.At, n.State, n.Phase = d.now, d.State, d.Phase
	n.Seq = 1
	if k := len(d.Notices); k > 0 {
		n.Seq = d.Notices[k-1].Seq + 1
	}
	all := append(d.Notices[:len(d.Notices):len(d.Notices)], n)
	d.Notices = all[max(0, len(all)-keptNotices):]
	d.record(EntryNotice, n.Title+": "+n.Body)
}
