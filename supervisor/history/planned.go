package history

import (
	"slices"
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
	var parts []Interval // a part of intervals
	end := func() {
		if slices.ContainsFunc(parts, func(i Interval) bool { return i.Expected }) {
			for n := range parts {
				parts[n].Planned = true
			}
			all = append(all, breakOf(parts))
		}
		parts = nil
	}
	wanted := false
	for n, i := range intervals {
		for len(incidents) > 0 && !incidents[0].To.After(i.From) {
			incidents = incidents[1:]
		}
		trouble := len(incidents) > 0 && !incidents[0].From.After(i.From)
		switch {
		case trouble || i.State == supervisor.Connected || i.State == "":
			end()
			wanted = i.State != ""
		case wanted:
			parts = intervals[n-len(parts) : n+1]
		}
	}
	if n := len(all); len(parts) > 0 {
		end()
		for ; n < len(all); n++ {
			all[n].Open = true
		}
	}
	return all
}

// breakOf is the break that these intervals are.
func breakOf(parts []Interval) Break {
	b := Break{From: parts[0].From, To: parts[len(parts)-1].To}
	var stopped time.Duration
	for _, i := range parts {
		if i.State == supervisor.Down {
			stopped += i.Duration()
		}
		switch {
		case i.State == supervisor.Down && b.Kind != BreakStop && (b.Kind != BreakRestart || stopped > maxRestartPause):
			b.Kind, b.Shown = BreakStop, i
		case i.State == supervisor.Starting && i.Expected && b.Kind != BreakRestart && stopped <= maxRestartPause:
			b.Kind, b.Shown = BreakRestart, i
		case b.Kind == "" && i.Expected:
			b.Kind, b.Shown = BreakOther, i
		}
	}
	return b
}
