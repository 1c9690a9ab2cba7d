package supervisor

import (
	"testing"
	"time"
)

func TestARestartIsToldOnlyWhenItTakesTooLong(t *testing.T) {
	starts := map[string]func(*harness){
		"asked for": func(r *harness) {
			r.event(ActionEnded{ID: r.ask(Restart), Action: Restart})
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
		r.wantTold(name + ": in time")
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
	r.event(ActionEnded{ID: r.actions()[0].ID, Action: Stop})
	r.hold(time.Minute)
	r.wantDown(true)
	r.wantTold("after the stop")
	if got := effectsOf[Reply](r); len(got) != 1 || got[0] != (Reply{ID: 3}) {
		t.Errorf("the request was answered with %+v", got)
	}
}

func TestADropAfterAFailedStopIsTold(t *testing.T) {
	r := newHarness(t)
	r.becomeStarting()
	r.becomeConnected()
	r.hold(time.Second)
	r.clear()
	r.event(ActionRequested{ID: 3, Action: Stop})
	r.event(ActionEnded{ID: r.actions()[0].ID, Action: Stop, Err: failed("no")})
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
		r.hold(30 * time.Second) // it logs out at IBKR; its port is still open
		r.wantTold(who + " stops it, and its port is still open")
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
	r.wantTold("in time")
	r.hold(r.p.StartTimeout)
	r.wantTold("when it takes too long", NoticeDrop)
}

// After a sleep a look comes at once, but the heartbeat only after its
// interval.
func TestWakingUpIsToldOnlyIfTheAPIDoesNotAnswer(t *testing.T) {
	r := newConnected(t)
	r.now = r.now.Add(8 * time.Hour)
	r.event(TimerFired{})
	for range 4 * 5 {
		r.now = r.now.Add(250 * time.Millisecond)
		r.look()
	}
	r.event(HeartbeatAnswered{RTT: time.Millisecond})
	r.wantTold("when the API answers")
	if r.s.State != Connected {
		t.Errorf("%s, want connected", r.s.State)
	}
	r.now = r.now.Add(8 * time.Hour)
	r.event(TimerFired{})
	for range 4 * 20 { // and this time nobody answers
		r.now = r.now.Add(250 * time.Millisecond)
		r.look()
	}
	r.wantTold("when the API does not answer", NoticeDrop)
}

// The port stays open for a moment after its process has ended. A look may come
// in that moment.
func TestALookWhileAStoppedProcessEndsIsNotTold(t *testing.T) {
	r := newConnectedOurs(t)
	id := r.ask(Stop)
	r.event(GatewayEnded{Exit: Exit{At: r.now, Why: "it was asked to end by a signal"}})
	r.event(ActionEnded{ID: id, Action: Stop})
	r.view = PortView{Listener: &Listener{Address: "*:4002"}}
	r.look()
	r.view = PortView{}
	r.hold(time.Second)
	r.wantDown(true)
	r.wantTold("after the stop")
}

func TestALossOfIBKRInAResetIsToldOnlyWhenItLasts(t *testing.T) {
	r := newHarness(t)
	r.now = time.Date(2026, 11, 24, 23, 50, 0, 0, eastern())
	r.becomeConnected()
	r.becomeCutOff()
	r.hold(30 * time.Minute)
	r.wantTold("during the reset")
	if r.s.State != CutOff {
		t.Fatalf("%s, want cut_off", r.s.State)
	}
	r.hold(time.Hour + 35*time.Minute)
	r.wantTold("after the reset", NoticeDrop)

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
