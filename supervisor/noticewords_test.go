package supervisor

import (
	"testing"
	"time"
)

func TestARecoveryTellsHowLongTheAPICouldNotBeUsed(t *testing.T) {
	for name, c := range map[string]struct {
		happens func(*harness)
		want    string
	}{
		"it ended before Gatelight ran": {func(r *harness) {
			r.s = New(r.p, r.now)
			r.view = PortView{}
			r.look()
			r.event(GatewayEnded{Exit: Exit{At: r.now.Add(-20 * time.Minute), Status: 137, Why: "it was killed"}, Before: true})
		}, "The API answers again after 20 min."},
		"blocked, then cleared": {func(r *harness) {
			r.becomeZombies()
			r.hold(10 * time.Minute)
			r.event(ActionEnded{ID: r.ask(ClearZombies), Action: ClearZombies})
			r.restarts()
		}, "The Gateway was restarted without a new login; the API answers again after 10 min."},
		"there for hours, and cleared though they did no harm": {func(r *harness) {
			r.listen(harmlessZombie)
			r.hold(10 * time.Minute)
			r.event(ActionEnded{ID: r.ask(ClearZombies), Action: ClearZombies})
			r.restarts()
		}, "The Gateway was restarted without a new login; the API answers again after 21 s."},
		"there for hours, and gone by themselves": {func(r *harness) {
			r.listen(harmlessZombie)
			r.hold(10 * time.Minute)
		}, "The zombies are gone."},
		"there for hours, and blocking for a moment": {func(r *harness) {
			r.listen(harmlessZombie)
			r.hold(10 * time.Minute)
			r.now = r.now.Add(r.p.HeartbeatLate)
			r.look()
			if r.s.State != Zombies || !r.s.Blocking {
				t.Errorf("%s, blocking %v", r.s.State, r.s.Blocking)
			}
			r.event(HeartbeatAnswered{RTT: time.Millisecond})
			r.hold(10 * time.Minute)
		}, "The zombies are gone."},
		"cut off": {func(r *harness) {
			r.becomeCutOff()
			r.hold(10 * time.Minute)
		}, "IBKR is reached again after 10 min."},
		"cut off, then down": {func(r *harness) {
			r.becomeCutOff()
			r.hold(10 * time.Minute)
			r.becomeDown()
			r.hold(2 * time.Minute)
		}, "The API answers again after 2 min."},
	} {
		r := newHarness(t)
		r.asIBC()
		r.becomeConnected()
		r.hold(5 * time.Second)
		c.happens(r)
		r.becomeConnected()
		if n := r.last(); n.Body != c.want {
			t.Errorf("%s: %q, want %q", name, n.Body, c.want)
		}
	}
}

// Being cut off lasted too short to be told, so that the recovery does not name
// it.
func TestARecoveryNamesOnlyWhatWasToldBefore(t *testing.T) {
	r := newConnected(t)
	r.becomeDown()
	r.hold(10 * time.Minute)
	r.becomeConnected() // the API answers; IBKR is not reached for a second
	r.becomeDown()
	r.hold(10 * time.Minute)
	r.listen()
	for r.s.API.State != SessionConnecting {
		r.hold(250 * time.Millisecond)
	}
	r.event(CodeReceived{Code: 1100, Link: LinkDown})
	r.event(SessionReady{ServerVersion: 187})
	r.hold(time.Second)
	r.event(CodeReceived{Code: 1102, Link: LinkUp})
	if n := r.last(); n.Kind != NoticeRecovery || n.Body != "The API can be used again after 10 min." {
		t.Errorf("people were told %+v", n)
	}
}
