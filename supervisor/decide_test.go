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
// the state after, in the order of allStates. D is a drop, R a recovery, a dot
// nothing.
//
// Nothing is told of a Gateway that was never up. After a drop was told, the
// states on the way up are not told, only the recovery.
var told = map[State]string{
	//           unknown down starting listening connected cut_off zombies
	Unknown:   ". . . . . D D",
	Down:      ". . . . . D D",
	Starting:  ". D . . . D D",
	Listening: ". D . . . D D",
	Connected: "D D D D . D D",
	CutOff:    ". D . . R . D",
	Zombies:   ". D . . R RD .", // on the way to cut_off it becomes connected
}

func TestEveryTransitionTellsWhatTheTableSays(t *testing.T) {
	for _, from := range allStates {
		for i, to := range allStates {
			t.Run(fmt.Sprintf("%s to %s", from, to), func(t *testing.T) {
				r := newHarness(t)
				become[from](r)
				if r.s.State != from {
					t.Fatalf("came to %s, not to %s: %s", r.s.State, from, r.s.Why)
				}
				r.hold(r.p.FlapAfter + time.Second)
				if r.s.State != from {
					t.Fatalf("did not stay in %s: %s", from, r.s.Why)
				}
				r.s.mem.notices.list = nil
				r.clear()

				since := r.s.Since
				become[to](r)
				r.hold(r.p.FlapAfter + time.Second)
				if r.s.State != to {
					t.Fatalf("came to %s, not to %s: %s", r.s.State, to, r.s.Why)
				}
				if same := r.s.Since.Equal(since); same != (from == to) {
					t.Errorf("Since has changed: %v, and the state: %v", !same, from != to)
				}
				if acts := r.actions(); len(acts) != 0 {
					t.Errorf("%+v was begun without a request", acts)
				}
				var want []NoticeKind
				for _, letter := range strings.Trim(strings.Fields(told[from])[i], ".") {
					want = append(want, map[rune]NoticeKind{'D': NoticeDrop, 'R': NoticeRecovery}[letter])
				}
				if got := r.notices(); !slices.Equal(got, want) {
					t.Errorf("people were told %v, want %v: %+v", got, want, r.s.Notices)
				}
				recorded := slices.ContainsFunc(effectsOf[Record](r), func(e Record) bool {
					return e.Entry.Kind == "state" && e.Entry.To == to
				})
				if recorded != (from != to) {
					t.Errorf("the change is recorded: %v", recorded)
				}
			})
		}
	}
}
