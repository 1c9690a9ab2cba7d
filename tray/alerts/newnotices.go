package alerts

import (
	"strings"
	"time"

	"gatelight/supervisor"
)

// startTolerance lets a notice through that was made while the tray was starting.
const startTolerance = 5 * time.Second

// newNotices are a Gateway's notices that were not taken from it before; seen
// remembers the last one of each Gateway. A supervisor numbers its notices, and
// the numbers rise whatever the clock does. A supervisor that was started again
// counts from one again. Of the notices from before our start only those are new
// that are younger than since.
func newNotices(g supervisor.Snapshot, seen map[string]supervisor.Notice, since time.Time) []supervisor.Notice {
	if len(g.Notices) == 0 {
		return nil
	}
	last, known := seen[g.Name]
	same := known && sameRun(g.Notices, last)
	var found []supervisor.Notice
	for _, n := range g.Notices {
		if same && n.Seq > last.Seq || !same && n.At.After(since) && (!known || n.At.After(last.At)) {
			found = append(found, n)
		}
	}
	seen[g.Name] = g.Notices[len(g.Notices)-1]
	return found
}

// sameRun reports whether the notices are of the same run of the supervisor as
// last: it is among them, or they all come after it.
func sameRun(notices []supervisor.Notice, last supervisor.Notice) bool {
	for _, n := range notices {
		if n.Seq == last.Seq {
			return n.At.Equal(last.At)
		}
	}
	return notices[0].Seq > last.Seq
}

// noticeIcon is the picture of the state in which the notice was told, "" for none.
func noticeIcon(n supervisor.Notice) string {
	reminder := n.Kind == supervisor.NoticeReminder
	switch {
	case n.Kind == supervisor.NoticeTwoFactor, reminder && n.Phase == supervisor.TwoFactor:
		return "two-factor"
	case n.Kind == supervisor.NoticeLogin, n.Kind == supervisor.NoticeBudget, reminder && n.Phase == supervisor.NeedsYou:
		return "needs-you"
	case n.State == "", n.Kind == supervisor.NoticeDone: // of no Gateway, or not of its state
		return ""
	}
	return strings.ReplaceAll(string(n.State), "_", "-")
}
