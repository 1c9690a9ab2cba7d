package supervisor

import (
	"testing"
	"time"
)

func TestSomebodyElsesGatewayIsNotStartedAgain(t *testing.T) {
	h := newConnected(t)
	h.s.mem.logins.keepRunning = true
	h.event(ActionEnded{ID: h.ask(Restart), Action: Restart})
	h.clear()
	h.becomeDown() // its own script restarts it; Gatelight does not see how
	h.hold(time.Minute)
	h.wantTold("in the first minute")
	if acts := h.actions(); len(acts) != 0 {
		t.Errorf("in the first minute Gatelight did %+v", acts)
	}
	h.hold(h.p.StartTimeout)
	h.wantTold("when it does not come back", NoticeDrop)
	if acts := h.actions(); len(acts) != 0 {
		t.Errorf("when it does not come back, Gatelight did %+v", acts)
	}
}

func TestACrashBeforeGatelightRanIsToldAndStartedAgain(t *testing.T) {
	h := newHarness(t)
	h.s.mem.logins.keepRunning = true
	h.event(LoginSeen{At: h.now.Add(-10 * time.Minute)})
	h.event(GatewayEnded{Exit: Exit{At: h.now.Add(-time.Minute), Status: 137, Why: "it was killed"}, Before: true})
	h.look()
	h.hold(h.p.StartRetry[0] + time.Second)
	if start := h.wantOnly(Start); !start.Unattended {
		t.Errorf("%+v, want an unattended start", start)
	}
	h.wantTold("after the crash", NoticeDrop)
	if h.s.Logins != 2 {
		t.Errorf("%d logins are counted, want 2", h.s.Logins)
	}
}

// Gatelight had started the Gateway that ended. The one that listens now was
// started by somebody else since.
func TestAnEndBeforeGatelightRanDoesNotMakeALaterGatewayOurs(t *testing.T) {
	h := newHarness(t)
	h.s.mem.logins.keepRunning = true
	h.listen()
	h.look()
	h.event(GatewayEnded{Exit: Exit{At: h.now, Status: 137, Why: "it was killed"}, Before: true})
	h.view = PortView{}
	h.hold(time.Minute)
	if acts := h.actions(); len(acts) != 0 {
		t.Errorf("%+v, though that Gateway was somebody else's", acts)
	}
}
