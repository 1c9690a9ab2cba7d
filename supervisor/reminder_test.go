package supervisor

import (
	"slices"
	"testing"
	"time"
)

// reminders are when people were told again, counted from a time.
func (r *harness) reminders(since time.Time) (after []time.Duration) {
	for _, n := range r.s.Notices {
		if n.Kind == NoticeReminder {
			after = append(after, n.At.Sub(since).Truncate(time.Minute))
		}
	}
	return after
}

func TestWhatLastsIsSaidAgain(t *testing.T) {
	cases := map[string]struct {
		into func(*harness)
		want bool
	}{
		"down":              {(*harness).becomeDown, true},
		"cut off":           {(*harness).becomeCutOff, true},
		"no answer":         {func(r *harness) { r.closeSession(); r.event(SessionStarted{}) }, true},
		"it cannot be seen": {(*harness).becomeUnknown, true},
		"zombies that do not harm": {func(r *harness) {
			harmless := zombiePeer
			harmless.Unread = 0
			r.listen(harmless)
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
		r := newHarness(t)
		r.ours()
		r.becomeConnected()
		r.hold(5 * time.Second)
		began := r.now
		c.into(r)
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
				t.Errorf("%s: %q is another bubble than %q", name, n.Title, r.s.Notices[0].Title)
			}
		}
	}
}

func TestRemindersEndWithTheTrouble(t *testing.T) {
	r := newHarness(t)
	r.becomeConnected()
	r.hold(5 * time.Second)
	began := r.now
	r.becomeDown()
	r.hold(6 * time.Minute)
	if !r.s.TroubleSince.Equal(began) {
		t.Errorf("trouble since %v, want %v", r.s.TroubleSince, began)
	}
	if n := r.s.Notices[len(r.s.Notices)-1]; n.Title != "Gateway paper: still down" || !n.Urgent {
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

func TestNewsIsNotFollowedByAReminderAtOnce(t *testing.T) {
	r := newHarness(t)
	r.becomeConnected()
	r.hold(5 * time.Second)
	began := r.now
	r.becomeCutOff()
	r.hold(4*time.Minute + 30*time.Second)
	r.becomeDown()
	r.hold(40 * time.Minute)
	if got := r.reminders(began); !slices.Equal(got, []time.Duration{30 * time.Minute}) {
		t.Errorf("told again after %v", got)
	}
}

func TestAClockThatIsSetBackKeepsNoReminderBack(t *testing.T) {
	r := newHarness(t)
	r.becomeConnected()
	r.hold(5 * time.Second)
	r.becomeDown()
	r.hold(time.Minute)
	r.now = r.now.Add(-3 * time.Hour)
	began := r.now
	r.hold(40 * time.Minute)
	if got := r.reminders(began); !slices.Equal(got, []time.Duration{5 * time.Minute, 30 * time.Minute}) {
		t.Errorf("told again after %v", got)
	}
}

// The drop was too short to be told; the login is what people hear of.
func TestAnApprovalAskedForRightAfterADropIsTakenBack(t *testing.T) {
	r := newHarness(t)
	r.ours()
	r.becomeConnected()
	r.hold(5 * time.Second)
	r.closeSession()
	r.becomeStarting()
	r.hold(time.Second)
	r.event(PhaseSeen{Phase: TwoFactor})
	r.hold(time.Minute)
	r.becomeConnected()
	if got := r.notices(); !slices.Equal(got, []NoticeKind{NoticeTwoFactor, NoticeRecovery}) {
		t.Errorf("told %v", got)
	}
}

func TestKeepRunningIsTurnedOnAndOff(t *testing.T) {
	r := newHarness(t)
	r.ours()
	r.becomeConnected()
	r.event(ActionRequested{ID: 7, Action: KeepRunningOn})
	if got := effectsOf[SaveKeepRunning](r); len(got) != 1 || got[0] != (SaveKeepRunning{ID: 7, KeepRunning: true}) || !r.s.KeepRunning {
		t.Fatalf("keep %v, %+v", r.s.KeepRunning, got)
	}
	r.event(KeepRunningSaved{ID: 7})
	r.becomeDown()
	r.hold(time.Second)
	if r.s.Next == nil || r.s.Next.Action != NextStart {
		t.Errorf("next: %+v, want a start", r.s.Next)
	}
	r.event(ActionRequested{ID: 8, Action: KeepRunningOff})
	r.event(KeepRunningSaved{ID: 8, Err: "the disk is full"})
	r.hold(time.Minute)
	if r.s.Next != nil || r.s.KeepRunning || len(effectsOf[PerformAction](r)) != 0 {
		t.Errorf("next: %+v, acts %+v; want it left alone", r.s.Next, effectsOf[PerformAction](r))
	}
	const unsaved = "cannot change whether paper is kept running: it holds until Gatelight ends, but not after that: the disk is full"
	if got := effectsOf[Reply](r); len(got) != 2 || got[0] != (Reply{ID: 7}) || got[1].ID != 8 || errorText(got[1].Err) != unsaved {
		t.Errorf("the one who asked heard %+v", got)
	}
}
