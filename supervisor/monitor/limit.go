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

// A limiter decides which codes are reported, and when. It belongs to the
// reporter and is used under its lock.
type limiter struct {
	links, others bucket

	last    rawCode // the code reported last
	lastAt  time.Time
	omitted int // codes since the last report of omitted ones; a timer runs that will report them

	waiting      *rawCode // the newest link code, until it may pass
	waitingTimer bool     // a timer runs that will report it
}

// code reports a code, holds it back or omits it.
func (r *reporter) code(number int, text string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.ended {
		return
	}
	l, now := &r.limit, time.Now()
	c, isLink := rawCode{number, text}, codes[number].link != ""
	if isLink && l.waiting != nil {
		l.waiting = nil // it is no longer the newest
		r.omitCode()
	}
	switch {
	case c == l.last && now.Sub(l.lastAt) < repeatAfter:
		r.omitCode()
	case isLink:
		l.waiting = &c
		r.writeWaiting(now)
	case l.others.wait(now) > 0:
		r.omitCode()
	default:
		r.writeCode(c, now)
	}
}

// writeCode writes a code and remembers it, with the Gateway's own text.
func (r *reporter) writeCode(c rawCode, now time.Time) {
	r.limit.last, r.limit.lastAt = c, now
	e := c.event()
	r.write(line{Code: &e})
}

// writeWaiting writes the link code that waits, if there is one, or starts a
// timer for when it may pass.
func (r *reporter) writeWaiting(now time.Time) {
	l := &r.limit
	if l.waiting == nil || l.waitingTimer {
		return
	}
	if wait := l.links.wait(now); wait > 0 {
		l.waitingTimer = true
		r.after(wait, func() {
			l.waitingTimer = false
			r.writeWaiting(time.Now())
		})
		return
	}
	r.writeCode(*l.waiting, now)
	l.waiting = nil
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
	r.limit.omitted++
	if r.limit.omitted == 1 {
		r.after(omittedEvery, r.writeOmitted)
	}
}

// flushCodes writes what must not be lost at the end.
func (r *reporter) flushCodes() {
	if l := &r.limit; l.waiting != nil {
		r.writeCode(*l.waiting, time.Now())
		l.waiting = nil
	}
	r.writeOmitted()
}

func (r *reporter) writeOmitted() {
	if l := &r.limit; l.omitted > 0 {
		r.write(line{Omitted: &supervisor.CodesOmitted{Count: l.omitted}})
		l.omitted = 0
	}
}
