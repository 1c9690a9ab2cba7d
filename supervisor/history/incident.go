package history

import (
	"time"

	"gatelight/supervisor"
)

// An Incident is a stretch of time in which the API could not be used although
// it should have been.
type Incident struct {
	From, To time.Time
	Drop     bool // it was connected before
	Open     bool // it lasts
	Worst    Band // the worst that it came to
}

// Length is how long it lasted, or has lasted so far.
func (i Incident) Length() time.Duration { return i.To.Sub(i.From) }

// explained is how soon after a Gateway has gone IBC's log says that it restarts,
// as it does every night. Until then it looks like a drop.
const explained = 2 * time.Second

// incidents finds them in bands that join one another. A stop on purpose ends
// one, and so does a time in which nobody watched: how it went on is not known.
func incidents(bands []Band) []Incident {
	var all []Incident
	var now *Incident
	connected := false
	for _, b := range bands {
		switch {
		case b.State == "" || b.State == supervisor.Connected || b.State == supervisor.Down && b.Expected:
			if now != nil && !(b.State == supervisor.Down && passing(now.Worst)) {
				all = append(all, *now)
			}
			now = nil
		case now != nil && b.Expected && passing(now.Worst) && b.From.Sub(now.From) < explained:
			now = nil
		case now == nil && (bad(b) || connected && !b.Expected):
			now = &Incident{From: b.From, Drop: connected, Worst: b}
		}
		if now != nil {
			now.To = b.To
			if b.Snapshot().Severity() > now.Worst.Snapshot().Severity() {
				now.Worst = b
			}
		}
		connected = b.State == supervisor.Connected
	}
	if now != nil {
		now.Open = true
		all = append(all, *now)
	}
	return all
}

// bad: it needs no drop to be bad news.
func bad(b Band) bool {
	switch b.State {
	case supervisor.Zombies:
		return true
	case supervisor.Down, supervisor.CutOff:
		return !b.Expected
	}
	return false
}

// passing: what a stop on purpose goes through on its way.
func passing(b Band) bool { return !bad(b) }

// Drops counts the incidents that came from connected, and gives the longest.
func (t Track) Drops() (n int, longest Incident, any bool) {
	for _, i := range t.Incidents {
		if !i.Drop {
			continue
		}
		n++
		if i.Length() > longest.Length() {
			longest = i
		}
	}
	return n, longest, n > 0
}
