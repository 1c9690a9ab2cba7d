package main

import (
	"encoding/json"
	"fmt"
	"strings"

	"gatelight/supervisor"
)

// The event log: every transition that was told is in it, once and in order.

// checkEvents compares the text of an event log with what a reader of the status
// was told of one Gateway. It returns what is wrong.
func checkEvents(log, gateway string, seen []told) (wrong []string) {
	var states []supervisor.Entry
	last := supervisor.Entry{}
	for line := range strings.Lines(log) {
		var e supervisor.Entry
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			wrong = append(wrong, fmt.Sprintf("this is no entry: %.80q", line))
			continue
		}
		if e.Kind == supervisor.EntrySupervision {
			last = supervisor.Entry{} // another life begins with unknown
		}
		if e.Kind != supervisor.EntryState || e.Gateway != gateway || !e.Since.IsZero() {
			continue
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
		if found < 0 {
			return append(wrong, fmt.Sprintf("%s: the status told %s %s at %v, and the log has no such transition there", gateway, t.State, t.Phase, t.at))
		}
		next = found // the same one again: another life may begin with it
	}
	return wrong
}
