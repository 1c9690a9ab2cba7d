package history

import (
	"time"

	"gatelight/supervisor"
)

// Pace is how often a Gatelight that supervises says so in the log. It is what
// tells a quiet night from one in which nobody watched: a crash, a loss of power
// and a machine that sleeps write nothing.
const Pace = 10 * time.Minute

// silence is how long the log may be silent while somebody watches: one mark
// may be late.
const silence = 2*Pace + Pace/2

// The marks of supervision. To is the state from then on, From the one until then.

// Begins says that a Gateway is watched from now on.
func Begins(g supervisor.Snapshot, at time.Time, version string) supervisor.Entry {
	e := mark(g, at, "Gatelight "+version+" begins to watch")
	e.To = g.State
	return e
}

// Goes says that a Gateway is watched still, and is in the same state still.
func Goes(g supervisor.Snapshot, at time.Time) supervisor.Entry {
	e := mark(g, at, "Gatelight watches")
	e.From, e.To, e.Phase, e.Expected = g.State, g.State, g.Phase, g.Expected
	e.Since = g.Since
	return e
}

// Ends says that nobody watches it any more.
func Ends(g supervisor.Snapshot, at time.Time) supervisor.Entry {
	e := mark(g, at, "Gatelight ends; the Gateway is left alone")
	e.From = g.State
	return e
}

func mark(g supervisor.Snapshot, at time.Time, text string) supervisor.Entry {
	return supervisor.Entry{At: at, Gateway: g.Name, Kind: supervisor.EntrySupervision, Text: text, Simulated: g.Simulated}
}

// Routine reports a mark that is no news to a person.
func Routine(e supervisor.Entry) bool {
	return e.Kind == supervisor.EntrySupervision && e.From != "" && e.From == e.To
}
