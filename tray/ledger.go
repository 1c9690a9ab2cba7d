package tray

import (
	"slices"
	"time"

	"gatelight/supervisor"
)

// remembered is how many incidents are known by what was shown of them, or is to
// be. More are not on any screen, and nobody would read them.
const remembered = 32

// A ledger keeps the alerts that could not be shown when they came: during a
// pause, or since nobody was there to show them. It keeps the newest of each
// incident, and never more.
type ledger struct {
	paused time.Time // alerts are held back until then
	held   []held    // oldest first
	alarms []string  // the incidents that were shown, oldest first
}

type held struct {
	alert
	gateway string
}

// hold keeps an alert for later, in place of an older one of its incident. The
// end of an incident that nobody was shown is no news after a pause.
func (l *ledger) hold(h held, now time.Time) {
	l.drop(h.Key)
	if l.pausing(now) && ends(h.Notice) && !slices.Contains(l.alarms, h.Key) {
		return
	}
	if len(l.held) == remembered {
		l.held = l.held[1:]
	}
	l.held = append(l.held, h)
}

func (l *ledger) drop(key string) {
	l.held = slices.DeleteFunc(l.held, func(h held) bool { return h.Key == key })
}

// shown notes that an alert is on the screen now.
func (l *ledger) shown(a alert) {
	l.drop(a.Key)
	l.alarms = slices.DeleteFunc(l.alarms, func(key string) bool { return key == a.Key })
	if ends(a.Notice) {
		return
	}
	if len(l.alarms) == remembered { // some end without a word
		l.alarms = l.alarms[1:]
	}
	l.alarms = append(l.alarms, a.Key)
}

// due are the alerts to be shown now, without those that have been overtaken.
func (l *ledger) due(w supervisor.World, now time.Time) []held {
	if l.pausing(now) {
		return nil
	}
	l.held = slices.DeleteFunc(l.held, func(h held) bool {
		g, known := w.Gateway(h.gateway)
		return known && over(g, h.Notice)
	})
	return slices.Clone(l.held)
}

func (l *ledger) pausing(now time.Time) bool { return now.Before(l.paused) }

// ends reports the last notice of an incident, or one that is no incident.
func ends(n supervisor.Notice) bool {
	return n.Kind == supervisor.NoticeRecovery || n.Kind == supervisor.NoticeDone
}

// over reports a notice whose matter has passed, also without a word: a Gateway
// that was stopped on purpose is no longer missed.
func over(g supervisor.Snapshot, n supervisor.Notice) bool {
	switch n.Kind {
	case supervisor.NoticeDrop, supervisor.NoticeReminder, supervisor.NoticeBudget:
		return g.State == supervisor.Connected || g.State == supervisor.Down && g.Expected
	case supervisor.NoticeTwoFactor:
		return g.Phase != supervisor.TwoFactor
	}
	return false
}
