package supervisor

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// told has what people are told of each transition, when the new state has
// lasted for longer than Policy.FlapAfter. A row is the state before, a column
// the state after, in the order of States. D is a drop, R a recovery, a dot
// nothing.
//
// Nothing is told of a Gateway that was never up. After a drop was told, the
// states on the way up are not told, only the recovery.
var told = map[State]string{
	//           unknown down starting listening connected cut_off zombies silent
	Unknown:   ". . . . . D D D",
	Down:      ". . . . . D D D",
	Starting:  ". D . . . D D D",
	Listening: ". D . . . D D D",
	Connected: "D D D D . D D D",
	CutOff:    ". D . . R . D D",
	Zombies:   ". D . . R RD . RD", // on the way to cut_off and silent it becomes connected
	Silent:    ". D . . R RD D .",
}

func TestEveryTransitionTellsWhatTheTableSays(t *testing.T) {
	for _, from := range States {
		for i, to := range States {
			t.Run(fmt.Sprintf("%s to %s", from, to), func(t *testing.T) {
				h := newHarness(t)
				become[from](h)
				if h.s.State != from {
					t.Fatalf("came to %s, not to %s: %s", h.s.State, from, h.s.Why)
				}
				h.hold(h.p.FlapAfter + time.Second)
				if h.s.State != from {
					t.Fatalf("did not stay in %s: %s", from, h.s.Why)
				}
				h.s.mem.notices.list = nil
				h.clear()

				since := h.s.Since
				become[to](h)
				h.hold(h.p.FlapAfter + time.Second)
				if h.s.State != to {
					t.Fatalf("came to %s, not to %s: %s", h.s.State, to, h.s.Why)
				}
				if same := h.s.Since.Equal(since); same != (from == to) {
					t.Errorf("Since has changed: %v, and the state: %v", !same, from != to)
				}
				if acts := h.actions(); len(acts) != 0 {
					t.Errorf("%+v was begun without a request", acts)
				}
				var want []NoticeKind
				for _, letter := range strings.Trim(strings.Fields(told[from])[i], ".") {
					want = append(want, map[rune]NoticeKind{'D': NoticeDrop, 'R': NoticeRecovery}[letter])
				}
				if got := h.notices(); !slices.Equal(got, want) {
					t.Errorf("people were told %v, want %v: %+v", got, want, h.s.Notices)
				}
				recorded := slices.ContainsFunc(effectsOf[Record](h), func(e Record) bool {
					return e.Entry.Kind == "state" && e.Entry.To == to
				})
				if recorded != (from != to) {
					t.Errorf("the change is recorded: %v", recorded)
				}
			})
		}
	}
}
