package supervisor

import (
	"slices"
	"strings"
	"testing"
	"time"
)

func TestWhatIsRefused(t *testing.T) {
	for state, want := range map[State]map[Action]string{
		Unknown:   {Start: "unknown", Stop: "unknown", Restart: "unknown"},
		Down:      {Stop: "not running", Restart: "not running"},
		Starting:  {Start: "starting already"},
		Listening: {Start: "open already"},
		Connected: {Start: "open already"},
	} {
		for _, a := range []Action{Start, Stop, Restart, CopyConfig} {
			r := newHarness(t)
			become[state](r)
			r.clear()
			r.event(ActionRequested{ID: 9, Action: a})
			replies, acts := effectsOf[Reply](r), effectsOf[PerformAction](r)
			if want[a] == "" && (len(replies) != 0 || len(acts) != 1) {
				t.Errorf("%s in %s: %+v %+v, want it done", a, state, replies, acts)
			}
			if want[a] != "" && (len(acts) != 0 || len(replies) != 1 || !strings.Contains(errorText(replies[0].Err), want[a])) {
				t.Errorf("%s in %s: %+v %+v, want it refused: %s", a, state, replies, acts, want[a])
			}
		}
	}
}

func TestKeepRunningStopsAtTheLoginBudget(t *testing.T) {
	r := newHarness(t)
	r.s.mem.logins.keepRunning = true
	r.becomeStarting()
	r.becomeConnected()
	r.becomeDown()
	var starts []time.Duration
	from := r.now
	for r.now.Sub(from) < 50*time.Minute {
		r.hold(time.Second)
		for _, a := range effectsOf[PerformAction](r) {
			starts = append(starts, r.now.Sub(from))
			r.event(GatewaySeen{PID: 8, StartedAt: r.now, By: ByGatelight})
			r.event(ActionEnded{ID: a.ID, Action: a.Action})
			r.event(LoginSeen{At: r.now})
			r.hold(time.Second)
			r.event(GatewayEnded{Exit: Exit{At: r.now, Why: "IBC found no Java"}})
			from = r.now
		}
		r.clear()
	}
	if len(starts) != r.p.LoginBudget {
		t.Fatalf("started %d times after %v, the budget is %d", len(starts), starts, r.p.LoginBudget)
	}
	if kinds := r.notices(); kinds[len(kinds)-1] != NoticeBudget {
		t.Errorf("people heard %v, want the budget last: %+v", kinds, r.s.Notices)
	}
	r.event(ActionRequested{ID: 1, Action: Start})
	if len(effectsOf[PerformAction](r)) != 1 {
		t.Error("the user himself may start it at any time")
	}
}

// IBC's own loop: "Login failed", a cold restart, and so on about every 2.3 s.
func TestIBCsLoginLoopIsStoppedAtTheBudget(t *testing.T) {
	r := newHarness(t)
	r.becomeDown()
	r.event(ActionRequested{ID: 1, Action: Start})
	r.event(GatewaySeen{PID: 8, StartedAt: r.now, By: ByGatelight})
	r.event(ActionEnded{ID: 1, Action: Start})
	r.clear()
	logins := r.loginLoop(50)
	acts := effectsOf[PerformAction](r)
	if len(acts) != 1 || acts[0].Action != Stop || logins != 1+r.p.LoginBudget {
		t.Errorf("%+v after %d logins, want a stop after the user's own and %d more", acts, logins, r.p.LoginBudget)
	}
}

func TestALoopThatCouldNotBeStoppedIsStoppedLater(t *testing.T) {
	r := newHarness(t)
	r.ours()
	r.becomeStarting()
	for range 3 {
		r.loginLoop(50)
		acts := effectsOf[PerformAction](r)
		if len(acts) != 1 || acts[0].Action != Stop {
			t.Fatalf("%+v, want one more attempt to stop it", acts)
		}
		r.clear()
		r.event(ActionEnded{ID: acts[0].ID, Action: Stop, Err: failed("the look failed")})
	}
	ids := map[uint64]bool{}
	for _, n := range r.s.Notices {
		ids[n.ID] = true
	}
	if len(ids) != 1 {
		t.Errorf("people got %d bubbles, want one: %+v", len(ids), r.s.Notices)
	}
}

func TestABudgetSpentUnseenIsToldAtLeast(t *testing.T) {
	r := newHarness(t)
	r.ours()
	r.becomeUnknown()
	r.loginLoop(20)
	if len(effectsOf[PerformAction](r)) != 0 {
		t.Errorf("acted while unknown: %+v", effectsOf[PerformAction](r))
	}
	if got := r.notices(); !slices.Equal(got, []NoticeKind{NoticeBudget}) {
		t.Errorf("people heard %v, want the budget", got)
	}
	r.becomeStarting()
	r.event(PhaseSeen{Phase: Launching})
	if acts := effectsOf[PerformAction](r); len(acts) != 1 || acts[0].Action != Stop {
		t.Errorf("%+v as soon as it can be seen, want it stopped", acts)
	}
}

func TestAFailedStartGivesNoLoginAway(t *testing.T) {
	r := newHarness(t)
	r.s.mem.logins.keepRunning = true
	r.ours()
	r.becomeConnected()
	r.becomeDown()
	r.hold(r.p.StartRetry[0] + time.Second)
	r.event(ActionEnded{ID: effectsOf[PerformAction](r)[0].ID, Action: Start, Err: failed("IBC is not complete")})
	id := r.ask(Start)
	r.ours()
	r.event(ActionEnded{ID: id, Action: Start})
	r.clear()
	if logins := r.loginLoop(50); logins != 1+r.p.LoginBudget {
		t.Errorf("%d logins, want the user's own and %d more", logins, r.p.LoginBudget)
	}
}

func TestAGatewayOfSomebodyElsesIsNotStartedASecondTime(t *testing.T) {
	r := newHarness(t)
	r.s.mem.logins.keepRunning = true
	r.becomeConnected()
	r.hold(5 * time.Second)
	r.event(ActionEnded{ID: r.ask(Restart), Action: Restart})
	r.clear()
	r.becomeDown() // it comes back by its own script, out of our sight
	r.hold(time.Minute)
	if acts := effectsOf[PerformAction](r); len(acts) != 0 || len(r.s.Notices) != 0 {
		t.Errorf("did %+v, people heard %+v", acts, r.s.Notices)
	}
	r.hold(r.p.StartTimeout)
	if got := r.notices(); !slices.Equal(got, []NoticeKind{NoticeDrop}) || len(effectsOf[PerformAction](r)) != 0 {
		t.Errorf("when it does not come back people heard %v; done: %+v", got, effectsOf[PerformAction](r))
	}
}

func TestACrashFromBeforeIsACrash(t *testing.T) {
	r := newHarness(t)
	r.s.mem.logins.keepRunning = true
	r.event(LoginSeen{At: r.now.Add(-10 * time.Minute)})
	r.event(GatewayEnded{Exit: Exit{At: r.now.Add(-time.Minute), Status: 137, Why: "it was killed"}, Before: true})
	r.look()
	r.hold(r.p.StartRetry[0] + time.Second)
	if acts := effectsOf[PerformAction](r); len(acts) != 1 || acts[0].Action != Start || !acts[0].Unattended {
		t.Errorf("%+v, want it started again", acts)
	}
	if got := r.notices(); !slices.Equal(got, []NoticeKind{NoticeDrop}) || r.s.Logins != 2 {
		t.Errorf("people heard %v, %d logins counted", got, r.s.Logins)
	}
}

func TestTheUsersOwnStartBeginsANewBudget(t *testing.T) {
	r := newHarness(t)
	for range 2 {
		r.becomeDown()
		id := r.ask(Start)
		r.ours()
		r.event(ActionEnded{ID: id, Action: Start})
		r.clear()
		if logins := r.loginLoop(50); logins != 1+r.p.LoginBudget {
			t.Errorf("%d logins, want the user's own and %d more", logins, r.p.LoginBudget)
		}
		acts := effectsOf[PerformAction](r)
		r.event(ActionEnded{ID: acts[0].ID, Action: Stop})
	}
}

// A restart that has stopped the Gateway and could not start it is no peace.
func TestARestartThatFailsHalfwayIsNotOnPurpose(t *testing.T) {
	r := newHarness(t)
	r.ours()
	r.becomeConnected()
	id := r.ask(Restart)
	r.event(StopCommandSeen{}) // our own, on the way
	r.becomeDown()
	r.event(ActionEnded{ID: id, Action: Restart, Err: failed("port 4002 is taken")})
	if r.s.State != Down || r.s.Expected {
		t.Errorf("%s, expected %v: %s", r.s.State, r.s.Expected, r.s.Why)
	}
}

// However the clock is set, logins stay counted.
func TestAClockSetBackKeepsTheLoginBudget(t *testing.T) {
	r := newHarness(t)
	r.becomeDown()
	r.event(ActionEnded{ID: r.ask(Start), Action: Start})
	r.ours()
	r.event(LoginSeen{At: r.now}) // the user's own
	r.clear()
	r.now = r.now.Add(-50 * time.Minute)
	r.event(TimerFired{})
	r.becomeStarting()
	if logins := r.loginLoop(200); logins != r.p.LoginBudget {
		t.Errorf("%d logins nobody asked for, the budget is %d", logins, r.p.LoginBudget)
	}
}

// What an earlier Gatelight has seen end is not ours any more when somebody has
// started another one since.
func TestAnOldEndClaimsNoNewGateway(t *testing.T) {
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
