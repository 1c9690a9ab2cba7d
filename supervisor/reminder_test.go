package supervisor

import (
	"slices"
	"testing"
	"time"
)

// reminders are the times of the reminders, as durations since a time, in whole
// minutes.
func (r *harness) reminders(since time.Time) (after []time.Duration) {
	for _, n := range r.s.Notices {
		if n.Kind == NoticeReminder {
			after = append(after, n.At.Sub(since).Truncate(time.Minute))
		}
	}
	return after
}

func TestLastingTroubleIsToldAgainAndExpectedStatesAreNot(t *testing.T) {
	cases := map[string]struct {
		happens func(*harness)
		want    bool
	}{
		"down":              {(*harness).becomeDown, true},
		"cut off":           {(*harness).becomeCutOff, true},
		"no answer":         {func(r *harness) { r.closeSession(); r.event(SessionStarted{}) }, true},
		"it cannot be seen": {(*harness).becomeUnknown, true},
		"zombies that do not harm": {func(r *harness) {
			r.listen(harmlessZombie)
			r.hold(r.p.ZombieAfter + time.Second)
		}, false},
		"zombies that block": {func(r *harness) { r.becomeZombies(); r.closeSession() }, true},
		"two-factor": {func(r *harness) {
			r.ask(Restart)
			r.closeSession()
			r.becomeStarting()
			r.event(PhaseSeen{Phase: TwoFactor})
		}, true},
		"a stop": {func(r *harness) {
			id := r.ask(Stop)
			r.becomeDown()
			r.event(ActionEnded{ID: id, Action: Stop})
		}, false},
	}
	for name, c := range cases {
		r := newConnectedOurs(t)
		began := r.now
		c.happens(r)
		r.hold(2*time.Hour + 35*time.Minute)
		var want []time.Duration
		if c.want {
			want = []time.Duration{5 * time.Minute, 30 * time.Minute, 90 * time.Minute, 150 * time.Minute}
		}
		if got := r.reminders(began); !slices.Equal(got, want) {
			t.Errorf("%s: told again after %v, want %v", name, got, want)
		}
		for _, n := range r.s.Notices {
			if n.ID != r.s.Notices[0].ID {
				t.Errorf("%s: %q is another alert than %q", name, n.Title, r.s.Notices[0].Title)
			}
		}
	}
}

func TestRemindersEndWithTheTrouble(t *testing.T) {
	r := newConnected(t)
	began := r.now
	r.becomeDown()
	r.hold(6 * time.Minute)
	if !r.s.TroubleSince.Equal(began) {
		t.Errorf("trouble since %v, want %v", r.s.TroubleSince, began)
	}
	if n := r.last(); n.Title != "Gateway paper: still down" || !n.Urgent {
		t.Errorf("%+v", n)
	}
	r.becomeConnected()
	if !r.s.TroubleSince.IsZero() {
		t.Errorf("still trouble since %v", r.s.TroubleSince)
	}
	r.hold(2 * time.Hour)
	if got := r.reminders(began); len(got) != 1 {
		t.Errorf("told again after %v", got)
	}
}

func TestANoticeIsNotFollowedByAReminderAtOnce(t *testing.T) {
	r := newConnected(t)
	began := r.now
	r.becomeCutOff()
	r.hold(4*time.Minute + 30*time.Second)
	r.becomeDown()
	r.hold(40 * time.Minute)
	if got := r.reminders(began); !slices.Equal(got, []time.Duration{30 * time.Minute}) {
		t.Errorf("told again after %v", got)
	}
}

func TestAClockSetBackDoesNotDelayReminders(t *testing.T) {
	r := newConnected(t)
	r.becomeDown()
	r.hold(time.Minute)
	r.now = r.now.Add(-3 * time.Hour)
	began := r.now
	r.hold(40 * time.Minute)
	if got := r.reminders(began); !slices.Equal(got, []time.Duration{5 * time.Minute, 30 * time.Minute}) {
		t.Errorf("told again after %v", got)
	}
}
