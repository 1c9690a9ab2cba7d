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
		for _, a := range r.actions() {
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
		t.Errorf("people were told %v, want the budget last: %+v", kinds, r.s.Notices)
	}
	r.event(ActionRequested{ID: 1, Action: Start})
	if len(r.actions()) != 1 {
		t.Error("the user himself may start it at any time")
	}
}

// IBC's own loop: "Login failed", a cold restart, and so on about every 2.3 s.
func TestALoginLoopOfIBCIsStoppedAtTheBudget(t *testing.T) {
	r := newHarness(t)
	r.becomeDown()
	r.startByUser()
	r.clear()
	if logins := r.loginLoop(50); logins != 1+r.p.LoginBudget {
		t.Errorf("%d logins, want the user's own and %d more", logins, r.p.LoginBudget)
	}
	r.wantOnly(Stop)
}

func TestAFailedStopOfALoginLoopIsTriedAgain(t *testing.T) {
	r := newHarness(t)
	r.ours()
	r.becomeStarting()
	for range 3 {
		r.loginLoop(50)
		stop := r.wantOnly(Stop)
		r.clear()
		r.event(ActionEnded{ID: stop.ID, Action: Stop, Err: failed("the look failed")})
	}
	ids := map[uint64]bool{}
	for _, n := range r.s.Notices {
		ids[n.ID] = true
	}
	if len(ids) != 1 {
		t.Errorf("people got %d alerts, want one: %+v", len(ids), r.s.Notices)
	}
}

func TestABudgetSpentWhileTheStateIsUnknownIsTold(t *testing.T) {
	r := newHarness(t)
	r.ours()
	r.becomeUnknown()
	r.loginLoop(20)
	if len(r.actions()) != 0 {
		t.Errorf("acted while unknown: %+v", r.actions())
	}
	r.wantTold("while the state is unknown", NoticeBudget)
	r.becomeStarting()
	r.event(PhaseSeen{Phase: Launching})
	r.wantOnly(Stop) // as soon as the state is known
}

func TestAFailedStartDoesNotLeaveALaterLoginUncounted(t *testing.T) {
	r := newHarness(t)
	r.s.mem.logins.keepRunning = true
	r.ours()
	r.becomeConnected()
	r.becomeDown()
	r.hold(r.p.StartRetry[0] + time.Second)
	r.event(ActionEnded{ID: r.actions()[0].ID, Action: Start, Err: failed("IBC is not complete")})
	r.startByUser()
	r.clear()
	if logins := r.loginLoop(50); logins != 1+r.p.LoginBudget {
		t.Errorf("%d logins, want the user's own and %d more", logins, r.p.LoginBudget)
	}
}

func TestTheUsersOwnStartBeginsANewBudget(t *testing.T) {
	r := newHarness(t)
	for range 2 {
		r.becomeDown()
		r.startByUser()
		r.clear()
		if logins := r.loginLoop(50); logins != 1+r.p.LoginBudget {
			t.Errorf("%d logins, want the user's own and %d more", logins, r.p.LoginBudget)
		}
		r.event(ActionEnded{ID: r.wantOnly(Stop).ID, Action: Stop})
	}
}

func TestAClockSetBackKeepsTheLoginBudget(t *testing.T) {
	r := newHarness(t)
	r.becomeDown()
	r.startByUser()
	r.event(LoginSeen{At: r.now}) // the user's own
	r.clear()
	r.now = r.now.Add(-50 * time.Minute)
	r.event(TimerFired{})
	r.becomeStarting()
	if logins := r.loginLoop(200); logins != r.p.LoginBudget {
		t.Errorf("%d unattended logins, the budget is %d", logins, r.p.LoginBudget)
	}
}

// loginLoop has IBC log in again and again, at most this often, until Decide
// begins an action. It returns the number of logins.
func (r *harness) loginLoop(most int) (logins int) {
	for logins < most {
		r.event(PhaseSeen{Phase: Launching})
		r.hold(time.Second)
		if len(r.actions()) > 0 {
			break
		}
		logins++
		r.event(PhaseSeen{Phase: Login})
		r.event(LoginSeen{At: r.now})
		r.hold(time.Second)
	}
	return logins
}

// Gatelight's own stop of a login loop is not a stop that the user wanted.
func TestDownIsUnexpectedAfterALoginLoopWasStopped(t *testing.T) {
	r := newHarness(t)
	r.ours()
	r.becomeStarting()
	r.loginLoop(50)
	stop := r.actions()[0]
	r.ours() // seen once more meanwhile
	r.becomeDown()
	r.event(ActionEnded{ID: stop.ID, Action: Stop})
	r.wantDown(false)
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
	if r.s.Next != nil || r.s.KeepRunning || len(r.actions()) != 0 {
		t.Errorf("next: %+v, acts %+v; want it left alone", r.s.Next, r.actions())
	}
	const unsaved = "cannot change whether paper is kept running: it holds until Gatelight ends, but not after that: the disk is full"
	if got := effectsOf[Reply](r); len(got) != 2 || got[0] != (Reply{ID: 7}) || got[1].ID != 8 || errorText(got[1].Err) != unsaved {
		t.Errorf("the requests were answered with %+v", got)
	}
}

// When its server cannot be reached, IBC launches the Gateway again and again
// and never stops, but no login is counted.
func TestALaunchLoopWithoutALoginIsStopped(t *testing.T) {
	r := newHarness(t)
	r.ours()
	r.becomeStarting()
	for n := range 20 {
		r.event(PhaseSeen{Phase: Launching})
		r.event(LaunchSeen{})
		r.hold(2 * time.Second)
		if acts := r.actions(); len(acts) > 0 {
			if n != maxRelaunches+1 || acts[0].Action != Stop {
				t.Errorf("%s after %d launches", acts[0].Action, n+1)
			}
			break
		}
	}
	if got := r.notices(); len(got) == 0 || got[len(got)-1] != NoticeBudget {
		t.Errorf("people were told %q", got)
	}

	well := newHarness(t) // a Gateway may restart every day with a new login
	well.ours()
	for range 20 {
		well.becomeStarting()
		well.event(PhaseSeen{Phase: Launching})
		well.event(LaunchSeen{})
		well.event(PhaseSeen{Phase: LoggedIn})
		well.hold(time.Second)
	}
	if acts := well.actions(); len(acts) != 0 {
		t.Errorf("stopped a Gateway that logs in: %+v", acts)
	}
}
