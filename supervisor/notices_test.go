package supervisor

import (
	"slices"
	"strings"
	"testing"
	"time"
)

func TestAKilledGatewayIsOneDrop(t *testing.T) {
	exit := GatewayEnded{Exit: Exit{Status: 137, Why: "it was killed"}}
	closed := SessionClosed{Why: "the Gateway closed the connection"}
	orders := map[string][]Event{
		"session, look, process": {closed, Looked{}, exit, Looked{}},
		"process, session, look": {exit, closed, Looked{}},
		"look, session, process": {Looked{}, closed, Looked{}, exit, Looked{}},
		"session, process, look": {closed, exit, Looked{}},
	}
	for name, order := range orders {
		r := newHarness(t)
		r.becomeStarting()
		r.becomeConnected()
		r.hold(5 * time.Second)
		r.clear()
		before := r.now
		inFlight := Looked{At: before, Reader: "test", View: r.view}
		r.view = PortView{}
		for _, e := range order {
			r.now = r.now.Add(time.Millisecond)
			if _, ok := e.(Looked); ok {
				r.look()
			} else {
				r.event(e)
			}
			if _, ok := e.(SessionClosed); ok {
				r.event(inFlight) // a look taken before all this, that comes in late
			}
			if r.s.State == Listening {
				t.Errorf("%s: claimed to be listening after %T", name, e)
			}
		}
		if r.s.State != Down || r.s.Expected {
			t.Errorf("%s: %s, expected %v", name, r.s.State, r.s.Expected)
		}
		if got := r.notices(); !slices.Equal(got, []NoticeKind{NoticeDrop}) {
			t.Errorf("%s: people heard %v at once, want one drop", name, got)
		}
		r.hold(10 * time.Minute)
		if got := r.notices(); len(got) != 1 {
			t.Errorf("%s: and then %v", name, got)
		}
		if want := "It ended at "; !strings.HasPrefix(r.s.Why, want) || !strings.HasSuffix(r.s.Why, "it was killed") {
			t.Errorf("%s: why: %q", name, r.s.Why)
		}
	}
}

func TestRestartsAreNoNewsUnlessTheyOverrun(t *testing.T) {
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
		if got := r.notices(); !slices.Equal(got, []NoticeKind{NoticeDrop}) {
			t.Errorf("%s, overrun: people heard %v, want a drop", name, got)
		}
	}
}

func TestTwoFactorIsAskedForOnceAndTakenBackWhenItIsDone(t *testing.T) {
	r := newHarness(t)
	r.becomeDown()
	r.event(ActionRequested{ID: 1, Action: Start})
	r.event(GatewaySeen{PID: 1, StartedAt: r.now, By: ByGatelight})
	r.event(ActionEnded{ID: 1, Action: Start})
	for _, p := range []Phase{Launching, Login, TwoFactor} {
		r.event(PhaseSeen{Phase: p})
		r.hold(2 * time.Second)
	}
	r.hold(3 * time.Minute)
	r.event(PhaseSeen{Phase: LoggedIn})
	r.becomeConnected()
	n := r.s.Notices
	if got := r.notices(); !slices.Equal(got, []NoticeKind{NoticeTwoFactor, NoticeRecovery}) || n[0].ID != n[1].ID {
		t.Errorf("people heard %+v, want the request and its end in one bubble", n)
	}
}

func TestAStopIsNoDrop(t *testing.T) {
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

func TestAFailedStopLeavesADropADrop(t *testing.T) {
	r := newHarness(t)
	r.becomeStarting()
	r.becomeConnected()
	r.hold(time.Second)
	r.clear()
	r.event(ActionRequested{ID: 3, Action: Stop})
	r.event(ActionEnded{ID: effectsOf[PerformAction](r)[0].ID, Action: Stop, Err: failed("no")})
	r.becomeDown()
	r.hold(time.Second)
	if r.s.Expected || !slices.Equal(r.notices(), []NoticeKind{NoticeFailed, NoticeDrop}) {
		t.Errorf("expected %v, people heard %v", r.s.Expected, r.notices())
	}
}

func TestASlowStopIsNoAlarm(t *testing.T) {
	for _, who := range []string{"the user", "somebody else"} {
		r := newHarness(t)
		r.ours()
		r.becomeConnected()
		r.hold(5 * time.Second)
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

func TestAStopThatStopsNothingLeavesAWantedGateway(t *testing.T) {
	r := newHarness(t)
	r.ours()
	r.becomeConnected()
	r.event(StopCommandSeen{})
	r.hold(r.p.StartTimeout + time.Minute)
	r.becomeDown()
	if r.s.Expected || !slices.Equal(r.notices(), []NoticeKind{NoticeDrop}) {
		t.Errorf("expected %v, people heard %v", r.s.Expected, r.notices())
	}
}

func TestAStartThatFailsAfterADropIsNews(t *testing.T) {
	r := newHarness(t)
	r.ours()
	r.becomeConnected()
	r.hold(5 * time.Second)
	r.becomeDown()
	r.hold(5 * time.Minute)
	id := r.ask(Start)
	r.ours()
	r.event(ActionEnded{ID: id, Action: Start})
	r.event(PhaseSeen{Phase: TwoFactor})
	r.hold(2 * time.Minute)
	r.event(GatewayEnded{Exit: Exit{At: r.now, Status: 87, Why: "two-factor approval timed out"}})
	r.hold(10 * time.Minute)
	if got := r.notices(); !slices.Equal(got, []NoticeKind{NoticeDrop, NoticeTwoFactor, NoticeDrop}) {
		t.Errorf("people heard %v", got)
	}
}

func TestARestartByStopAndStartHasALimitToo(t *testing.T) {
	r := newHarness(t)
	r.ours()
	r.becomeConnected()
	r.hold(5 * time.Second)
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
	if got := r.notices(); !slices.Equal(got, []NoticeKind{NoticeDrop}) {
		t.Errorf("people heard %v when it took too long", got)
	}
}

// After a sleep looks come at once, the heartbeat at its own pace.
func TestWakingUpIsNoAlarm(t *testing.T) {
	r := newHarness(t)
	r.becomeConnected()
	r.hold(5 * time.Second)
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
	if got := r.notices(); !slices.Equal(got, []NoticeKind{NoticeDrop}) {
		t.Errorf("people heard %v of an API that never came back", got)
	}
}

// The port outlives its owner by a moment, and a look may fall into it.
func TestAStopSeenWhileTheProcessEndsIsNoDrop(t *testing.T) {
	r := newHarness(t)
	r.ours()
	r.becomeConnected()
	r.hold(5 * time.Second)
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
