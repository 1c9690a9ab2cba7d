package supervisor

import (
	"strings"
	"testing"
	"time"
)

func TestClearingIsDoneWhenTheAPIAnswers(t *testing.T) {
	r := newHarness(t)
	r.asIBC()
	r.becomeZombies()
	r.event(ActionEnded{ID: r.ask(ClearZombies), Action: ClearZombies})
	if n := len(effectsOf[Reply](r)); n != 0 {
		t.Fatal("answered when IBC had accepted the command")
	}
	if why := r.s.Refusal(Restart); why == nil || why.Text != "a clear-zombies is under way" {
		t.Errorf("a restart meanwhile: %q", why)
	}
	r.hold(5 * time.Second) // IBC waits until the minute is over; the zombies are still there
	if n := len(effectsOf[Reply](r)); n != 0 || r.s.State != Zombies {
		t.Fatalf("%s: answered before the restart", r.s.State)
	}
	r.restarts()
	if n := len(effectsOf[Reply](r)); n != 0 {
		t.Fatal("answered before the API answered")
	}
	r.becomeConnected()
	replies := effectsOf[Reply](r)
	if len(replies) != 1 || replies[0].Err != nil || r.s.Busy != "" {
		t.Errorf("%+v, busy with %q", replies, r.s.Busy)
	}
	if n := r.last(); !strings.HasSuffix(n.Title, "zombies cleared") || n.ID != r.s.Notices[0].ID {
		t.Errorf("people were told %+v", r.s.Notices)
	}
}

func TestClearingThatDoesNotHelpFails(t *testing.T) {
	r := newHarness(t)
	r.asIBC()
	r.becomeZombies()
	r.event(ActionEnded{ID: r.ask(ClearZombies), Action: ClearZombies})
	r.hold(r.p.StartTimeout + time.Second)
	replies := effectsOf[Reply](r)
	if len(replies) != 1 || errorText(replies[0].Err) != "cannot clear the zombies of paper: 4 min after IBC was told to restart, the Gateway is blocked by zombies" || r.s.Busy != "" {
		t.Errorf("%+v", replies)
	}
}

func TestClearingIsRefusedWhereItCannotWork(t *testing.T) {
	newYork := eastern()
	for name, c := range map[string]struct {
		reach func(*harness)
		want  string
	}{
		"without zombies":            {func(r *harness) { r.asIBC(); r.becomeConnected() }, "there are no zombies"},
		"while the state is unknown": {func(r *harness) { r.asIBC(); r.becomeZombies(); r.becomeUnknown() }, "the state is unknown"},
		"where it needs a login": {func(r *harness) { r.ours(); r.becomeZombies() },
			"a restart needs a new login"},
		"without controls": {func(r *harness) {
			r.becomeZombies()
			r.event(GatewaySeen{PID: 4711, By: ByOther})
		}, "close it by hand"},
		"when the week's login has ended": {func(r *harness) {
			r.now = time.Date(2026, 11, 28, 12, 0, 0, 0, newYork) // Saturday
			r.asIBC()
			r.now = time.Date(2026, 11, 29, 1, 0, 0, 0, newYork) // Sunday
			r.becomeZombies()
		}, "the week's login has ended"},
	} {
		r := newHarness(t)
		c.reach(r)
		r.clear()
		r.event(ActionRequested{ID: 99, Action: ClearZombies})
		replies := effectsOf[Reply](r)
		if len(r.actions()) != 0 || len(replies) != 1 || !strings.Contains(errorText(replies[0].Err), c.want) {
			t.Errorf("%s: %+v, want %q", name, replies, c.want)
		}
	}
	r := newHarness(t) // the Gateway has logged in again that Sunday
	r.now = time.Date(2026, 11, 29, 1, 30, 0, 0, newYork)
	r.asIBC()
	r.now = time.Date(2026, 11, 29, 14, 0, 0, 0, newYork)
	r.becomeZombies()
	r.ask(ClearZombies)
}

func TestOnlyBlockingZombiesAreClearedWithoutARequest(t *testing.T) {
	for name, c := range map[string]struct {
		auto, blocking bool
		want           int
	}{
		"set, and they block":      {true, true, 1},
		"not set":                  {false, true, 0},
		"set, and they do no harm": {true, false, 0},
	} {
		r := newHarness(t)
		r.p.ClearAuto = c.auto
		r.asIBC()
		r.becomeConnected()
		r.listen(zombiePeer)
		if !c.blocking {
			r.listen(harmlessZombie)
		}
		r.hold(r.p.ZombieAfter + clearAfter - time.Second)
		if n := len(r.actions()); n != 0 {
			t.Errorf("%s: cleared at once", name)
		}
		r.hold(2 * time.Second)
		if acts := r.actions(); len(acts) != c.want || c.want > 0 && acts[0].Action != ClearZombies {
			t.Errorf("%s: %+v, want %d", name, acts, c.want)
		}
	}
}

// If zombies come back again and again, a restart does not help.
func TestClearingWithoutARequestHasAnHourlyLimit(t *testing.T) {
	r := newHarness(t)
	r.p.ClearAuto = true
	r.asIBC()
	for range 8 {
		r.becomeConnected()
		r.hold(clearPause)
		r.listen(zombiePeer)
		r.hold(30 * time.Second)
		if acts := r.actions(); len(acts) > 0 && r.s.Busy != "" {
			r.event(ActionEnded{ID: acts[len(acts)-1].ID, Action: ClearZombies})
			r.restarts()
		} else {
			r.listen()
			r.look()
		}
	}
	if n := len(r.actions()); n != maxClearings {
		t.Errorf("cleared %d times in less than an hour, want %d", n, maxClearings)
	}
	gaveUp := 0
	for _, e := range effectsOf[Record](r) {
		if e.Entry.Kind == "notice" && strings.Contains(e.Entry.Text, "zombies come back") {
			gaveUp++
		}
	}
	if gaveUp != 1 {
		t.Errorf("people were told %d times that it has not helped", gaveUp)
	}
}

// A failure that may pass does not end the attempts.
func TestClearingWithoutARequestPausesBetweenAttempts(t *testing.T) {
	r := newHarness(t)
	r.p.ClearAuto = true
	r.asIBC()
	r.becomeZombies()
	r.hold(clearAfter)
	r.event(ActionEnded{ID: r.actions()[0].ID, Action: ClearZombies, Err: failed("it is not known whose command server there is")})
	r.hold(time.Minute)
	if n := len(r.actions()); n != 1 {
		t.Errorf("tried %d times in a minute", n)
	}
	r.hold(clearPause)
	if n := len(r.actions()); n != 2 {
		t.Errorf("tried %d times after the pause", n)
	}
}

func TestClearingFailsWhenTheGatewayEnds(t *testing.T) {
	for name, c := range map[string]struct {
		happens  func(*harness)
		want     string
		expected bool // that it is down
	}{
		"it ends":             {func(r *harness) { r.becomeDown() }, "cannot clear the zombies of paper: the Gateway ended instead of restarting: it was killed", false},
		"somebody sends STOP": {func(r *harness) { r.event(StopCommandSeen{}); r.becomeDown() }, "cannot clear the zombies of paper: somebody has stopped the Gateway meanwhile", true},
	} {
		r := newHarness(t)
		r.asIBC()
		r.becomeZombies()
		r.event(ActionEnded{ID: r.ask(ClearZombies), Action: ClearZombies})
		c.happens(r)
		replies := effectsOf[Reply](r)
		if len(replies) != 1 || errorText(replies[0].Err) != c.want || r.s.Busy != "" || r.s.Expected != c.expected {
			t.Errorf("%s: %+v, busy with %q, expected %v", name, replies, r.s.Busy, r.s.Expected)
		}
		if why := r.s.Refusal(Start); why != nil {
			t.Errorf("%s: it cannot be started: %s", name, why)
		}
	}
}

func TestAClockSetBackDoesNotDelayTheEndOfClearing(t *testing.T) {
	r := newHarness(t)
	r.asIBC()
	r.becomeZombies()
	r.event(ActionEnded{ID: r.ask(ClearZombies), Action: ClearZombies})
	r.now = r.now.Add(-2 * time.Hour)
	r.event(TimerFired{})
	r.restarts()
	r.becomeConnected()
	if replies := effectsOf[Reply](r); len(replies) != 1 || replies[0].Err != nil {
		t.Errorf("%+v, busy with %q", replies, r.s.Busy)
	}
}
