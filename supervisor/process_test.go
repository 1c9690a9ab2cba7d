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
	r.becomeDown() // its own script restarts it; Gatelight does not see how
	r.hold(time.Minute)
	r.wantTold("in the first minute")
	if acts := r.actions(); len(acts) != 0 {
		t.Errorf("in the first minute Gatelight did %+v", acts)
	}
	r.hold(r.p.StartTimeout)
	r.wantTold("when it does not come back", NoticeDrop)
	if acts := r.actions(); len(acts) != 0 {
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
	if start := r.wantOnly(Start); !start.Unattended {
		t.Errorf("%+v, want an unattended start", start)
	}
	r.wantTold("after the crash", NoticeDrop)
	if r.s.Logins != 2 {
		t.Errorf("%d logins are counted, want 2", r.s.Logins)
	}
}

// Gatelight had started the Gateway that ended. The one that listens now was
// started by somebody else since.
func TestAnEndBeforeGatelightRanDoesNotMakeALaterGatewayOurs(t *testing.T) {
	r := newHarness(t)
	r.s.mem.logins.keepRunning = true
	r.listen()
	r.look()
	r.event(GatewayEnded{Exit: Exit{At: r.now, Status: 137, Why: "it was killed"}, Before: true})
	r.view = PortView{}
	r.hold(time.Minute)
	if acts := r.actions(); len(acts) != 0 {
		t.Errorf("%+v, though that Gateway was somebody else's", acts)
	}
}
