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

func recordBegin(s statusSource, log eventLog) {
	for _, g := range s.Latest().Gateways {
		log.Append(history.BeginMark(g, supervisor.Now(), versionText()))
	}
}

// recordAlive repeats until ctx ends that somebody supervises.
func recordAlive(ctx context.Context, s statusSource, log eventLog) {
	tick := time.NewTicker(history.MarkInterval)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		for _, g := range s.Latest().Gateways {
			log.Append(history.AliveMark(g, supervisor.Now()))
		}
	}
}

func recordEnd(s statusSource, log eventLog) {
	for _, g := range s.Latest().Gateways {
		log.Append(history.EndMark(g, supervisor.Now()))
	}
}
