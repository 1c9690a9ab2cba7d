package supervisor

import (
	"strings"
	"testing"
	"time"
)

// startedAgain is a Gateway that went down a minute ago and that the user
// starts again. id is that of the start.
func startedAgain(t *testing.T) (r *harness, id uint64) {
	r = newConnectedOurs(t)
	r.becomeDown()
	r.hold(time.Minute)
	id = r.ask(Start)
	r.ours()
	return r, id
}

// The notice of the drop announces the start. If the start does not work
// either, people are told again.
func TestAnUnattendedStartThatTakesTooLongIsTold(t *testing.T) {
	r := newConnectedOurs(t)
	r.s.mem.logins.keepRunning = true
	r.becomeDown()
	if n := r.last(); !strings.HasSuffix(n.Body, "it was killed. Gatelight starts it again at "+clock(r.now.Add(r.p.StartRetry[0]))) {
		t.Errorf("people were told %+v", n)
	}
	r.hold(r.p.StartRetry[0])
	start := r.wantOnly(Start)
	r.ours()
	r.event(ActionEnded{ID: start.ID, Action: Start})
	r.event(PhaseSeen{Phase: Login})
	r.hold(r.p.StartTimeout - time.Minute)
	if got := r.notices(); len(got) != 1 || len(r.s.Notices) != 1 {
		t.Errorf("meanwhile people were told %+v", r.s.Notices)
	}
	r.hold(time.Minute + time.Second)
	if n := r.last(); n.Title != "Gateway paper: still starting" || n.Body != "For 4 min now. IBC is logging in" {
		t.Errorf("people were told %+v", n)
	}
	r.hold(30 * time.Minute)
	if n := r.last(); n.Kind != NoticeReminder {
		t.Errorf("then people were told %+v, want a reminder", n)
	}
}

// People are asked again for an approval that takes longer than a start may
// take.
func TestAnOverdueStartDoesNotHoldBackTheTwoFactorReminder(t *testing.T) {
	r, id := startedAgain(t)
	r.event(ActionEnded{ID: id, Action: Start})
	r.event(PhaseSeen{Phase: TwoFactor})
	r.hold(r.p.StartTimeout + time.Second)
	if r.s.TroubleSince.IsZero() {
		t.Error("TroubleSince is zero")
	}
	r.hold(2 * time.Minute)
	if n := r.last(); n.Kind != NoticeReminder || !strings.HasPrefix(n.Body, "For 5 min now. Approve the login") {
		t.Errorf("people were told %+v", n)
	}
}

// A person who was asked to approve the login has to know that it has ended.
func TestAnEndDuringTwoFactorIsToldAfterAFailedStart(t *testing.T) {
	r, id := startedAgain(t)
	r.event(ActionEnded{ID: id, Action: Start, Err: failed("no answer")})
	r.event(PhaseSeen{Phase: TwoFactor})
	r.hold(10 * time.Second)
	r.becomeDown()
	if n := r.last(); n.Kind != NoticeDrop || n.State != Down {
		t.Errorf("people were told %+v", n)
	}
}

// The state changes shortly before FlapAfter is over, so that the overdue start
// is not told yet. The incident stays open all the same.
func TestTheRecoveryIsToldWhenAnOverdueStartWasNotToldYet(t *testing.T) {
	r, id := startedAgain(t)
	r.event(ActionEnded{ID: id, Action: Start})
	r.hold(r.p.StartTimeout - 2*time.Second)
	r.event(LookFailed{Reader: "test", Why: "no"})
	r.look() // starting, anew
	r.hold(2500 * time.Millisecond)
	if r.s.TroubleSince.IsZero() {
		t.Error("TroubleSince is zero")
	}
	r.becomeConnected()
	if n := r.last(); n.Kind != NoticeRecovery {
		t.Errorf("people were told %+v", n)
	}
}

// After a restart that has failed the API still does not answer.
func TestAFailedRestartIsAnIncident(t *testing.T) {
	r := newConnectedOurs(t)
	id := r.ask(Restart)
	r.closeSession()
	r.event(SessionStarted{})
	r.hold(10 * time.Second)
	r.event(ActionEnded{ID: id, Action: Restart, Err: failed("no")})
	r.hold(40 * time.Minute)
	if len(r.reminders(r.now)) == 0 {
		t.Errorf("people were told %+v", r.s.Notices)
	}
}

func TestTwoFactorIsAskedForOnceAndTakenBackWhenApproved(t *testing.T) {
	r := newHarness(t)
	r.becomeDown()
	r.startByUser()
	for _, p := range []Phase{Launching, Login, TwoFactor} {
		r.event(PhaseSeen{Phase: p})
		r.hold(2 * time.Second)
	}
	r.hold(3 * time.Minute)
	r.event(PhaseSeen{Phase: LoggedIn})
	r.becomeConnected()
	r.wantTold("after the approval", NoticeTwoFactor, NoticeRecovery)
	if n := r.s.Notices; n[0].ID != n[1].ID {
		t.Errorf("people were told %+v, want the request and its end in one alert", n)
	}
}

func TestAFailedStartAfterADropIsTold(t *testing.T) {
	r := newConnectedOurs(t)
	r.becomeDown()
	r.hold(5 * time.Minute)
	r.startByUser()
	r.event(PhaseSeen{Phase: TwoFactor})
	r.hold(2 * time.Minute)
	r.event(GatewayEnded{Exit: Exit{At: r.now, Status: 87, Why: "two-factor approval timed out"}})
	r.hold(10 * time.Minute)
	r.wantTold("after the failed start", NoticeDrop, NoticeTwoFactor, NoticeDrop)
}

// The drop was too short to be told, so that people are told of the login only.
func TestATwoFactorRequestRightAfterADropIsTakenBack(t *testing.T) {
	r := newConnectedOurs(t)
	r.closeSession()
	r.becomeStarting()
	r.hold(time.Second)
	r.event(PhaseSeen{Phase: TwoFactor})
	r.hold(time.Minute)
	r.becomeConnected()
	r.wantTold("after the approval", NoticeTwoFactor, NoticeRecovery)
}
