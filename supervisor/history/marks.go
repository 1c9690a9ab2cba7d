package history

import (
	"time"

	"gatelight/supervisor"
)

// MarkInterval is how often a Gatelight that supervises says so in the log.
// Only so can a reader tell a night without events from one in which nobody
// watched: a crash, a loss of power and a machine that sleeps write nothing.
const MarkInterval = 10 * time.Minute

// maxSilence is the longest time without an entry in which somebody watched:
// one mark may be late.
const maxSilence = 2*MarkInterval + MarkInterval/2

// Marks are entries of the kind supervision. To is the state from then on, From
// the state until then.

// BeginMark says that a Gateway is watched from now on.
func BeginMark(g supervisor.Snapshot, at time.Time, version string) supervisor.Entry {
	e := mark(g, at, "Gatelight "+version+" started watching")
	e.To = g.State
	return e
}

// AliveMark says that a Gateway is still watched and still in the same state.
func AliveMark(g supervisor.Snapshot, at time.Time) supervisor.Entry {
	e := mark(g, at, "Gatelight watches")
	e.From, e.To, e.Phase, e.Expected, e.Blocking = g.State, g.State, g.Phase, g.Expected, g.Blocking
	e.Since = g.Since
	return e
}

// EndMark says that a Gateway is not watched any more.
func EndMark(g supervisor.Snapshot, at time.Time) supervisor.Entry {
	e := mark(g, at, "Gatelight stopped; the Gateway keeps running")
	e.From = g.State
	return e
}

func mark(g supervisor.Snapshot, at time.Time, text string) supervisor.Entry {
	return supervisor.Entry{At: at, Gateway: g.Name, Kind: supervisor.EntrySupervision, Text: text, Simulated: g.Simulated}
}

// IsAliveMark reports an [AliveMark], which tells a person nothing new.
func IsAliveMark(e supervisor.Entry) bool {
	return e.Kind == supervisor.EntrySupervision && e.From != "" && e.From == e.To
}
