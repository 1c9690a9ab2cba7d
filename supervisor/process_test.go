package supervisor

import (
	"testing"
	"time"
)

func TestSomebodyElsesGatewayIsNotStartedAgain(t *testing.T) {
	r := newConnected(t)
	r.s.mem.logins.keepRunning = true
	r.event(ActionEnded{ID: r.ask(Restart), Action: Restart})
	r.clear()
	r.becomeDown() // it comes back by its own script, out of our sight
	r.hold(time.Minute)
	if acts := effectsOf[PerformAction](r); len(acts) != 0 || len(r.s.Notices) != 0 {
		t.Errorf("did %+v, people heard %+v", acts, r.s.Notices)
	}
	r.hold(r.p.StartTimeout)
	r.wantTold("when it does not come back", NoticeDrop)
	if acts := effectsOf[PerformAction](r); len(acts) != 0 {
		t.Errorf("when it does not come back, Gatelight did %+v", acts)
	}
}

func TestACrashBeforeGatelightRanIsToldAndStartedAgain(t *testing.T) {
	r := newHarness(t)
	r.s.mem.logins.keepRunning = true
	r.event(LoginSeen{At: r.now.Add(-10 * time.Minute)})
	r.event(GatewayEnded{Exit: Exit{At: r.now.Add(-time.Minute), Status: 137, Why: "it was killed"}, Before: true})
	r.look()
	r.hold(r.p.StartRetry[0] + time.Second)
	if acts := effectsOf[PerformAction](r); len(acts) != 1 || acts[0].Action != Start || !acts[0].Unattended {
		t.Errorf("%+v, want it started again", acts)
	}
	r.wantTold("after the crash", NoticeDrop)
	if r.s.Logins != 2 {
		t.Errorf("%d logins are counted, want 2", r.s.Logins)
	}
}

// What an earlier Gatelight has seen end is not ours any more when somebody has
// started another one since.
func TestAnEndBeforeGatelightRanDoesNotMakeALaterGatewayOurs(t *testing.T) {
	r := newHarness(t)
	r.s.mem.logins.keepRunning = true
	r.listen()
	r.look()
	r.event(GatewayEnded{Exit: Exit{At: r.now, Status: 137, Why: "it was killed"}, Before: true})
	r.view = PortView{}
	r.hold(time.Minute)
	if acts := effectsOf[PerformAction](r); len(acts) != 0 {
		t.Errorf("%+v, though that Gateway was somebody else's", acts)
	}
}
