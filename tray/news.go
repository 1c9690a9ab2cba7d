package tray

import (
	"time"

	"gatelight/supervisor"
)

// This file is which notices are news.

// slack lets a notice through that was made while the tray was starting.
const slack = 5 * time.Second

// fresh are a Gateway's notices that were not raised yet, and marks them so. A
// supervisor numbers its notices, and that holds whatever the clock does; one that
// was started anew counts from one again. Of those that were there before we were
// only the newer ones are news.
func fresh(g supervisor.Snapshot, seen map[string]supervisor.Notice, since time.Time) []supervisor.Notice {
	if len(g.Notices) == 0 {
		return nil
	}
	last, known := seen[g.Name]
	same := known && sameLife(g.Notices, last)
	var out []supervisor.Notice
	for _, n := range g.Notices {
		if same && n.Seq > last.Seq || !same && n.At.After(since) && (!known || n.At.After(last.At)) {
			out = append(out, n)
		}
	}
	seen[g.Name] = g.Notices[len(g.Notices)-1]
	return out
}

// sameLife reports notices of the supervisor that last is from: it is among them,
// or they all come after it.
func sameLife(notices []supervisor.Notice, last supervisor.Notice) bool {
	for _, n := range notices {
		if n.Seq == last.Seq {
			return n.At.Equal(last.At)
		}
	}
	return notices[0].Seq > last.Seq
}

// noticeIcon is the picture of the state the notice was told in, "" for none.
func noticeIcon(n supervisor.Notice) string {
	switch {
	case n.Kind == supervisor.NoticeTwoFactor, n.Kind == supervisor.NoticeReminder && n.Phase == supervisor.TwoFactor:
		return "two-factor"
	case n.State == "", n.Kind == supervisor.NoticeDone: // of no Gateway, or not of how it is
		return ""
	}
	return Icon(supervisor.Snapshot{State: n.State})
}
