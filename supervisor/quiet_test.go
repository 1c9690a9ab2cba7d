package supervisor

import (
	"testing"
	"time"
)

func TestARestartIsToldOnlyWhenItTakesTooLong(t *testing.T) {
	starts := map[string]func(*harness){
		"asked for": func(h *harness) {
			h.event(ActionEnded{ID: h.ask(Restart), Action: Restart})
		},
		"the nightly one": func(h *harness) { h.event(PhaseSeen{Phase: Restarting}) },
	}
	for name, start := range starts {
		h := newHarness(t)
		h.becomeStarting()
		h.becomeConnected()
		h.hold(time.Second)
		start(h)
		h.becomeStarting()
		h.hold(time.Minute)
		h.becomeConnected()
		h.hold(time.Minute)
		h.wantTold(name + ": in time")
		start(h)
		h.becomeStarting()
		h.hold(h.p.StartTimeout + h.p.FlapAfter + time.Second)
		h.wantTold(name+": when it takes too long", NoticeDrop)
	}
}

// newAskedToStop is a Gateway of Gatelight's that was connected for a second when
// the user asked for a stop, by request 3. The effects are those of the request.
func newAskedToStop(t *testing.T) *harness {
	h := newHarness(t)
	h.becomeStarting()
	h.becomeConnected()
	h.hold(time.Second)
	h.clear()
	h.event(ActionRequested{ID: 3, Action: Stop})
	return h
}

func TestARequestedStopIsNotTold(t *testing.T) {
	h := newAskedToStop(t)
	h.event(SessionClosed{Why: "bye"})
	h.view = PortView{}
	h.hold(5 * time.Second)
	h.event(GatewayEnded{Exit: Exit{At: h.now, Why: "it closed normally"}})
	h.event(ActionEnded{ID: h.actions()[0].ID, Action: Stop})
	h.hold(time.Minute)
	h.wantDown(true)
	h.wantTold("after the stop")
	if got := effectsOf[Reply](h); len(got) != 1 || got[0] != (Reply{ID: 3}) {
		t.Errorf("the request was answered with %+v", got)
	}
}

func TestADropAfterAFailedStopIsTold(t *testing.T) {
	h := newAskedToStop(t)
	h.event(ActionEnded{ID: h.actions()[0].ID, Action: Stop, Err: failed("no")})
	h.becomeDown()
	h.hold(time.Second)
	h.wantTold("after the drop", NoticeFailed, NoticeDrop)
	if h.s.Expected {
		t.Error("it is expected")
	}
}

func TestASlowStopIsNotTold(t *testing.T) {
	for _, who := range []string{"the user", "somebody else"} {
		h := newConnectedOurs(t)
		if who == "the user" {
			h.ask(Stop)
		}
		h.event(PlannedEndSeen{})
		h.event(SessionClosed{Why: "the Gateway closed the connection"})
		h.hold(30 * time.Second) // it logs out at IBKR; its port is still open
		h.wantTold(who + " stops it, and its port is still open")
	}
}

func TestAfterAStopWithoutEffectTheGatewayShouldRun(t *testing.T) {
	h := newHarness(t)
	h.ours()
	h.becomeConnected()
	h.event(PlannedEndSeen{})
	h.hold(h.p.StartTimeout + time.Minute)
	h.becomeDown()
	h.wantTold("after the drop", NoticeDrop)
	if h.s.Expected {
		t.Error("it is expected")
	}
}

func TestARestartByStopAndStartIsToldWhenItTakesTooLong(t *testing.T) {
	h := newConnectedOurs(t)
	id := h.ask(Restart)
	h.becomeDown()
	h.hold(2 * time.Second)
	h.ours()
	h.event(ActionEnded{ID: id, Action: Restart})
	h.hold(time.Minute)
	h.wantTold("in time")
	h.hold(h.p.StartTimeout)
	h.wantTold("when it takes too long", NoticeDrop)
}

// After a sleep a look comes at once, but the heartbeat only after its
// interval.
func TestWakingUpIsToldOnlyIfTheAPIDoesNotAnswer(t *testing.T) {
	h := newConnected(t)
	h.now = h.now.Add(8 * time.Hour)
	h.event(TimerFired{})
	for range 4 * 5 {
		h.now = h.now.Add(250 * time.Millisecond)
		h.look()
	}
	h.event(HeartbeatAnswered{RTT: time.Millisecond})
	h.wantTold("when the API answers")
	if h.s.State != Connected {
		t.Errorf("%s, want connected", h.s.State)
	}
	h.now = h.now.Add(8 * time.Hour)
	h.event(TimerFired{})
	for range 4 * 20 { // and this time nobody answers
		h.now = h.now.Add(250 * time.Millisecond)
		h.look()
	}
	h.wantTold("when the API does not answer", NoticeDrop)
}

// The port stays open for a moment after its process has ended. A look may come
// in that moment.
func TestALookWhileAStoppedProcessEndsIsNotTold(t *testing.T) {
	h := newConnectedOurs(t)
	id := h.ask(Stop)
	h.event(GatewayEnded{Exit: Exit{At: h.now, Why: "SIGTERM"}})
	h.event(ActionEnded{ID: id, Action: Stop})
	h.view = PortView{Listener: &Listener{Address: "*:4002"}}
	h.look()
	h.view = PortView{}
	h.hold(time.Second)
	h.wantDown(true)
	h.wantTold("after the stop")
}

func TestALossOfIBKRInAResetIsToldOnlyWhenItLasts(t *testing.T) {
	computesMuch(t)
	h := newHarness(t)
	h.now = time.Date(2026, 11, 24, 23, 50, 0, 0, eastern())
	h.becomeConnected()
	h.becomeCutOff()
	h.hold(30 * time.Minute)
	h.wantTold("during the reset")
	if h.s.State != CutOff {
		t.Fatalf("%s, want cut_off", h.s.State)
	}
	h.hold(time.Hour + 35*time.Minute)
	h.wantTold("after the reset", NoticeDrop)

	day := newHarness(t) // where no reset is expected
	day.becomeConnected()
	day.becomeCutOff()
	day.hold(10 * time.Second)
	if got := day.notices(); len(got) != 1 {
		t.Errorf("at noon: %q", got)
	}
}

// IBC restarts somebody else's Gateway at a set time. Gatelight cannot read its
// log, but the config.ini tells the time.
// It may be cut off then, since IBKR resets its servers at night; and with the
// monitor off nobody may be connected.
func TestAScheduledRestartIsNotToldWhateverTheStateBefore(t *testing.T) {
	for name, before := range map[string]func(*harness){
		"cut off": (*harness).becomeCutOff,
		"unmonitored": func(h *harness) {
			h.p.Monitor = false
			h.becomeListening()
		},
	} {
		h := newHarness(t)
		before(h)
		local := h.now.Local()
		h.event(GatewaySeen{PID: 4711, By: ByOther, Restarts: []ClockTime{{Daily: true, Hour: local.Hour(), Minute: local.Minute()}}})
		h.closeSession()
		h.view = PortView{}
		h.hold(30 * time.Second)
		if h.s.State != Down || len(h.s.Notices) != 0 {
			t.Errorf("%s: %s, told %q", name, h.s.State, h.notices())
		}
	}
}

func TestAScheduledRestartIsToldOnlyWhenItLasts(t *testing.T) {
	computesMuch(t)
	for _, tt := range []struct {
		name    string
		minutes int // after the restart's time
		told    int
	}{{"at its time", 0, 0}, {"a little late", 3, 0}, {"at another time", 60, 1}} {
		h := newHarness(t)
		local := h.now.Local()
		h.becomeConnected()
		h.event(GatewaySeen{PID: 4711, By: ByOther, Restarts: []ClockTime{{Daily: true, Hour: local.Hour(), Minute: local.Minute()}}})
		h.hold(time.Duration(tt.minutes) * time.Minute)
		h.closeSession()
		h.view = PortView{}
		h.hold(30 * time.Second)
		if h.s.State != Down || len(h.s.Notices) != tt.told {
			t.Errorf("%s: %s, told %q; want %d", tt.name, h.s.State, h.notices(), tt.told)
		}
		if tt.told == 0 {
			h.hold(h.p.StartTimeout)
			if got := h.notices(); len(got) != 1 {
				t.Errorf("%s, and it did not come back: %q", tt.name, got)
			}
		}
	}
}
