package ibc

import (
	"slices"
	"time"

	"gatelight/supervisor"
)

// A logBatch has the events of one reading of a log. A log can grow by thousands
// of lines at once, and each event is a decision: of more than maxEvents only
// what counts is handed on.
type logBatch []supervisor.Event

// maxEvents is more than the lines of an ordinary start or end report at once.
const maxEvents = 16

func (b *logBatch) add(e supervisor.Event) { *b = append(*b, e) }

// emit hands on the events, and reports whether there were too many.
func (b logBatch) emit(to func(supervisor.Event)) (flood bool) {
	flood = len(b) > maxEvents
	if flood {
		b = b.reduced()
	}
	for _, e := range b {
		to(e)
	}
	return flood
}

// reduced has the newest event of each kind, in their order: of each phase, and
// of each problem of a login. Logins and launches are counted. Launches before a
// completed login do not count any more.
func (b logBatch) reduced() logBatch {
	type kind struct {
		event string
		login int64 // of logins: the second, since each counts for an hour
	}
	var kept logBatch
	var kinds []kind // of kept
	loggedIn := false
	for _, e := range slices.Backward(b) {
		var k kind
		switch e := e.(type) {
		case supervisor.PhaseSeen:
			k.event = "phase " + string(e.Phase)
			loggedIn = loggedIn || e.Phase == supervisor.LoggedIn
		case supervisor.LoginProblemSeen:
			k.event = "problem " + string(e.Reason)
		case supervisor.LaunchSeen:
			k.event = "launch"
			if loggedIn {
				continue
			}
		case supervisor.LoginSeen:
			k = kind{"login", e.At.Truncate(time.Second).Unix()}
			if e.Attended {
				k.event = "attended login"
			}
		case supervisor.PlannedEndSeen:
			k.event = "planned end"
		}
		i := slices.Index(kinds, k)
		if i < 0 {
			kept, kinds = append(kept, e), append(kinds, k)
			continue
		}
		switch of := kept[i].(type) {
		case supervisor.LoginSeen:
			of.More += 1 + e.(supervisor.LoginSeen).More
			kept[i] = of
		case supervisor.LaunchSeen:
			of.More += 1 + e.(supervisor.LaunchSeen).More
			kept[i] = of
		}
	}
	slices.Reverse(kept)
	return kept
}
