package cli

import (
	"context"
	"time"

	"gatelight/supervisor"
	"gatelight/supervisor/history"
)

// The event log says when somebody supervises. So its reader can tell a time in
// which nothing happened from one in which nothing could be recorded.

// A statusSource has the newest Status.
type statusSource interface{ Latest() supervisor.Status }

// An eventLog takes entries.
type eventLog interface{ Append(supervisor.Entry) }

// recordMark appends a mark for each Gateway.
func recordMark(s statusSource, log eventLog, mark func(supervisor.Snapshot, time.Time) supervisor.Entry) {
	for _, g := range s.Latest().Gateways {
		log.Append(mark(g, supervisor.Now()))
	}
}

func beginMark(g supervisor.Snapshot, at time.Time) supervisor.Entry {
	return history.BeginMark(g, at, versionText())
}

// recordAlive repeats until ctx ends that somebody supervises.
func recordAlive(ctx context.Context, s statusSource, log eventLog) {
	for supervisor.Sleep(ctx, history.MarkInterval) {
		recordMark(s, log, history.AliveMark)
	}
}
