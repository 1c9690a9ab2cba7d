package supervisor

import (
	"testing"
	"time"
)

func TestARestartIsToldOnlyWhenItTakesTooLong(t *testing.T) {
	starts := map[string]func(*harness){
		"asked for": func(r *harness) {
			r.event(ActionRequested{ID: 1, Action: Restart})
			acts := effectsOf[PerformAction](r)
			r.event(ActionEnded{ID: acts[len(acts)-1].ID, Action: Restart})
		},
		"the nightly one": func(r *harness) { r.event(PhaseSeen{Phase: Restarting}) },
	}
	for name, start := range starts {
		r := newHarness(t)
		r.becomeStarting()
		r.becomeConnected()
		r.hold(time.Second)
		start(r)
		r.becomeStarting()
		r.hold(time.Minute)
		r.becomeConnected()
		r.hold(time.Minute)
		if len(r.s.Notices) != 0 {
			t.Errorf("%s: people heard %+v", name, r.s.Notices)
		}
		start(r)
		r.becomeStarting()
		r.hold(r.p.StartTimeout + r.p.FlapAfter + time.Second)
		r.wantTold(name+": when it takes too long", NoticeDrop)
	}
}

func TestARequestedStopIsNotTold(t *testing.T) {
	r := newHarness(t)
	r.becomeStarting()
	r.becomeConnected()
	r.hold(time.Second)
	r.clear()
	r.event(ActionRequested{ID: 3, Action: Stop})
	r.event(SessionClosed{Why: "bye"})
	r.view = PortView{}
	r.hold(5 * time.Second)
	r.event(GatewayEnded{Exit: Exit{At: r.now, Why: "it closed normally"}})
	r.event(ActionEnded{ID: effectsOf[PerformAction](r)[0].ID, Action: Stop})
	r.hold(time.Minute)
	if r.s.State != Down || !r.s.Expected || len(r.s.Notices) != 0 {
		t.Errorf("%s, expected %v, people heard %+v", r.s.State, r.s.Expected, r.s.Notices)
	}
	if got := effectsOf[Reply](r); len(got) != 1 || got[0] != (Reply{ID: 3}) {
		t.Errorf("the one who asked heard %+v", got)
	}
}

func TestADropAfterAFailedStopIsTold(t *testing.T) {
	r := newHarness(t)
	r.becomeStarting()
	r.becomeConnected()
	r.hold(time.Second)
	r.clear()
	r.event(ActionRequested{ID: 3, Action: Stop})
	r.event(ActionEnded{ID: effectsOf[PerformAction](r)[0].ID, Action: Stop, Err: failed("no")})
	r.becomeDown()
	r.hold(time.Second)
	r.wantTold("after the drop", NoticeFailed, NoticeDrop)
	if r.s.Expected {
		t.Error("it is expected")
	}
}

func TestASlowStopIsNotTold(t *testing.T) {
	for _, who := range []string{"the user", "somebody else"} {
		r := newConnectedOurs(t)
		if who == "the user" {
			r.ask(Stop)
		}
		r.event(StopCommandSeen{})
		r.event(SessionClosed{Why: "the Gateway closed the connection"})
		r.hold(30 * time.Second) // it says goodbye to IBKR, and its port is still open
		if len(r.s.Notices) != 0 {
			t.Errorf("%s stops it, people heard %+v", who, r.s.Notices)
		}
	}
}

func TestAfterAStopWithoutEffectTheGatewayShouldRun(t *testing.T) {
	r := newHarness(t)
	r.ours()
	r.becomeConnected()
	r.event(StopCommandSeen{})
	r.hold(r.p.StartTimeout + time.Minute)
	r.becomeDown()
	r.wantTold("after the drop", NoticeDrop)
	if r.s.Expected {
		t.Error("it is expected")
	}
}

func TestARestartByStopAndStartIsToldWhenItTakesTooLong(t *testing.T) {
	r := newConnectedOurs(t)
	id := r.ask(Restart)
	r.becomeDown()
	r.hold(2 * time.Second)
	r.ours()
	r.event(ActionEnded{ID: id, Action: Restart})
	r.hold(time.Minute)
	if len(r.s.Notices) != 0 {
		t.Errorf("people heard %+v at once", r.s.Notices)
	}
	r.hold(r.p.StartTimeout)
	r.wantTold("when it takes too long", NoticeDrop)
}

// After a sleep looks come at once, the heartbeat at its own pace.
func TestWakingUpIsToldOnlyIfTheAPIDoesNotAnswer(t *testing.T) {
	r := newConnected(t)
	r.now = r.now.Add(8 * time.Hour)
	r.event(TimerFired{})
	for range 4 * 5 {
		r.now = r.now.Add(250 * time.Millisecond)
		r.look()
	}
	r.event(HeartbeatAnswered{RTT: time.Millisecond})
	if r.s.State != Connected || len(r.s.Notices) != 0 {
		t.Errorf("%s, people heard %+v", r.s.State, r.s.Notices)
	}
	r.now = r.now.Add(8 * time.Hour)
	r.event(TimerFired{})
	for range 4 * 20 { // and this time nobody answers
		r.now = r.now.Add(250 * time.Millisecond)
		r.look()
	}
	r.wantTold("when the API does not answer", NoticeDrop)
}

// The port outlives its owner by a moment, and a look may fall into it.
func TestALookWhileAStoppedProcessEndsIsNotTold(t *testing.T) {
	r := newConnectedOurs(t)
	id := r.ask(Stop)
	r.event(GatewayEnded{Exit: Exit{At: r.now, Why: "it was asked to end by a signal"}})
	r.event(ActionEnded{ID: id, Action: Stop})
	r.view = PortView{Listener: &Listener{Address: "*:4002"}}
	r.look()
	r.view = PortView{}
	r.hold(time.Second)
	if r.s.State != Down || !r.s.Expected || len(r.s.Notices) != 0 {
		t.Errorf("%s, expected %v, people heard %+v", r.s.State, r.s.Expected, r.s.Notices)
	}
}

// A loss of IBKR at its own reset is told only when it lasts.
func TestALossOfIBKRInAResetIsToldOnlyWhenItLasts(t *testing.T) {
	r := newHarness(t)
	r.now = time.Date(2026, 11, 24, 23, 50, 0, 0, eastern())
	r.becomeConnected()
	r.becomeCutOff()
	r.hold(30 * time.Minute)
	if r.s.State != CutOff || len(r.s.Notices) != 0 {
		t.Fatalf("%s, told: %q", r.s.State, r.notices())
	}
	r.hold(time.Hour + 35*time.Minute)
	if got := r.notices(); len(got) != 1 || got[0] != NoticeDrop {
		t.Errorf("when it has lasted past the reset: %q", got)
	}

	day := newHarness(t) // and at noon it is
	day.becomeConnected()
	day.becomeCutOff()
	day.hold(10 * time.Second)
	if got := day.notices(); len(got) != 1 {
		t.Errorf("at noon: %q", got)
	}
}

// A restart that IBC was told to make of a Gateway that is somebody else's: its
// log is not ours to read, but its config.ini says when.
func TestAScheduledRestartIsToldOnlyWhenItLasts(t *testing.T) {
	for _, tt := range []struct {
		name    string
		minutes int // after the restart's time
		told    int
	}{{"at its time", 0, 0}, {"a little late", 3, 0}, {"at another time", 60, 1}} {
		r := newHarness(t)
		local := r.now.Local()
		r.becomeConnected()
		r.event(GatewaySeen{PID: 4711, By: ByOther, Restarts: []ClockTime{{Daily: true, Hour: local.Hour(), Minute: local.Minute()}}})
		r.hold(time.Duration(tt.minutes) * time.Minute)
		r.closeSession()
		r.view = PortView{}
		r.hold(30 * time.Second)
		if r.s.State != Down || len(r.s.Notices) != tt.told {
			t.Errorf("%s: %s, told %q; want %d", tt.name, r.s.State, r.notices(), tt.told)
		}
		if tt.told == 0 {
			r.hold(r.p.StartTimeout)
			if got := r.notices(); len(got) != 1 {
				t.Errorf("%s, and it did not come back: %q", tt.name, got)
			}
		}
	}
}
