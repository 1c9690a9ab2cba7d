package alerts

import (
	"slices"
	"time"

	"gatelight/supervisor"
)

// maxKept is how many incidents are remembered by what was shown of them, or is
// to be shown. More are not on any screen, and nobody would read them.
const maxKept = 32

// A queue knows which alerts are to be shown, and which are: those that came
// during a pause, or while nobody was there to show them, wait in it. It keeps
// the newest alert of each incident only.
type queue struct {
	pausedUntil time.Time // nothing is shown until then
	waiting     []alert   // to be shown, in this order
	ongoing     []string  // keys of the incidents that were shown and have not ended, oldest first
	onScreen    []shown   // as far as we know: a person may have closed it
}

// A shown alert is on the screen. It is outdated when it does not hold any more,
// or its incident has a newer alert that is not shown yet.
type shown struct {
	alert
	outdated bool
}

// replaces reports whether a is about the same incident as old, or about the next
// one of the same Gateway: a Gateway has one at a time.
func (a alert) replaces(old alert) bool {
	return a.Key == old.Key || a.Gateway == old.Gateway && isOfState(a.Notice) && isOfState(old.Notice)
}

// add queues an alert in place of those that it replaces. After a pause, the end
// of an incident that nobody was shown is not shown either.
func (q *queue) add(a alert, now time.Time) {
	q.waiting = slices.DeleteFunc(q.waiting, a.replaces)
	for i, s := range q.onScreen {
		q.onScreen[i].outdated = s.outdated || a.replaces(s.alert) && (a.Key != s.Key || a.Notice.Kind != supervisor.NoticeReminder)
	}
	if q.paused(now) && isEnd(a.Notice) && !slices.Contains(q.ongoing, a.Key) {
		return
	}
	q.waiting = appendBounded(q.waiting, a)
}

// appendBounded appends, and drops the oldest when there are more than [maxKept].
func appendBounded[T any](all []T, x T) []T {
	if len(all) == maxKept {
		all = all[1:]
	}
	return append(all, x)
}

// remove takes an alert from the queue.
func (q *queue) remove(key string) {
	q.waiting = slices.DeleteFunc(q.waiting, func(a alert) bool { return a.Key == key })
}

// markShown notes that an alert is on the screen now.
func (q *queue) markShown(a alert) {
	q.remove(a.Key)
	q.markWithdrawn(a.Key)
	q.ongoing = slices.DeleteFunc(q.ongoing, func(key string) bool { return key == a.Key })
	if isEnd(a.Notice) {
		return
	}
	q.ongoing = appendBounded(q.ongoing, a.Key) // bounded: some incidents end without a notice
	q.onScreen = appendBounded(q.onScreen, shown{alert: a})
}

// markTried notes that an alert may be on the screen, or may appear there late.
func (q *queue) markTried(a alert) {
	if !slices.ContainsFunc(q.onScreen, func(s shown) bool { return s.Key == a.Key }) {
		q.onScreen = append(q.onScreen, shown{alert: a})
	}
}

// markWithdrawn notes that nothing of an incident is on the screen any more.
func (q *queue) markWithdrawn(key string) {
	q.onScreen = slices.DeleteFunc(q.onScreen, func(s shown) bool { return s.Key == key })
}

// due are the alerts to be shown now. Those that do not hold any more are dropped.
func (q *queue) due(status supervisor.Status, now time.Time) []alert {
	if q.paused(now) {
		return nil
	}
	q.waiting = slices.DeleteFunc(q.waiting, func(a alert) bool { return a.over(status) })
	return slices.DeleteFunc(slices.Clone(q.waiting), func(a alert) bool { // a recovery waits while the state is in doubt
		g, known := status.Gateway(a.Gateway)
		return a.Notice.Kind == supervisor.NoticeRecovery && known && g.State != supervisor.Connected && g.State != supervisor.Listening
	})
}

// outdated are the keys under which the screen says what does not hold any more.
func (q *queue) outdated(status supervisor.Status) (keys []string) {
	for i, s := range q.onScreen {
		if s.outdated || s.over(status) {
			q.onScreen[i].outdated = true // also if that state has ended when it can be withdrawn at last
			keys = append(keys, s.Key)
		}
	}
	return keys
}

func (q *queue) paused(now time.Time) bool { return now.Before(q.pausedUntil) }

// isEnd reports the last notice of an incident, or one that is of no incident.
func isEnd(n supervisor.Notice) bool {
	return n.Kind == supervisor.NoticeRecovery || n.Kind == supervisor.NoticeDone
}

// isOfState reports a notice about a Gateway's state, rather than about an action.
func isOfState(n supervisor.Notice) bool {
	switch n.Kind {
	case supervisor.NoticeDrop, supervisor.NoticeLoop, supervisor.NoticeReminder, supervisor.NoticeBudget, supervisor.NoticeTwoFactor, supervisor.NoticeLogin, supervisor.NoticeLost:
		return true
	}
	return false
}

// over reports an alert that does not hold any more, also when no other notice
// has said so: a Gateway that was stopped on purpose is not down unexpectedly, and
// one that is down once more has not recovered.
func (a alert) over(status supervisor.Status) bool {
	g, known := status.Gateway(a.Gateway)
	if !known {
		return false
	}
	switch a.Notice.Kind {
	case supervisor.NoticeDrop, supervisor.NoticeBudget:
		return upOrStopped(g)
	case supervisor.NoticeLoop: // connected now, it may be down in a moment
		return g.State == supervisor.Down && g.Expected
	case supervisor.NoticeFailed: // "could not stop" is told while it is connected
		return g.State != a.Notice.State && upOrStopped(g)
	case supervisor.NoticeLost:
		return g.State != supervisor.Unknown
	case supervisor.NoticeReminder:
		return upOrStopped(g) || needsPerson(a.Notice.Phase) && g.Phase != a.Notice.Phase
	case supervisor.NoticeTwoFactor:
		return g.Phase != supervisor.TwoFactor
	case supervisor.NoticeLogin:
		starts := g.State == supervisor.Starting || g.State == supervisor.Listening
		return upOrStopped(g) || starts && g.LoginProblem == nil
	case supervisor.NoticeRecovery:
		return g.State == supervisor.Down || g.State == supervisor.Silent || g.State == supervisor.Zombies
	}
	return false
}

func upOrStopped(g supervisor.Snapshot) bool {
	return g.State == supervisor.Connected || g.State == supervisor.Down && g.Expected
}

// needsPerson reports a phase in which a login waits for a person.
func needsPerson(p supervisor.Phase) bool {
	return p == supervisor.TwoFactor || p == supervisor.NeedsYou
}
