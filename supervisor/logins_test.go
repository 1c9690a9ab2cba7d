package supervisor

import (
	"testing"
	"time"
)

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
func TestALoginLoopOfIBCIsStoppedAtTheBudget(t *testing.T) {
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

func TestAFailedStopOfALoginLoopIsTriedAgain(t *testing.T) {
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

func TestABudgetSpentWhileTheStateIsUnknownIsTold(t *testing.T) {
	r := newHarness(t)
	r.ours()
	r.becomeUnknown()
	r.loginLoop(20)
	if len(effectsOf[PerformAction](r)) != 0 {
		t.Errorf("acted while unknown: %+v", effectsOf[PerformAction](r))
	}
	r.wantTold("while the state is unknown", NoticeBudget)
	r.becomeStarting()
	r.event(PhaseSeen{Phase: Launching})
	if acts := effectsOf[PerformAction](r); len(acts) != 1 || acts[0].Action != Stop {
		t.Errorf("%+v as soon as it can be seen, want it stopped", acts)
	}
}

func TestAFailedStartDoesNotLeaveALaterLoginUncounted(t *testing.T) {
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

// loginLoop is IBC logging in again and again, until something is done about it.
func (r *harness) loginLoop(most int) (logins int) {
	for logins < most {
		r.event(PhaseSeen{Phase: Launching})
		r.hold(time.Second)
		if len(effectsOf[PerformAction](r)) > 0 {
			break
		}
		logins++
		r.event(PhaseSeen{Phase: Login})
		r.event(LoginSeen{At: r.now})
		r.hold(time.Second)
	}
	return logins
}

// Whoever stops a login loop has not made it an end on purpose.
func TestDownIsUnexpectedAfterALoginLoopWasStopped(t *testing.T) {
	r := newHarness(t)
	r.ours()
	r.becomeStarting()
	r.loginLoop(50)
	acts := effectsOf[PerformAction](r)
	r.ours() // seen once more meanwhile
	r.becomeDown()
	r.event(ActionEnded{ID: acts[0].ID, Action: Stop})
	if r.s.State != Down || r.s.Expected {
		t.Errorf("%s, expected %v", r.s.State, r.s.Expected)
	}
}

func TestKeepRunningIsTurnedOnAndOff(t *testing.T) {
	r := newHarness(t)
	r.ours()
	r.becomeConnected()
	r.event(ActionRequested{ID: 7, Action: KeepRunningOn})
	if got := effectsOf[SaveKeepRunning](r); len(got) != 1 || got[0] != (SaveKeepRunning{ID: 7, KeepRunning: true}) || !r.s.KeepRunning {
		t.Fatalf("keep %v, %+v", r.s.KeepRunning, got)
	}
	r.event(KeepRunningSaved{ID: 7})
	r.becomeDown()
	r.hold(time.Second)
	if r.s.Next == nil || r.s.Next.Action != NextStart {
		t.Errorf("next: %+v, want a start", r.s.Next)
	}
	r.event(ActionRequested{ID: 8, Action: KeepRunningOff})
	r.event(KeepRunningSaved{ID: 8, Err: "the disk is full"})
	r.hold(time.Minute)
	if r.s.Next != nil || r.s.KeepRunning || len(effectsOf[PerformAction](r)) != 0 {
		t.Errorf("next: %+v, acts %+v; want it left alone", r.s.Next, effectsOf[PerformAction](r))
	}
	const unsaved = "cannot change whether paper is kept running: it holds until Gatelight ends, but not after that: the disk is full"
	if got := effectsOf[Reply](r); len(got) != 2 || got[0] != (Reply{ID: 7}) || got[1].ID != 8 || errorText(got[1].Err) != unsaved {
		t.Errorf("the one who asked heard %+v", got)
	}
}

// IBC's loop at a server that cannot be reached counts no logins, and has no end.
func TestALaunchLoopWithoutALoginIsStopped(t *testing.T) {
	r := newHarness(t)
	r.ours()
	r.becomeStarting()
	for n := range 20 {
		r.event(PhaseSeen{Phase: Launching})
		r.event(LaunchSeen{})
		r.hold(2 * time.Second)
		if acts := effectsOf[PerformAction](r); len(acts) > 0 {
			if n != maxRelaunches+1 || acts[0].Action != Stop {
				t.Errorf("%s after %d launches", acts[0].Action, n+1)
			}
			break
		}
	}
	if got := r.notices(); len(got) == 0 || got[len(got)-1] != NoticeBudget {
		t.Errorf("told: %q", got)
	}

	well := newHarness(t) // a Gateway that restarts cold every day is well
	well.ours()
	for range 20 {
		well.becomeStarting()
		well.event(PhaseSeen{Phase: Launching})
		well.event(LaunchSeen{})
		well.event(PhaseSeen{Phase: LoggedIn})
		well.hold(time.Second)
	}
	if acts := effectsOf[PerformAction](well); len(acts) != 0 {
		t.Errorf("stopped a Gateway that logs in: %+v", acts)
	}
}
