package supervisor

import (
	"fmt"
	"time"
)

// clearing clears zombies by a restart of the Gateway through IBC that needs no
// new login. It has worked when the zombies are gone and the API answers.
type clearing struct {
	attempts []time.Time // begun without a request in the last hour, oldest first
	gaveUp   bool        // maxClearings did not help, and people were told
}

const (
	// maxClearings is how many times an hour zombies are cleared without a
	// request. If they come back more often, a restart does not help.
	maxClearings = 3
	// clearAfter is how long zombies have to block the API before they are
	// cleared without a request: the program that makes them may be about to
	// end.
	clearAfter = 10 * time.Second
	// clearPause is the pause between two clearings without a request, whether
	// or not the first one worked.
	clearPause = 5 * time.Minute
)

func (c *clearing) advance(d *decision) {
	if d.action.busy() == ClearZombies && d.action.current.verifying {
		c.verify(d)
		return
	}
	c.clearWithoutRequest(d)
}

// verify finds out whether a clearing has worked, after IBC has accepted the
// command to restart.
func (c *clearing) verify(d *decision) {
	current := d.action.current
	restarted := !d.port.listenerSince.Before(current.since) && d.evidence.listener
	cured := restarted && d.verdict.state == Connected
	if !d.p.Monitor { // then no session proves that the API answers
		cured = restarted && d.evidence.lookFresh && len(d.peers.closeWaits) == 0
	}
	switch {
	case cured:
		requestID := d.action.finish()
		d.quiet.end()
		d.record(Entry{Kind: EntryCommand, Text: "zombies cleared"})
		d.incident.tellCleared(d, current.since)
		if requestID != 0 {
			d.do(Reply{ID: requestID})
		}
	case !d.now.Before(current.since.Add(d.p.StartTimeout)):
		d.action.fail(d, ReasonNoCure, fmt.Sprintf("%s after IBC was told to restart, the Gateway is %s",
			Span(d.p.StartTimeout), d.verdict.title()))
	}
}

// clearWithoutRequest clears zombies that block the API, if Policy.ClearAuto
// says so.
func (c *clearing) clearWithoutRequest(d *decision) {
	v := d.verdict
	if !d.p.ClearAuto || v.state != Zombies || !v.blocking || d.action.underWay() ||
		d.now.Before(v.since.Add(clearAfter)) || d.refusal(ClearZombies) != nil {
		return
	}
	var recent []time.Time
	for _, at := range c.attempts {
		if d.now.Before(at.Add(time.Hour)) {
			recent = append(recent, at)
		}
	}
	c.attempts = recent
	switch n := len(recent); {
	case n > 0 && d.now.Before(recent[n-1].Add(clearPause)):
		return
	case n >= maxClearings:
		if !c.gaveUp {
			c.gaveUp = true
			d.notices.tell(d, d.notices.newID(), gaveUpNotice(d, n))
		}
		return
	}
	c.gaveUp = false
	c.attempts = append(recent, d.now)
	d.quiet.expectUntil(d.now.Add(d.p.StartTimeout))
	d.record(Entry{Kind: EntryCommand, Text: "clear-zombies, by itself"})
	d.perform(ClearZombies, 0)
}

func (c *clearing) clampTo(now time.Time) {
	attempts := make([]time.Time, len(c.attempts))
	for i, at := range c.attempts {
		attempts[i] = notAfter(at, now)
	}
	c.attempts = attempts
}

func (c *clearing) due(d *decision) []time.Time {
	if !d.p.ClearAuto || d.verdict.state != Zombies {
		return nil
	}
	return []time.Time{d.verdict.since.Add(clearAfter)}
}
