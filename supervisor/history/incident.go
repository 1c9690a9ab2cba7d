package history

import (
	"time"

	"gatelight/supervisor"
)

// An Incident is a period in which the API could not be used although it should
// have been.
type Incident struct {
	From, To time.Time
	Drop     bool     // it was connected before
	Open     bool     // it has not ended yet
	Worst    Interval // the one with the worst state
}

// Duration is the length of the incident, or its length so far.
func (i Incident) Duration() time.Duration { return i.To.Sub(i.From) }

// restartGrace is the time within which IBC's log explains that a Gateway has
// gone because it restarts, as it does every night. Until then it looks like a
// drop.
const restartGrace = 2 * time.Second

// incidents finds the incidents in intervals without gaps. An incident ends
// with a stop on purpose, and with a time in which nobody watched, since nobody
// knows how it went on.
func incidents(intervals []Interval) []Incident {
	var all []Incident
	var open *Incident
	connected := false
	for _, i := range intervals {
		switch {
		case i.State == "" || i.State == supervisor.Connected || i.State == supervisor.Down && i.Expected:
			// What is no failure was a step of a stop on purpose, and no
			// incident.
			if open != nil && (i.State != supervisor.Down || isFailure(open.Worst)) {
				all = append(all, *open)
			}
			open = nil
		case open != nil && i.Expected && !isFailure(open.Worst) && i.From.Sub(open.From) < restartGrace:
			open = nil
		case open == nil && (isFailure(i) || connected && !i.Expected):
			open = &Incident{From: i.From, Drop: connected, Worst: i}
		}
		if open != nil {
			open.To = i.To
			if i.WorseThan(open.Worst) {
				open.Worst = i
			}
		}
		connected = i.State == supervisor.Connected
	}
	if open != nil {
		open.Open = true
		all = append(all, *open)
	}
	return all
}

// isFailure reports a state that is an incident even if the API was not
// connected before.
func isFailure(i Interval) bool {
	switch i.State {
	case supervisor.Zombies:
		return true
	case supervisor.Starting, supervisor.Listening:
		return i.Phase == supervisor.NeedsYou
	case supervisor.Down, supervisor.Silent, supervisor.CutOff:
		return !i.Expected
	}
	return false
}

// Drops counts the incidents that began when it was connected, and returns the
// longest of them.
func (r Report) Drops() (n int, longest Incident, any bool) {
	for _, i := range r.Incidents {
		if !i.Drop {
			continue
		}
		n++
		if i.Duration() > longest.Duration() {
			longest = i
		}
	}
	return n, longest, n > 0
}
