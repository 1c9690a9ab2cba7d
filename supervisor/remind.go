package supervisor

import "time"

// This file says again what has been told and still holds: after 5 minutes, after
// half an hour, and then every hour, for as long as it matters.

// A notice that is this new needs no reminder yet.
const tooSoon = time.Minute

// tendReminder says once more what an incident has come to. Nothing is said
// again that was expected, that the API does not suffer from, or that is being
// mended right now.
func (d *decision) tendReminder() {
	due := d.reminderDue()
	if due.IsZero() || d.now.Before(due) {
		return
	}
	i := *d.mem.incident
	i.toldAt = d.now
	d.mem.incident = &i
	title := d.title()
	if i.told == d.State {
		title = d.subject() + ": still " + d.Snapshot.Title()
	}
	d.tell(Notice{ID: i.id, Kind: NoticeReminder, Urgent: true, Title: title,
		Body: "For " + span(d.now.Sub(i.since)) + " now. " + d.why()})
}

// reminderDue is when people are told again; zero: not at all.
func (d *decision) reminderDue() time.Time {
	i := d.mem.incident
	switch {
	case i == nil || i.told == "" || d.State == Connected || d.unasked():
		return time.Time{}
	case d.State == Zombies && !d.Blocking:
		return time.Time{} // the API answers; the light tells
	case d.State == Starting && d.Phase == TwoFactor:
	case d.calm(), d.State == Starting && d.now.Before(d.Since.Add(d.p.StartTimeout)):
		return time.Time{}
	}
	return reminderAfter(i.since, i.toldAt.Add(tooSoon))
}

// reminderAfter is the first reminder of what began at since that is not before t.
func reminderAfter(since, t time.Time) time.Time {
	for _, first := range []time.Duration{5 * time.Minute, 30 * time.Minute} {
		if at := since.Add(first); !at.Before(t) {
			return at
		}
	}
	half := since.Add(30 * time.Minute)
	return half.Add((t.Sub(half) + time.Hour - 1).Truncate(time.Hour))
}
