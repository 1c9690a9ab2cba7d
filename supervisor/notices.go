package supervisor

import "time"

// notices are the newest notices, which people were told.
type notices struct {
	list   []Notice // oldest first
	lastID uint64
}

// keptNotices is how many notices a snapshot carries. A reader that skips
// snapshots for a while still finds those it missed.
const keptNotices = 8

// newID returns an ID that no other notice has.
func (n *notices) newID() uint64 {
	n.lastID++
	return n.lastID
}

// tell adds a notice and records it.
func (n *notices) tell(d *decision, id uint64, one Notice) {
	one.ID, one.At, one.State, one.Phase = id, d.now, d.verdict.state, d.verdict.phase
	one.Seq = 1
	if k := len(n.list); k > 0 {
		one.Seq = n.list[k-1].Seq + 1
	}
	all := append(n.list[:len(n.list):len(n.list)], one)
	n.list = all[max(0, len(all)-keptNotices):]
	d.record(Entry{Kind: EntryNotice, Text: one.Title + ": " + one.Body})
}

func (n *notices) clampTo(time.Time) {} // their times are shown as they were

func (n *notices) due(*decision) []time.Time { return nil }
