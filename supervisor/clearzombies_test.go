package supervisor

import (
	"strings"
	"testing"
	"time"
)

func TestClearingIsDoneWhenTheAPIAnswers(t *testing.T) {
	h := newHarness(t)
	h.asIBC()
	h.becomeZombies()
	h.event(ActionEnded{ID: h.ask(ClearZombies), Action: ClearZombies})
	if n := len(effectsOf[Reply](h)); n != 0 {
		t.Fatal("answered when IBC had accepted the command")
	}
	if why := h.s.Refusal(Restart); why == nil || why.Text != "a clear-zombies is under way" {
		t.Errorf("a restart meanwhile: %q", why)
	}
	h.hold(5 * time.Second) // IBC waits until the minute is over; the zombies are still there
	if n := len(effectsOf[Reply](h)); n != 0 || h.s.State != Zombies {
		t.Fatalf("%s: answered before the restart", h.s.State)
	}
	h.restarts()
	if n := len(effectsOf[Reply](h)); n != 0 {
		t.Fatal("answered before the API answered")
	}
	h.becomeConnected()
	replies := effectsOf[Reply](h)
	if len(replies) != 1 || replies[0].Err != nil || h.s.Busy != "" {
		t.Errorf("%+v, busy with %q", replies, h.s.Busy)
	}
	if n := h.last(); !strings.HasPrefix(n.Title, "Zombies cleared") || n.ID != h.s.Notices[0].ID {
		t.Errorf("people were told %+v", h.s.Notices)
	}
}

func TestClearingThatDoesNotHelpFails(t *testing.T) {
	h := newHarness(t)
	h.asIBC()
	h.becomeZombies()
	h.event(ActionEnded{ID: h.ask(ClearZombies), Action: ClearZombies})
	h.hold(h.p.StartTimeout + time.Second)
	replies := effectsOf[Reply](h)
	if len(replies) != 1 || errorText(replies[0].Err) != "cannot clear the zombies of paper: 4 min after IBC was told to restart, the Gateway is API blocked" || h.s.Busy != "" {
		t.Errorf("%+v", replies)
	}
}

func TestClearingIsRefusedWhereItCannotWork(t *testing.T) {
	newYork := eastern()
	for name, c := range map[string]struct {
		reach func(*harness)
		want  string
	}{
		"without zombies":            {func(h *harness) { h.asIBC(); h.becomeConnected() }, "there are no zombies"},
		"while the state is unknown": {func(h *harness) { h.asIBC(); h.becomeZombies(); h.becomeUnknown() }, "the state is unknown"},
		"where it needs a login": {func(h *harness) { h.ours(); h.becomeZombies() },
			"a restart needs a new login"},
		"without controls": {func(h *harness) {
			h.becomeZombies()
			h.event(GatewaySeen{PID: 4711, By: ByOther})
		}, "close it by hand"},
		"when the week's login has ended": {func(h *harness) {
			h.now = time.Date(2026, 11, 28, 12, 0, 0, 0, newYork) // Saturday
			h.asIBC()
			h.now = time.Date(2026, 11, 29, 1, 0, 0, 0, newYork) // Sunday
			h.becomeZombies()
		}, "the week's login has ended"},
	} {
		h := newHarness(t)
		c.reach(h)
		h.clear()
		h.event(ActionRequested{ID: 99, Action: ClearZombies})
		replies := effectsOf[Reply](h)
		if len(h.actions()) != 0 || len(replies) != 1 || !strings.Contains(errorText(replies[0].Err), c.want) {
			t.Errorf("%s: %+v, want %q", name, replies, c.want)
		}
	}
	h := newHarness(t) // the Gateway has logged in again that Sunday
	h.now = time.Date(2026, 11, 29, 1, 30, 0, 0, newYork)
	h.asIBC()
	h.now = time.Date(2026, 11, 29, 14, 0, 0, 0, newYork)
	h.becomeZombies()
	h.ask(ClearZombies)
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
		h := newHarness(t)
		h.p.ClearAuto = c.auto
		h.asIBC()
		h.becomeConnected()
		h.listen(zombiePeer)
		if !c.blocking {
			h.listen(harmlessZombie)
		}
		h.hold(h.p.ZombieAfter + clearAfter - time.Second)
		if n := len(h.actions()); n != 0 {
			t.Errorf("%s: cleared at once", name)
		}
		h.hold(2 * time.Second)
		if acts := h.actions(); len(acts) != c.want || c.want > 0 && acts[0].Action != ClearZombies {
			t.Errorf("%s: %+v, want %d", name, acts, c.want)
		}
	}
}

// If zombies come back again and again, a restart does not help.
func TestClearingWithoutARequestHasAnHourlyLimit(t *testing.T) {
	h := newHarness(t)
	h.p.ClearAuto = true
	h.asIBC()
	for range 8 {
		h.becomeConnected()
		h.hold(clearPause)
		h.listen(zombiePeer)
		h.hold(30 * time.Second)
		if acts := h.actions(); len(acts) > 0 && h.s.Busy != "" {
			h.event(ActionEnded{ID: acts[len(acts)-1].ID, Action: ClearZombies})
			h.restarts()
		} else {
			h.listen()
			h.look()
		}
	}
	if n := len(h.actions()); n != maxClearings {
		t.Errorf("cleared %d times in less than an hour, want %d", n, maxClearings)
	}
	gaveUp := 0
	for _, e := range effectsOf[Record](h) {
		if e.Entry.Kind == "notice" && strings.Contains(e.Entry.Text, "Zombies come back") {
			gaveUp++
		}
	}
	if gaveUp != 1 {
		t.Errorf("people were told %d times that it has not helped", gaveUp)
	}
}

// A failure that may pass does not end the attempts.
func TestClearingWithoutARequestPausesBetweenAttempts(t *testing.T) {
	h := newHarness(t)
	h.p.ClearAuto = true
	h.asIBC()
	h.becomeZombies()
	h.hold(clearAfter)
	h.event(ActionEnded{ID: h.actions()[0].ID, Action: ClearZombies, Err: failed("it is not known whose command server there is")})
	h.hold(time.Minute)
	if n := len(h.actions()); n != 1 {
		t.Errorf("tried %d times in a minute", n)
	}
	h.hold(clearPause)
	if n := len(h.actions()); n != 2 {
		t.Errorf("tried %d times after the pause", n)
	}
}

func TestClearingFailsWhenTheGatewayEnds(t *testing.T) {
	for name, c := range map[string]struct {
		happens  func(*harness)
		want     string
		expected bool // that it is down
	}{
		"it ends":             {func(h *harness) { h.becomeDown() }, "cannot clear the zombies of paper: the Gateway ended instead of restarting: it was killed", false},
		"somebody sends STOP": {func(h *harness) { h.event(PlannedEndSeen{}); h.close() }, "cannot clear the zombies of paper: somebody has stopped the Gateway meanwhile", true},
	} {
		h := newHarness(t)
		h.asIBC()
		h.becomeZombies()
		h.event(ActionEnded{ID: h.ask(ClearZombies), Action: ClearZombies})
		c.happens(h)
		replies := effectsOf[Reply](h)
		if len(replies) != 1 || errorText(replies[0].Err) != c.want || h.s.Busy != "" || h.s.Expected != c.expected {
			t.Errorf("%s: %+v, busy with %q, expected %v", name, replies, h.s.Busy, h.s.Expected)
		}
		if why := h.s.Refusal(Start); why != nil {
			t.Errorf("%s: it cannot be started: %s", name, why)
		}
	}
}

func TestAClockSetBackDoesNotDelayTheEndOfClearing(t *testing.T) {
	h := newHarness(t)
	h.asIBC()
	h.becomeZombies()
	h.event(ActionEnded{ID: h.ask(ClearZombies), Action: ClearZombies})
	h.now = h.now.Add(-2 * time.Hour)
	h.event(TimerFired{})
	h.restarts()
	h.becomeConnected()
	if replies := effectsOf[Reply](h); len(replies) != 1 || replies[0].Err != nil {
		t.Errorf("%+v, busy with %q", replies, h.s.Busy)
	}
}
