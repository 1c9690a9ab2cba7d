package supervisor

import (
	"testing"
	"time"
)

func TestKeepRunningStopsAtTheLoginBudget(t *testing.T) {
	h := newHarness(t)
	h.s.mem.logins.keepRunning = true
	h.becomeStarting()
	h.becomeConnected()
	h.becomeDown()
	var starts []time.Duration
	from := h.now
	for h.now.Sub(from) < 50*time.Minute {
		h.hold(time.Second)
		for _, a := range h.actions() {
			starts = append(starts, h.now.Sub(from))
			h.event(GatewaySeen{PID: 8, StartedAt: h.now, By: ByGatelight})
			h.event(ActionEnded{ID: a.ID, Action: a.Action})
			h.event(LoginSeen{At: h.now})
			h.hold(time.Second)
			h.event(GatewayEnded{Exit: Exit{At: h.now, Why: "IBC found no Java"}})
			from = h.now
		}
		h.clear()
	}
	if len(starts) != h.p.LoginBudget {
		t.Fatalf("started %d times after %v, the budget is %d", len(starts), starts, h.p.LoginBudget)
	}
	if !h.s.BudgetSpent {
		t.Error("the snapshot does not say that the budget is spent")
	}
	if kinds := h.notices(); kinds[len(kinds)-1] != NoticeBudget {
		t.Errorf("people were told %v, want the budget last: %+v", kinds, h.s.Notices)
	}
	h.event(ActionRequested{ID: 1, Action: Start})
	if len(h.actions()) != 1 {
		t.Error("the user himself may start it at any time")
	}
}

// IBC's own loop: "Login failed", a cold restart, and so on about every 2.3 s.
func TestALoginLoopOfIBCIsStoppedAtTheBudget(t *testing.T) {
	h := newHarness(t)
	h.becomeDown()
	h.startByUser()
	h.clear()
	h.wantFullBudget(h.loginLoop(50))
	h.wantOnly(Stop)
}

// With ReloginAfterSecondFactorAuthenticationTimeout=yes, IBC logs in again in
// the same Java, without end.
func TestALoginLoopAfterMissedRequestsIsStoppedAtTheBudget(t *testing.T) {
	h := newHarness(t)
	h.becomeDown()
	h.startByUser()
	h.clear()
	h.event(PhaseSeen{Phase: Launching})
	h.event(PhaseSeen{Phase: Login})
	logins := 0
	for ; logins < 20 && len(h.actions()) == 0; logins++ {
		h.event(LoginSeen{At: h.now})
		h.event(PhaseSeen{Phase: TwoFactor})
		h.hold(3 * time.Minute)
		h.event(PhaseSeen{Phase: Login})
		h.event(LoginProblemSeen{LoginProblem{Reason: LoginMissed, Title: "test", Text: "test"}})
		h.hold(5 * time.Second)
	}
	h.wantFullBudget(logins)
	h.wantOnly(Stop)
}

func TestAFailedStopOfALoginLoopIsTriedAgain(t *testing.T) {
	h := newHarness(t)
	h.ours()
	h.becomeStarting()
	for range 3 {
		h.loginLoop(50)
		stop := h.wantOnly(Stop)
		h.clear()
		h.event(ActionEnded{ID: stop.ID, Action: Stop, Err: failed("the look failed")})
	}
	h.event(PhaseSeen{Phase: Launching})
	h.hold(stopRetry - time.Second)
	if len(h.actions()) > 0 {
		t.Errorf("tried again at once: %+v", h.actions())
	}
	h.hold(2 * time.Second) // before IBC gets to the next login
	h.wantOnly(Stop)
	failures := 0
	for _, n := range h.s.Notices {
		if n.Kind == NoticeFailed {
			failures++
		}
	}
	if failures != 1 {
		t.Errorf("people were told %d times that it has failed, want once: %+v", failures, h.s.Notices)
	}
	ids := map[uint64]bool{}
	for _, n := range h.s.Notices {
		ids[n.ID] = true
	}
	if len(ids) != 1 {
		t.Errorf("people got %d alerts, want one: %+v", len(ids), h.s.Notices)
	}
}

// The user looked at a start that has failed, and at nothing that comes later: nor at
// its own login, if it comes all the same, nor at those of a start that follows.
func TestAfterAFailedStartOfTheUserEveryLoginCounts(t *testing.T) {
	for name, follows := range map[string]bool{"its own login": false, "a start that follows": true} {
		h := newHarness(t)
		h.s.mem.logins.keepRunning = follows
		h.ours()
		h.becomeStarting()
		h.becomeConnected()
		h.becomeDown()
		h.event(ActionEnded{ID: h.ask(Start), Action: Start, Err: failed("the look failed")})
		h.clear()
		if follows {
			for len(h.actions()) == 0 {
				h.hold(time.Second)
			}
			h.event(ActionEnded{ID: h.wantOnly(Start).ID, Action: Start})
		}
		h.clear()
		h.ours()
		h.becomeStarting()
		if logins := h.loginLoop(50); logins != h.p.LoginBudget {
			t.Errorf("%s: %d logins, the budget is %d", name, logins, h.p.LoginBudget)
		}
		h.wantOnly(Stop)
	}
}

func TestABudgetSpentWhileTheStateIsUnknownIsTold(t *testing.T) {
	h := newHarness(t)
	h.ours()
	h.becomeUnknown()
	h.loginLoop(20)
	if len(h.actions()) != 0 {
		t.Errorf("acted while unknown: %+v", h.actions())
	}
	h.wantTold("while the state is unknown", NoticeBudget)
	h.becomeStarting()
	h.event(PhaseSeen{Phase: Launching})
	h.wantOnly(Stop) // as soon as the state is known
}

func TestAFailedStartDoesNotLeaveALaterLoginUncounted(t *testing.T) {
	h := newHarness(t)
	h.s.mem.logins.keepRunning = true
	h.ours()
	h.becomeConnected()
	h.becomeDown()
	h.hold(h.p.StartRetry[0] + time.Second)
	h.event(ActionEnded{ID: h.actions()[0].ID, Action: Start, Err: failed("IBC is not complete")})
	h.startByUser()
	h.clear()
	h.wantFullBudget(h.loginLoop(50))
}

func TestTheUsersOwnStartBeginsANewBudget(t *testing.T) {
	h := newHarness(t)
	for range 2 {
		h.becomeDown()
		h.startByUser()
		h.clear()
		h.wantFullBudget(h.loginLoop(50))
		h.event(ActionEnded{ID: h.wantOnly(Stop).ID, Action: Stop})
	}
}

func TestAClockSetBackKeepsTheLoginBudget(t *testing.T) {
	h := newHarness(t)
	h.becomeDown()
	h.startByUser()
	h.event(LoginSeen{At: h.now}) // the user's own
	h.clear()
	h.now = h.now.Add(-50 * time.Minute)
	h.event(TimerFired{})
	h.becomeStarting()
	if logins := h.loginLoop(200); logins != h.p.LoginBudget {
		t.Errorf("%d unattended logins, the budget is %d", logins, h.p.LoginBudget)
	}
}

func TestAClockSetBackForgetsNoUnattendedLogin(t *testing.T) {
	h := newHarness(t)
	h.ours()
	h.becomeStarting()
	h.loginLoop(2)
	h.now = h.now.Add(-50 * time.Minute)
	if logins := h.loginLoop(50); logins != h.p.LoginBudget-2 {
		t.Errorf("%d logins after the clock was set back, want what was left of the budget, %d", logins, h.p.LoginBudget-2)
	}
}

// wantFullBudget checks that there were the user's own login and all those of the
// budget.
func (h *harness) wantFullBudget(logins int) {
	h.t.Helper()
	if logins != 1+h.p.LoginBudget {
		h.t.Errorf("%d logins, want the user's own and %d more", logins, h.p.LoginBudget)
	}
}

// loginLoop has IBC log in again and again, at most this often, until Decide
// begins an action. It returns the number of logins.
func (h *harness) loginLoop(most int) (logins int) {
	for logins < most {
		h.event(PhaseSeen{Phase: Launching})
		h.hold(time.Second)
		if len(h.actions()) > 0 {
			break
		}
		logins++
		h.event(PhaseSeen{Phase: Login})
		h.event(LoginSeen{At: h.now})
		h.hold(time.Second)
	}
	return logins
}

// Gatelight's own stop of a login loop is not a stop that the user wanted.
func TestDownIsUnexpectedAfterALoginLoopWasStopped(t *testing.T) {
	h := newHarness(t)
	h.ours()
	h.becomeStarting()
	h.loginLoop(50)
	stop := h.actions()[0]
	h.ours() // seen once more meanwhile
	h.becomeDown()
	h.event(ActionEnded{ID: stop.ID, Action: Stop})
	h.wantDown(false)
}

func TestKeepRunningIsTurnedOnAndOff(t *testing.T) {
	h := newHarness(t)
	h.ours()
	h.becomeConnected()
	h.event(ActionRequested{ID: 7, Action: KeepRunningOn})
	if got := effectsOf[SaveKeepRunning](h); len(got) != 1 || got[0] != (SaveKeepRunning{ID: 7, KeepRunning: true}) || !h.s.KeepRunning {
		t.Fatalf("keep %v, %+v", h.s.KeepRunning, got)
	}
	h.event(KeepRunningSaved{ID: 7})
	h.becomeDown()
	h.hold(time.Second)
	if h.s.Next == nil || h.s.Next.Action != NextStart {
		t.Errorf("next: %+v, want a start", h.s.Next)
	}
	h.event(ActionRequested{ID: 8, Action: KeepRunningOff})
	h.event(KeepRunningSaved{ID: 8, Err: "the disk is full"})
	h.hold(time.Minute)
	if h.s.Next != nil || h.s.KeepRunning || len(h.actions()) != 0 {
		t.Errorf("next: %+v, acts %+v; want it left alone", h.s.Next, h.actions())
	}
	const unsaved = "cannot change whether paper is kept running: it holds until Gatelight stops, but not after that: the disk is full"
	if got := effectsOf[Reply](h); len(got) != 2 || got[0] != (Reply{ID: 7}) || got[1].ID != 8 || errorText(got[1].Err) != unsaved {
		t.Errorf("the requests were answered with %+v", got)
	}
}

// When its server cannot be reached, IBC launches the Gateway again and again
// and never stops, but no login is counted.
func TestALaunchLoopWithoutALoginIsStopped(t *testing.T) {
	h := newHarness(t)
	h.ours()
	h.becomeStarting()
	for n := range 20 {
		h.event(PhaseSeen{Phase: Launching})
		h.event(LaunchSeen{})
		h.hold(2 * time.Second)
		if acts := h.actions(); len(acts) > 0 {
			if n != maxRelaunches+1 || acts[0].Action != Stop {
				t.Errorf("%s after %d launches", acts[0].Action, n+1)
			}
			break
		}
	}
	if got := h.notices(); len(got) == 0 || got[len(got)-1] != NoticeBudget {
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
