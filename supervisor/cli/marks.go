package cli

import (
	"context"
	"time"

	"gatelight/supervisor"
	"gatelight/supervisor/history"
)

// The event log says when somebody watches, so that its reader knows a quiet
// time from one in which nothing could have been written.

// A latest has the newest Status.
type latest interface{ Latest() supervisor.Status }

// An eventLog takes entries.
type eventLog interface{ Append(supervisor.Entry) }

func markBegin(l latest, log eventLog) {
	for _, g := range l.Latest().Gateways {
		log.Append(history.BeginMark(g, supervisor.Now(), versionText()))
	}
}

// markOn goes on until ctx ends.
func markOn(ctx context.Context, l latest, log eventLog) {
	pace := time.NewTicker(history.MarkInterval)
	defer pace.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-pace.C:
		}
		for _, g := range l.Latest().Gateways {
			log.Append(history.AliveMark(g, supervisor.Now()))
		}
	}
}

func markEnd(l latest, log eventLog) {
	for _, g := range l.Latest().Gateways {
		log.Append(history.EndMark(g, supervisor.Now()))
	}
}
