package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"gatelight/supervisor"
)

// The event log: every transition that was told is in it, once and in order.

// toSupervisors is what was done to those that supervise, by which the event log may
// differ from what was told.
type toSupervisors struct {
	// Two may have supervised for a moment. Their entries stand among each other from
	// the begin of the second one to the end of one of them.
	two bool
	// One was killed then. A transition is told while it is written, so the last one
	// may not have been written.
	kills []time.Time
}

// lostByKill reports a transition that a kill may have kept from the log.
func (d toSupervisors) lostByKill(t told) bool {
	return slices.ContainsFunc(d.kills, func(kill time.Time) bool { return kill.Sub(t.at).Abs() < 200*time.Millisecond })
}

// checkEvents compares the text of an event log with what a reader of the status
// was told of one Gateway. It returns what is wrong.
func checkEvents(log, gateway string, seen []told, done toSupervisors) (wrong []string) {
	var states []supervisor.Entry
	last := supervisor.Entry{}
	supervise := 0
	for line := range strings.Lines(log) {
		var e supervisor.Entry
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			wrong = append(wrong, fmt.Sprintf("this is no entry: %.80q", line))
			continue
		}
		if e.Kind == supervisor.EntrySupervision {
			last = supervisor.Entry{} // another life begins with unknown
			if e.Gateway == gateway {
				supervise = supervising(supervise, e)
			}
		}
		if e.Kind != supervisor.EntryState || e.Gateway != gateway || !e.Since.IsZero() {
			continue
		}
		if done.two && supervise > 1 {
			last = supervisor.Entry{}
		}
		if last.To != "" && e.From != last.To && e.From != supervisor.Unknown {
			wrong = append(wrong, fmt.Sprintf("%s: the log goes from %s to %s at %v, but was at %s", gateway, e.From, e.To, e.At, last.To))
		}
		if e.At.Equal(last.At) && e.To == last.To && e.Phase == last.Phase && e.Expected == last.Expected && e.Text == last.Text {
			wrong = append(wrong, fmt.Sprintf("%s: the transition to %s at %v is there twice", gateway, e.To, e.At))
		}
		states, last = append(states, e), e
	}
	next := 0
	for _, t := range seen {
		if t.State == supervisor.Unknown {
			continue // so begins every life, and that is no transition
		}
		found := -1
		for i := next; i < len(states); i++ {
			if e := states[i]; e.To == t.State && e.Phase == t.Phase && e.Blocking == t.Blocking {
				found = i
				break
			}
		}
		// One with the same state may have been written later, in another life.
		if done.lostByKill(t) && (found < 0 || states[found].At.After(t.at)) {
			continue
		}
		if found < 0 {
			return append(wrong, fmt.Sprintf("%s: the status told %s %s at %v, and the log has no such transition there", gateway, t.State, t.Phase, t.at))
		}
		next = found // the same one again: another life may begin with it
	}
	return wrong
}

// supervising is how many supervise after a mark: one that was killed has left no
// mark of its end.
func supervising(n int, mark supervisor.Entry) int {
	if mark.From == "" {
		return n + 1
	}
	return max(n-1, 0)
}
