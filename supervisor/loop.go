package supervisor

import "time"

// loop is a Gateway that goes down again and again, such as one that crashes at each
// start. Its drops are told once, and so is its end.
type loop struct {
	drops   int       // how often it went down, each time within reopenWithin after it had come back
	first   time.Time // when it did so first
	toldAt  time.Time // when people were told of the loop last; zero: they were not
	settles bool      // it is back, and people are told so if that lasts for reopenWithin
}

const (
	// loopAfter is how many drops make a loop, if nobody starts it in between.
	loopAfter = 3
	// loopPause is the time after which people are told again of a loop.
	loopPause = time.Hour
)

// isGone reports a state in which the Gateway is not there, or not yet. Other trouble
// has words and remedies of its own, and is no part of a loop.
func isGone(s State) bool { return s == Down || s == Starting || s == Listening }

// dropped counts a drop. It is the first one unless it continues an incident.
func (l *loop) dropped(now time.Time, continues bool) {
	if !continues {
		*l = loop{}
	}
	if l.drops++; l.drops == 1 {
		l.first = now
	}
	l.settles = false
}

// startRequested notes that somebody starts it, and sees what comes of that.
func (l *loop) startRequested() { l.drops, l.toldAt = 0, time.Time{} }

func (l *loop) isOne() bool { return l.drops >= loopAfter }

func (l *loop) wasTold() bool { return !l.toldAt.IsZero() }

func (l *loop) tellAgain(now time.Time) bool { return !now.Before(l.toldAt.Add(loopPause)) }

func (l *loop) told(now time.Time) { l.toldAt = now }

// settle notes whether people are to be told that it is back when that has lasted.
func (l *loop) settle(yes bool) { l.settles = yes }

func (l *loop) clampTo(now time.Time) {
	l.first, l.toldAt = notAfter(l.first, now), notAfter(l.toldAt, now)
}

func (l *loop) due(d *decision) []time.Time {
	if l.settles {
		return []time.Time{d.incident.lastEndedAt.Add(reopenWithin)}
	}
	return nil
}
