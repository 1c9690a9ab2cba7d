package supervisor

import (
	"testing"
	"time"
)

func TestARecoveryTellsHowLongTheAPICouldNotBeUsed(t *testing.T) {
	computesMuch(t)
	for name, c := range map[string]struct {
		happens func(*harness)
		want    string
	}{
		"it ended before Gatelight ran": {func(h *harness) {
			h.s = New(h.p, h.now)
			h.view = PortView{}
			h.look()
			h.event(GatewayEnded{Exit: Exit{At: h.now.Add(-20 * time.Minute), Status: 137, Why: "it was killed"}, Before: true})
		}, "The API answers again after 20 min."},
		"blocked, then cleared": {func(h *harness) {
			h.becomeZombies()
			h.hold(10 * time.Minute)
			h.event(ActionEnded{ID: h.ask(ClearZombies), Action: ClearZombies})
			h.restarts()
		}, "The Gateway was restarted without a new login; the API answers again after 10 min."},
		"there for hours, and cleared though they did no harm": {func(h *harness) {
			h.listen(harmlessZombie)
			h.hold(10 * time.Minute)
			h.event(ActionEnded{ID: h.ask(ClearZombies), Action: ClearZombies})
			h.restarts()
		}, "The Gateway was restarted without a new login; the API answers again after 21 s."},
		"there for hours, and gone by themselves": {func(h *harness) {
			h.listen(harmlessZombie)
			h.hold(10 * time.Minute)
		}, "The zombies are gone."},
		"there for hours, and blocking for a moment": {func(h *harness) {
			h.listen(harmlessZombie)
			h.hold(10 * time.Minute)
			h.now = h.now.Add(h.p.HeartbeatLate)
			h.look()
			if h.s.State != Zombies || !h.s.Blocking {
				t.Errorf("%s, blocking %v", h.s.State, h.s.Blocking)
			}
			h.event(HeartbeatAnswered{RTT: time.Millisecond})
			h.hold(10 * time.Minute)
		}, "The zombies are gone."},
		"cut off": {func(h *harness) {
			h.becomeCutOff()
			h.hold(10 * time.Minute)
		}, "IBKR is reached again after 10 min."},
		"cut off, then down": {func(h *harness) {
			h.becomeCutOff()
			h.hold(10 * time.Minute)
			h.becomeDown()
			h.hold(2 * time.Minute)
		}, "The API answers again after 2 min."},
	} {
		h := newHarness(t)
		h.asIBC()
		h.becomeConnected()
		h.hold(5 * time.Second)
		c.happens(h)
		h.becomeConnected()
		if n := h.last(); n.Body != c.want {
			t.Errorf("%s: %q, want %q", name, n.Body, c.want)
		}
	}
}

// Being cut off lasted too short to be told, so that the recovery does not name
// it.
func TestARecoveryNamesOnlyWhatWasToldBefore(t *testing.T) {
	h := newConnected(t)
	h.becomeDown()
	h.hold(10 * time.Minute)
	h.becomeConnected() // the API answers; IBKR is not reached for a second
	h.becomeDown()
	h.hold(10 * time.Minute)
	h.listen()
	for h.s.API.State != SessionConnecting {
		h.hold(250 * time.Millisecond)
	}
	h.event(CodeReceived{Code: 1100, Link: LinkDown})
	h.event(SessionReady{ServerVersion: 187})
	h.hold(time.Second)
	h.event(CodeReceived{Code: 1102, Link: LinkUp})
	if n := h.last(); n.Kind != NoticeRecovery || n.Body != "The API can be used again after 10 min." {
		t.Errorf("people were told %+v", n)
	}
}
