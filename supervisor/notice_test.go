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
		r := newRig(t)
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
	starts := map[string]func(*rig){
		"asked for": func(r *rig) {
			r.event(Asked{ID: 1, Action: Restart})
			acts := effectsOf[Act](r)
			r.event(Acted{ID: acts[len(acts)-1].ID, Action: Restart})
		},
		"the nightly one": func(r *rig) { r.event(PhaseSeen{Phase: Restarting}) },
	}
	for name, start := range starts {
		r := newRig(t)
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
		r.hold(r.p.StartLimit + r.p.FlapAfter + time.Second)
		if got := r.notices(); !slices.Equal(got, []NoticeKind{NoticeDrop}) {
			t.Errorf("%s, overrun: people heard %v, want a drop", name, got)
		}
	}
}

func TestTwoFactorIsAskedForOnceAndTakenBackWhenItIsDone(t *testing.T) {
	r := newRig(t)
	r.becomeDown()
	r.event(Asked{ID: 1, Action: Start})
	r.event(GatewaySeen{PID: 1, StartedAt: r.now, By: ByGatelight})
	r.event(Acted{ID: 1, Action: Start})
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
	r := newRig(t)
	r.becomeStarting()
	r.becomeConnected()
	r.hold(time.Second)
	r.clear()
	r.event(Asked{ID: 3, Action: Stop})
	r.event(SessionClosed{Why: "bye"})
	r.view = PortView{}
	r.hold(5 * time.Second)
	r.event(GatewayEnded{Exit: Exit{At: r.now, Why: "it closed normally"}})
	r.event(Acted{ID: effectsOf[Act](r)[0].ID, Action: Stop})
	r.hold(time.Minute)
	if r.s.State != Down || !r.s.Expected || len(r.s.Notices) != 0 {
		t.Errorf("%s, expected %v, people heard %+v", r.s.State, r.s.Expected, r.s.Notices)
	}
	if got := effectsOf[Reply](r); len(got) != 1 || got[0] != (Reply{ID: 3}) {
		t.Errorf("the one who asked heard %+v", got)
	}
}

func TestAFailedStopLeavesADropADrop(t *testing.T) {
	r := newRig(t)
	r.becomeStarting()
	r.becomeConnected()
	r.hold(time.Second)
	r.clear()
	r.event(Asked{ID: 3, Action: Stop})
	r.event(Acted{ID: effectsOf[Act](r)[0].ID, Action: Stop, Err: "no"})
	r.becomeDown()
	r.hold(time.Second)
	if r.s.Expected || !slices.Equal(r.notices(), []NoticeKind{NoticeFailed, NoticeDrop}) {
		t.Errorf("expected %v, people heard %v", r.s.Expected, r.notices())
	}
}

func TestASlowStopIsNoAlarm(t *testing.T) {
	for _, who := range []string{"the user", "somebody else"} {
		r := newRig(t)
		r.ours()
		r.becomeConnected()
		r.hold(5 * time.Second)
		if who == "the user" {
			r.ask(Stop)
		}
		r.event(StopSeen{})
		r.event(SessionClosed{Why: "the Gateway closed the connection"})
		r.hold(30 * time.Second) // it says goodbye to IBKR, and its port is still open
		if len(r.s.Notices) != 0 {
			t.Errorf("%s stops it, people heard %+v", who, r.s.Notices)
		}
	}
}

func TestAStopThatStopsNothingLeavesAWantedGateway(t *testing.T) {
	r := newRig(t)
	r.ours()
	r.becomeConnected()
	r.event(StopSeen{})
	r.hold(r.p.StartLimit + time.Minute)
	r.becomeDown()
	if r.s.Expected || !slices.Equal(r.notices(), []NoticeKind{NoticeDrop}) {
		t.Errorf("expected %v, people heard %v", r.s.Expected, r.notices())
	}
}

func TestAStartThatFailsAfterADropIsNews(t *testing.T) {
	r := newRig(t)
	r.ours()
	r.becomeConnected()
	r.hold(5 * time.Second)
	r.becomeDown()
	r.hold(5 * time.Minute)
	id := r.ask(Start)
	r.ours()
	r.event(Acted{ID: id, Action: Start})
	r.event(PhaseSeen{Phase: TwoFactor})
	r.hold(2 * time.Minute)
	r.event(GatewayEnded{Exit: Exit{At: r.now, Status: 87, Why: "two-factor approval timed out"}})
	r.hold(10 * time.Minute)
	if got := r.notices(); !slices.Equal(got, []NoticeKind{NoticeDrop, NoticeTwoFactor, NoticeDrop}) {
		t.Errorf("people heard %v", got)
	}
}

func TestARestartByStopAndStartHasALimitToo(t *testing.T) {
	r := newRig(t)
	r.ours()
	r.becomeConnected()
	r.hold(5 * time.Second)
	id := r.ask(Restart)
	r.becomeDown()
	r.hold(2 * time.Second)
	r.ours()
	r.event(Acted{ID: id, Action: Restart})
	r.hold(time.Minute)
	if len(r.s.Notices) != 0 {
		t.Errorf("people heard %+v at once", r.s.Notices)
	}
	r.hold(r.p.StartLimit)
	if got := r.notices(); !slices.Equal(got, []NoticeKind{NoticeDrop}) {
		t.Errorf("people heard %v when it took too long", got)
	}
}

// After a sleep looks come at once, the heartbeat at its own pace.
func TestWakingUpIsNoAlarm(t *testing.T) {
	r := newRig(t)
	r.becomeConnected()
	r.hold(5 * time.Second)
	r.now = r.now.Add(8 * time.Hour)
	r.event(Woke{})
	for range 4 * 5 {
		r.now = r.now.Add(250 * time.Millisecond)
		r.look()
	}
	r.event(SessionAnswered{RTT: time.Millisecond})
	if r.s.State != Connected || len(r.s.Notices) != 0 {
		t.Errorf("%s, people heard %+v", r.s.State, r.s.Notices)
	}
	r.now = r.now.Add(8 * time.Hour)
	r.event(Woke{})
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
	r := newRig(t)
	r.ours()
	r.becomeConnected()
	r.hold(5 * time.Second)
	id := r.ask(Stop)
	r.event(GatewayEnded{Exit: Exit{At: r.now, Why: "it was asked to end by a signal"}})
	r.event(Acted{ID: id, Action: Stop})
	r.view = PortView{Listener: &Listener{Address: "*:4002"}}
	r.look()
	r.view = PortView{}
	r.hold(time.Second)
	if r.s.State != Down || !r.s.Expected || len(r.s.Notices) != 0 {
		t.Errorf("%s, expected %v, people heard %+v", r.s.State, r.s.Expected, r.s.Notices)
	}
}

// last is what people were told last.
func (r *rig) last() Notice { return r.s.Notices[len(r.s.Notices)-1] }

// The bubble that says that all is well would be wrong, beside a new one.
func TestWhatComesBackAtOnceIsTheSameIncident(t *testing.T) {
	for pause, same := range map[time.Duration]bool{2 * time.Second: true, reopens - time.Second: true, reopens + time.Second: false} {
		r := newRig(t)
		r.becomeConnected()
		r.hold(5 * time.Second)
		r.becomeDown()
		r.hold(5 * time.Second)
		r.becomeConnected()
		up := r.last()
		r.hold(pause)
		r.becomeDown()
		if down := r.last(); up.Kind != NoticeRecovery || down.Kind != NoticeDrop || (down.ID == up.ID) != same {
			t.Errorf("down again after %v: %+v after %+v", pause, down, up)
		}
		r.hold(7 * time.Second)
		r.becomeConnected()
		if n := r.last(); n.Body != "The API answers again after 8 s." && n.Body != "The API answers again after 9 s." {
			t.Errorf("it counts from the first drop: %q", n.Body)
		}
	}
}

func TestTheTimeAwayCountsFromWhenItWentAway(t *testing.T) {
	for name, c := range map[string]struct {
		goes func(*rig)
		want string
	}{
		"before we were there": {func(r *rig) {
			r.s = New(r.p, r.now)
			r.view = PortView{}
			r.look()
			r.event(GatewayEnded{Exit: Exit{At: r.now.Add(-20 * time.Minute), Status: 137, Why: "it was killed"}, Before: true})
		}, "The API answers again after 20 min."},
		"blocked, then cleared": {func(r *rig) {
			r.becomeZombies()
			r.hold(10 * time.Minute)
			r.event(Acted{ID: r.ask(ClearZombies), Action: ClearZombies})
			r.restarts()
		}, "The Gateway was restarted without a new login; the API answers again after 10 min."},
		"there for hours, and cleared though they did no harm": {func(r *rig) {
			harmless := zombie
			harmless.Unread = 0
			r.listen(harmless)
			r.hold(10 * time.Minute)
			r.event(Acted{ID: r.ask(ClearZombies), Action: ClearZombies})
			r.restarts()
		}, "The Gateway was restarted without a new login; the API answers again after 21 s."},
		"there for hours, and gone by themselves": {func(r *rig) {
			harmless := zombie
			harmless.Unread = 0
			r.listen(harmless)
			r.hold(10 * time.Minute)
		}, "The zombies are gone."},
		"cut off": {func(r *rig) {
			r.becomeCutOff()
			r.hold(10 * time.Minute)
		}, "IBKR is reached again after 10 min."},
		"cut off, then down": {func(r *rig) {
			r.becomeCutOff()
			r.hold(10 * time.Minute)
			r.becomeDown()
			r.hold(2 * time.Minute)
		}, "The API answers again after 2 min."},
	} {
		r := newRig(t)
		r.asIBC()
		r.becomeConnected()
		r.hold(5 * time.Second)
		c.goes(r)
		r.becomeConnected()
		if n := r.last(); n.Body != c.want {
			t.Errorf("%s: %q, want %q", name, n.Body, c.want)
		}
	}
}

// What mends it by itself is announced, and when that fails, that is news.
func TestAStartByItselfThatOverrunsIsNews(t *testing.T) {
	r := newRig(t)
	r.s.Keep = true
	r.ours()
	r.becomeConnected()
	r.hold(5 * time.Second)
	r.becomeDown()
	if n := r.last(); !strings.HasSuffix(n.Body, "it was killed. Gatelight starts it again at "+clock(r.now.Add(r.p.StartRetry[0]))) {
		t.Errorf("people heard %+v", n)
	}
	r.hold(r.p.StartRetry[0])
	acts := effectsOf[Act](r)
	r.ours()
	r.event(Acted{ID: acts[len(acts)-1].ID, Action: Start})
	r.event(PhaseSeen{Phase: Login})
	r.hold(r.p.StartLimit - time.Minute)
	if got := r.notices(); len(got) != 1 || len(r.s.Notices) != 1 {
		t.Errorf("people heard %+v meanwhile", r.s.Notices)
	}
	r.hold(time.Minute + time.Second)
	if n := r.last(); n.Title != "Gateway paper: still starting" || n.Body != "For 4 min now. IBC is logging in" {
		t.Errorf("people heard %+v", n)
	}
	r.hold(30 * time.Minute)
	if n := r.last(); n.Kind != NoticeReminder {
		t.Errorf("and then no reminder, but %+v", n)
	}
}

// Whoever stops a login loop has not made it an end on purpose.
func TestAStopOfOurOwnIsNoPurpose(t *testing.T) {
	r := newRig(t)
	r.ours()
	r.becomeStarting()
	r.loginLoop(50)
	acts := effectsOf[Act](r)
	r.ours() // seen once more meanwhile
	r.becomeDown()
	r.event(Acted{ID: acts[0].ID, Action: Stop})
	if r.s.State != Down || r.s.Expected {
		t.Errorf("%s, expected %v", r.s.State, r.s.Expected)
	}
}
