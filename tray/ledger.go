package tray

import (
	"slices"
	"time"

	"gatelight/supervisor"
)

// remembered is how many incidents are known by what was shown of them, or is to
// be. More are not on any screen, and nobody would read them.
const remembered = 32

// A ledger knows what people have been told and what they have yet to be: what
// came during a pause, or while nobody was there to show it. It keeps the newest
// of each incident, and never more.
type ledger struct {
	paused time.Time // alerts are held back until then
	held   []held    // to be shown, in this order
	alarms []string  // the incidents that were shown and go on, oldest first
	up     []posted  // what is on the screen of them, unless a person has waved it away
}

type held struct {
	alert
	gateway string
}

// overtakes reports news of the same incident, or of a Gateway's next one: it has
// one at a time.
func (h held) overtakes(x held) bool {
	return h.Key == x.Key || h.gateway == x.gateway && ofState(h.Notice) && ofState(x.Notice)
}

// A posted alert is outdated when it has passed, or its incident has come to
// something else that is not shown yet.
type posted struct {
	held
	outdated bool
}

// hold keeps an alert until it is shown, in place of what it overtakes. The end of
// an incident that nobody was shown is no news after a pause.
func (l *ledger) hold(h held, now time.Time) {
	l.held = slices.DeleteFunc(l.held, func(x held) bool { return h.overtakes(x) })
	for i, p := range l.up {
		l.up[i].outdated = p.outdated || h.overtakes(p.held) && (h.Key != p.Key || h.Notice.Kind != supervisor.NoticeReminder)
	}
	if l.pausing(now) && ends(h.Notice) && !slices.Contains(l.alarms, h.Key) {
		return
	}
	if len(l.held) == remembered {
		l.held = l.held[1:]
	}
	l.held = append(l.held, h)
}

func (l *ledger) forgo(key string) {
	l.held = slices.DeleteFunc(l.held, func(h held) bool { return h.Key == key })
}

// shown notes that an alert is on the screen now.
func (l *ledger) shown(h held) {
	l.forgo(h.Key)
	l.withdrawn(h.Key)
	l.alarms = slices.DeleteFunc(l.alarms, func(key string) bool { return key == h.Key })
	if ends(h.Notice) {
		return
	}
	if len(l.alarms) == remembered { // some end without a word
		l.alarms = l.alarms[1:]
	}
	l.alarms = append(l.alarms, h.Key)
	if len(l.up) == remembered {
		l.up = l.up[1:]
	}
	l.up = append(l.up, posted{held: h})
}

// tried notes that an alert may be on the screen, or come to it late.
func (l *ledger) tried(h held) {
	if !slices.ContainsFunc(l.up, func(p posted) bool { return p.Key == h.Key }) {
		l.up = append(l.up, posted{held: h})
	}
}

// withdrawn notes that nothing is on the screen of an incident any more.
func (l *ledger) withdrawn(key string) {
	l.up = slices.DeleteFunc(l.up, func(p posted) bool { return p.Key == key })
}

// due are the alerts to be shown now, without those that have been overtaken.
func (l *ledger) due(w supervisor.Status, now time.Time) []held {
	if l.pausing(now) {
		return nil
	}
	l.held = slices.DeleteFunc(l.held, func(h held) bool { return passed(w, h) })
	return slices.DeleteFunc(slices.Clone(l.held), func(h held) bool { // not while it is in doubt
		g, known := w.Gateway(h.gateway)
		return h.Notice.Kind == supervisor.NoticeRecovery && known && g.State != supervisor.Connected && g.State != supervisor.Listening
	})
}

// untrue are the incidents of which the screen says what does not hold any more.
func (l *ledger) untrue(w supervisor.Status) (keys []string) {
	for i, p := range l.up {
		if p.outdated || passed(w, p.held) {
			l.up[i].outdated = true // also when that state is over by the time that it can be withdrawn
			keys = append(keys, p.Key)
		}
	}
	return keys
}

func (l *ledger) pausing(now time.Time) bool { return now.Before(l.paused) }

// ends reports the last notice of an incident, or one that is no incident.
func ends(n supervisor.Notice) bool {
	return n.Kind == supervisor.NoticeRecovery || n.Kind == supervisor.NoticeDone
}

// ofState reports what says how a Gateway is, rather than what was done to it.
func ofState(n supervisor.Notice) bool {
	switch n.Kind {
	case supervisor.NoticeDrop, supervisor.NoticeReminder, supervisor.NoticeBudget, supervisor.NoticeTwoFactor:
		return true
	}
	return false
}

func passed(w supervisor.Status, h held) bool {
	g, known := w.Gateway(h.gateway)
	return known && over(g, h.Notice)
}

// over reports a notice whose matter has passed, also without a word: a Gateway
// that was stopped on purpose is no longer missed, and one that is away once more
// has not come back.
func over(g supervisor.Snapshot, n supervisor.Notice) bool {
	switch n.Kind {
	case supervisor.NoticeDrop, supervisor.NoticeReminder, supervisor.NoticeBudget:
		return g.State == supervisor.Connected || g.State == supervisor.Down && g.Expected ||
			n.Phase == supervisor.TwoFactor && g.Phase != supervisor.TwoFactor
	case supervisor.NoticeTwoFactor:
		return g.Phase != supervisor.TwoFactor
	case supervisor.NoticeRecovery:
		return g.State == supervisor.Down || g.State == supervisor.Zombies
	}
	return false
}
