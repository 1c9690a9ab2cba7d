package monitor

import (
	"time"

	"gatelight/supervisor"
)

// A Gateway sends a dozen codes when it is up and a few an hour after that. A
// faulty one sends 100,000 a second, and the parent turns each into an event, a
// status document and perhaps a line in the event log. So:
//   - a code that only repeats the last one within a second is omitted;
//   - codes about the link to IBKR pass in a short burst and then once a second,
//     and the newest is never lost: it waits until it may pass;
//   - all others pass in a longer burst and then at a steady pace;
//   - omitted codes are counted, and the count is reported every half a minute
//     and at the end.
const (
	repeatAfter  = time.Second // an identical code this much later is reported again
	omittedEvery = 30 * time.Second

	linkBurst  = 4
	linkPace   = time.Second // one token
	otherBurst = 40
	otherPace  = 200 * time.Millisecond // one token
)

// A bucket lets a burst pass and then one for each pace.
type bucket struct {
	pace  time.Duration
	burst int
	full  time.Time // when it will hold the whole burst again
}

// wait is how long until the next may pass; 0 takes a token.
func (b *bucket) wait(now time.Time) time.Duration {
	full := b.full
	if full.Before(now) {
		full = now
	}
	if late := full.Add(b.pace).Sub(now) - time.Duration(b.burst)*b.pace; late > 0 {
		return late
	}
	b.full = full.Add(b.pace)
	return 0
}

// A rawCode is a code with the Gateway's own text.
type rawCode struct {
	number int
	text   string
}

// code reports a code, holds it back or omits it.
func (r *reporter) code(number int, text string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.ended {
		return
	}
	now := time.Now()
	c, isLink := rawCode{number, text}, codes[number].link != ""
	if isLink && r.waiting != nil {
		r.waiting = nil // it is no longer the newest
		r.omitCode()
	}
	switch {
	case c == r.last && now.Sub(r.lastAt) < repeatAfter:
		r.omitCode()
	case isLink:
		r.waiting = &c
		r.writeWaiting(now)
	case r.others.wait(now) > 0:
		r.omitCode()
	default:
		r.writeCode(c, now)
	}
}

// writeCode writes a code and remembers it, with the Gateway's own text.
func (r *reporter) writeCode(c rawCode, now time.Time) {
	r.last, r.lastAt = c, now
	e := c.event()
	r.write(line{Code: &e})
}

// writeWaiting writes the link code that waits, if there is one, or starts a
// timer for when it may pass.
func (r *reporter) writeWaiting(now time.Time) {
	if r.waiting == nil || r.waitingTimer {
		return
	}
	if wait := r.links.wait(now); wait > 0 {
		r.waitingTimer = true
		r.after(wait, func() {
			r.waitingTimer = false
			r.writeWaiting(time.Now())
		})
		return
	}
	r.writeCode(*r.waiting, now)
	r.waiting = nil
}

// after does something later, under the lock.
func (r *reporter) after(wait time.Duration, do func()) {
	time.AfterFunc(wait, func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		do()
	})
}

func (r *reporter) omitCode() {
	r.omitted++
	if r.omitted == 1 {
		r.after(omittedEvery, r.writeOmitted)
	}
}

func (r *reporter) writeOmitted() {
	if r.omitted > 0 {
		r.write(line{Omitted: &supervisor.CodesOmitted{Count: r.omitted}})
		r.omitted = 0
	}
}
