package monitor

import "time"

// A Gateway says a dozen codes when it is up and a few an hour after that. One that has lost its mind says 100,000 a
// second, and the parent turns each into an event, a status document and perhaps a line in the event log. So:
//   - what only repeats the last one within a second is left out;
//   - codes about the link to IBKR pass in a short burst and then once a second, and the newest is never lost: it waits
//     for its turn;
//   - all others pass in a longer burst and then at a steady pace;
//   - what was left out is counted, and the count is said every half a minute and at the end.
const (
	repeatAfter = time.Second // an identical code this much later is news again
	omittedSaid = 30 * time.Second

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

// limiter decides which codes are told, and when. It is the reporter's, under its lock.
type limiter struct {
	links, others bucket

	last    Message // the code told last
	lastAt  time.Time
	waiting *Message // the newest link code, for its turn
	omitted int

	turning, saying bool // a timer runs that will see to them
}

func newLimiter() limiter {
	return limiter{links: bucket{pace: linkPace, burst: linkBurst}, others: bucket{pace: otherPace, burst: otherBurst}}
}

// code passes one on, holds it back or leaves it out.
func (r *reporter) code(code int, text string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.over {
		return
	}
	l, now := &r.limit, time.Now()
	known, _ := Lookup(code)
	isLink := known.Link != LinkNone
	if isLink && l.waiting != nil {
		l.waiting = nil // it is no longer the newest
		r.omit()
	}
	m := Message{Kind: KindCode, Code: code, Text: text}
	switch {
	case code == l.last.Code && text == l.last.Text && now.Sub(l.lastAt) < repeatAfter:
		r.omit()
	case isLink:
		l.waiting = &m
		r.turn(now)
	case l.others.wait(now) > 0:
		r.omit()
	default:
		r.tell(m, now)
	}
}

// tell writes a code and remembers it, as the Gateway worded it.
func (r *reporter) tell(m Message, now time.Time) {
	l := &r.limit
	l.last, l.lastAt = m, now
	m.Text = tidy(m.Text, maxText)
	r.write(m)
}

// turn tells the newest link code, if there is one, or sees to it that it has its turn.
func (r *reporter) turn(now time.Time) {
	l := &r.limit
	if l.waiting == nil || l.turning {
		return
	}
	if wait := l.links.wait(now); wait > 0 {
		l.turning = true
		time.AfterFunc(wait, func() {
			r.mu.Lock()
			defer r.mu.Unlock()
			l.turning = false
			r.turn(time.Now())
		})
		return
	}
	r.tell(*l.waiting, now)
	l.waiting = nil
}

// omit counts what is left out.
func (r *reporter) omit() {
	l := &r.limit
	l.omitted++
	if !l.saying {
		l.saying = true
		time.AfterFunc(omittedSaid, func() {
			r.mu.Lock()
			defer r.mu.Unlock()
			r.sayOmitted()
		})
	}
}

// lastWords are what must not be lost at the end.
func (r *reporter) lastWords() {
	if l := &r.limit; l.waiting != nil {
		r.tell(*l.waiting, time.Now())
		l.waiting = nil
	}
	r.sayOmitted()
}

func (r *reporter) sayOmitted() {
	l := &r.limit
	l.saying = false
	if l.omitted > 0 {
		r.write(Message{Kind: KindOmitted, Omitted: l.omitted})
		l.omitted = 0
	}
}
