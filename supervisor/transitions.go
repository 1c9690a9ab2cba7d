package supervisor

import "time"

// transitions are the newest changes of what is shown, and how many of them were
// drops. They are in each snapshot, so that a reader that skips some of them
// still finds what has happened in between.
type transitions struct {
	list  []Transition // oldest first
	drops int          // since this Gatelight has begun
}

// keptTransitions is how many transitions a snapshot carries.
const keptTransitions = 16

// A Transition is one change of what is shown of a Gateway.
type Transition struct {
	Seq      uint64    `json:"seq"` // one more than that of the Gateway's transition before
	At       time.Time `json:"at"`
	From     State     `json:"from"`
	To       State     `json:"to"`
	Phase    Phase     `json:"phase"`
	Expected bool      `json:"expected"` // as in [Entry]
	Blocking bool      `json:"blocking"` // as in [Entry]
}

// note records a change of what is shown.
func (t *transitions) note(d *decision) {
	v, was := d.verdict, d.before.verdict
	if v.state == was.state && v.phase == was.phase && v.expected == was.expected && v.blocking == was.blocking {
		return
	}
	one := Transition{Seq: 1, At: d.now, From: was.state, To: v.state, Phase: v.phase, Expected: transitionExpected(d), Blocking: v.blocking}
	if n := len(t.list); n > 0 {
		one.Seq = t.list[n-1].Seq + 1
	}
	all := append(t.list[:len(t.list):len(t.list)], one)
	t.list = all[max(0, len(all)-keptTransitions):]
	if one.From == Connected && one.To != Connected && !one.Expected {
		t.drops++
	}
	d.record(Entry{Kind: EntryState, From: one.From, To: one.To, Phase: one.Phase,
		Text: why(d), Expected: one.Expected, Blocking: one.Blocking})
}

// transitionExpected reports a state that should pass by itself, or that
// somebody wants.
func transitionExpected(d *decision) bool {
	switch d.verdict.state {
	case Down:
		return d.verdict.expected
	case Connected, Zombies:
		return false
	}
	return d.quiet.active(d.now) && d.verdict.phase != NeedsYou
}

func (t *transitions) clampTo(time.Time) {} // their times are shown as they were

func (t *transitions) due(*decision) []time.Time { return nil }
