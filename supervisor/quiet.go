package supervisor

import "time"

// quiet is the time in which a drop is expected: a start, stop or restart is
// under way, or IBKR resets its servers. Such a drop is recorded, but it is no
// incident and people are not told, unless it lasts longer than that time.
type quiet struct {
	until time.Time // zero: nothing is expected
}

func (q *quiet) active(now time.Time) bool { return now.Before(q.until) }

// overdue reports that what was expected has not happened in time.
func (q *quiet) overdue(now time.Time) bool { return !q.until.IsZero() && !q.active(now) }

func (q *quiet) expectUntil(t time.Time) { q.until = t }

// end notes that what was expected has happened, or does not count any more.
func (q *quiet) end() { q.until = time.Time{} }

// fail notes that what was expected will not happen, so that it is overdue from
// now on.
func (q *quiet) fail(now time.Time) {
	if q.active(now) {
		q.until = now
	}
}

// expectResets expects a drop at two kinds of times: a restart that IBC makes
// by its settings, and a reset of IBKR's servers.
func (q *quiet) expectResets(d *decision) {
	state, was := d.verdict.state, d.before.verdict.state
	wasUp := was == Connected || was == CutOff || d.before.verdict.unmonitored(d.p)
	if wasUp && state != Zombies {
		for _, c := range d.before.process.Restarts { // the process may have ended already
			if c.near(d.now) {
				q.until = latest(q.until, d.now.Add(d.p.StartTimeout))
			}
		}
	}
	if state == CutOff {
		for _, r := range Resets(d.p.Region) {
			q.until = latest(q.until, r.ends(d.now))
		}
	}
}

func (q *quiet) clampTo(time.Time) { q.until = time.Time{} }

func (q *quiet) due(*decision) []time.Time { return []time.Time{q.until} }
