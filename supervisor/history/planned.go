package history

import (
	"time"

	"gatelight/supervisor"
)

// A Break is a time in which it was planned that the API is away: a stop or a
// restart that somebody asked for or that is set for a time of day, or a reset of
// IBKR's servers. It is no incident.
type Break struct {
	From, To time.Time
	Kind     BreakKind
	Open     bool     // it has not ended yet
	Shown    Interval // the one that says most of it
}

// BreakKind tells planned breaks apart.
type BreakKind string

// The kinds of planned breaks.
const (
	BreakRestart BreakKind = "restart"
	BreakStop    BreakKind = "stop"
	BreakOther   BreakKind = "break" // the Gateway ran on
)

// Duration is the length of the break, or its length so far.
func (b Break) Duration() time.Duration { return b.To.Sub(b.From) }

// maxRestartPause is for how long nothing runs in a restart at most: IBC launches
// the Gateway again as soon as it has closed. Longer is a stop.
const maxRestartPause = 2 * time.Minute

// markPlanned finds the planned breaks, and marks their intervals: what is neither
// an incident nor unwatched, and comes after a time in which the API was connected
// or should have been.
func markPlanned(intervals []Interval, incidents []Incident) (all []Break) {
	wanted, n := false, 0 // n is how many intervals of a break came before this one
	for at := 0; at <= len(intervals); at++ {
		if at < len(intervals) {
			i := &intervals[at]
			for len(incidents) > 0 && !incidents[0].To.After(i.From) {
				incidents = incidents[1:]
			}
			trouble := len(incidents) > 0 && !incidents[0].From.After(i.From)
			if !trouble && i.State != supervisor.Connected && i.State != "" {
				if wanted {
					n++
				}
				continue
			}
			wanted = i.State != ""
		}
		if b, ok := breakOf(intervals[at-n : at]); ok {
			b.Open = at == len(intervals)
			all = append(all, b)
		}
		n = 0
	}
	return all
}

// breakOf is the break that these intervals are, if one of them was expected. It
// marks them.
func breakOf(parts []Interval) (b Break, ok bool) {
	var stopped time.Duration
	for n := range parts {
		i := &parts[n]
		if i.State == supervisor.Down {
			stopped += i.Duration()
		}
		kind := b.Kind
		switch {
		case i.State == supervisor.Down && (kind != BreakRestart || stopped > maxRestartPause):
			kind = BreakStop
		case i.State == supervisor.Starting && i.Expected && stopped <= maxRestartPause:
			kind = BreakRestart
		case kind == "" && i.Expected:
			kind = BreakOther
		}
		if kind != b.Kind {
			b.Kind, b.Shown = kind, *i
		}
	}
	if b.Kind == "" {
		return b, false
	}
	for n := range parts {
		parts[n].Planned = true
	}
	b.From, b.To = parts[0].From, parts[len(parts)-1].To
	return b, true
}
