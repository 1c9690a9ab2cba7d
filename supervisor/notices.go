package supervisor

import (
	"slices"
	"time"
)

// notices are the newest notices, which people were told.
type notices struct {
	list   []Notice // oldest first
	lastID uint64
}

// keptNotices is how many notices a snapshot carries. A reader that skips
// snapshots for a while still finds those it missed.
const keptNotices = 8

// loginNoticePause is the time after a notice about a login in which people are
// not told the same again. What holds still is told after it.
const loginNoticePause = time.Minute

// mayTellLogin reports that people may be told this about a login now. IBC's log
// may tell of one thing after the other, any number of times: the same is told
// once in loginNoticePause, and so is what would be one notice more than a
// snapshot carries.
func (n *notices) mayTellLogin(now time.Time, kind NoticeKind, title string) bool {
	recent := 0
	for _, one := range n.list {
		if one.At.After(now) || !now.Before(one.At.Add(loginNoticePause)) {
			continue
		}
		if recent++; one.Kind == kind && one.Title == title {
			return false
		}
	}
	return recent < keptNotices
}

// toldSince reports that people were told the same after that time, as far as it is
// known.
func (n *notices) toldSince(after time.Time, one Notice) bool {
	return slices.ContainsFunc(n.list, func(told Notice) bool {
		return told.At.After(after) && told.Kind == one.Kind && told.Title == one.Title && told.Body == one.Body
	})
}

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
