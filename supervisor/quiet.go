package supervisor

import "time"

// quiet is until when leaving connected is expected: a start, stop or restart is
// under way, or IBKR resets its servers. A drop in that time is silent: it is
// recorded, but no incident. It is told when it lasts longer.
type quiet struct {
	until time.Time // zero: nothing is expected
}

func (q *quiet) on(now time.Time) bool { return now.Before(q.until) }

// over reports that what was expected has not come to pass in time.
func (q *quiet) over(now time.Time) bool { return !q.until.IsZero() && !q.on(now) }

func (q *quiet) expectUntil(t time.Time) { q.until = t }

// end: what was expected has come to pass, or is over.
func (q *quiet) end() { q.until = time.Time{} }

// fail: what was expected does not come, so that it counts as overdue from now.
func (q *quiet) fail(now time.Time) {
	if q.on(now) {
		q.until = now
	}
}

// expectResets is quiet about a drop at a time at which drops are expected: a
// restart that IBC has been told to make, or a reset of IBKR's.
func (q *quiet) expectResets(d *decision) {
	state, was := d.verdict.state, d.before.verdict.state
	if was == Connected && state != Zombies {
		for _, c := range d.before.process.Restarts { // the process may be gone already
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
