package supervisor

import (
	"slices"
	"testing"
	"time"
)

// reminders are the times of the reminders, as durations since a time, in whole
// minutes.
func (h *harness) reminders(since time.Time) (after []time.Duration) {
	for _, n := range h.s.Notices {
		if n.Kind == NoticeReminder {
			after = append(after, n.At.Sub(since).Truncate(time.Minute))
		}
	}
	return after
}

func TestLastingTroubleIsToldAgainAndExpectedStatesAreNot(t *testing.T) {
	computesMuch(t)
	cases := map[string]struct {
		happens func(*harness)
		want    bool
	}{
		"down":              {(*harness).becomeDown, true},
		"cut off":           {(*harness).becomeCutOff, true},
		"no answer":         {func(h *harness) { h.closeSession(); h.event(SessionStarted{}) }, true},
		"it cannot be seen": {(*harness).becomeUnknown, true},
		"zombies that do not harm": {func(h *harness) {
			h.listen(harmlessZombie)
			h.hold(h.p.ZombieAfter + time.Second)
		}, false},
		"zombies that block": {func(h *harness) { h.becomeZombies(); h.closeSession() }, true},
		"two-factor": {func(h *harness) {
			h.ask(Restart)
			h.closeSession()
			h.becomeStarting()
			h.event(PhaseSeen{Phase: TwoFactor})
		}, true},
		"a stop": {func(h *harness) {
			id := h.ask(Stop)
			h.becomeDown()
			h.event(ActionEnded{ID: id, Action: Stop})
		}, false},
	}
	for name, c := range cases {
		h := newConnectedOurs(t)
		began := h.now
		c.happens(h)
		h.hold(2*time.Hour + 35*time.Minute)
		var want []time.Duration
		if c.want {
			want = []time.Duration{5 * time.Minute, 30 * time.Minute, 90 * time.Minute, 150 * time.Minute}
		}
		if got := h.reminders(began); !slices.Equal(got, want) {
			t.Errorf("%s: told again after %v, want %v", name, got, want)
		}
		for _, n := range h.s.Notices {
			if n.ID != h.s.Notices[0].ID {
				t.Errorf("%s: %q is another alert than %q", name, n.Title, h.s.Notices[0].Title)
			}
		}
	}
}

func TestRemindersEndWithTheTrouble(t *testing.T) {
	computesMuch(t)
	h := newConnected(t)
	began := h.now
	h.becomeDown()
	h.hold(6 * time.Minute)
	if !h.s.TroubleSince.Equal(began) {
		t.Errorf("trouble since %v, want %v", h.s.TroubleSince, began)
	}
	if n := h.last(); n.Title != "Still down: paper" || !n.Urgent {
		t.Errorf("%+v", n)
	}
	h.becomeConnected()
	if !h.s.TroubleSince.IsZero() {
		t.Errorf("still trouble since %v", h.s.TroubleSince)
	}
	h.hold(2 * time.Hour)
	if got := h.reminders(began); len(got) != 1 {
		t.Errorf("told again after %v", got)
	}
}

func TestANoticeIsNotFollowedByAReminderAtOnce(t *testing.T) {
	h := newConnected(t)
	began := h.now
	h.becomeCutOff()
	h.hold(4*time.Minute + 30*time.Second)
	h.becomeDown()
	h.hold(40 * time.Minute)
	if got := h.reminders(began); !slices.Equal(got, []time.Duration{30 * time.Minute}) {
		t.Errorf("told again after %v", got)
	}
}

func TestAClockSetBackDoesNotDelayReminders(t *testing.T) {
	h := newConnected(t)
	h.becomeDown()
	h.hold(time.Minute)
	h.now = h.now.Add(-3 * time.Hour)
	began := h.now
	h.hold(40 * time.Minute)
	if got := h.reminders(began); !slices.Equal(got, []time.Duration{5 * time.Minute, 30 * time.Minute}) {
		t.Errorf("told again after %v", got)
	}
}
