package supervisor

import (
	"strings"
	"testing"
	"time"
)

// startedAgain is a Gateway that went down a minute ago and that the user
// starts again. id is that of the start.
func startedAgain(t *testing.T) (h *harness, id uint64) {
	h = newConnectedOurs(t)
	h.becomeDown()
	h.hold(time.Minute)
	id = h.ask(Start)
	h.ours()
	return h, id
}

// The notice of the drop announces the start. If the start does not work
// either, people are told again.
func TestAnUnattendedStartThatTakesTooLongIsTold(t *testing.T) {
	h := newConnectedOurs(t)
	h.s.mem.logins.keepRunning = true
	h.becomeDown()
	if n := h.last(); !strings.HasSuffix(n.Body, "it was killed. Gatelight starts it again at "+clock(h.now.Add(h.p.StartRetry[0]))) {
		t.Errorf("people were told %+v", n)
	}
	h.hold(h.p.StartRetry[0])
	start := h.wantOnly(Start)
	h.ours()
	h.event(ActionEnded{ID: start.ID, Action: Start})
	h.event(PhaseSeen{Phase: Login})
	h.hold(h.p.StartTimeout - time.Minute)
	if got := h.notices(); len(got) != 1 || len(h.s.Notices) != 1 {
		t.Errorf("meanwhile people were told %+v", h.s.Notices)
	}
	h.hold(time.Minute + time.Second)
	if n := h.last(); n.Title != "Still starting: paper" || n.Body != "For 4 min now. IBC is logging in" {
		t.Errorf("people were told %+v", n)
	}
	h.hold(30 * time.Minute)
	if n := h.last(); n.Kind != NoticeReminder {
		t.Errorf("then people were told %+v, want a reminder", n)
	}
}

// People are asked again for an approval that takes longer than a start may
// take.
func TestAnOverdueStartDoesNotHoldBackTheTwoFactorReminder(t *testing.T) {
	h, id := startedAgain(t)
	h.event(ActionEnded{ID: id, Action: Start})
	h.event(PhaseSeen{Phase: TwoFactor})
	h.hold(h.p.StartTimeout + time.Second)
	if h.s.TroubleSince.IsZero() {
		t.Error("TroubleSince is zero")
	}
	h.hold(2 * time.Minute)
	if n := h.last(); n.Kind != NoticeReminder || !strings.HasPrefix(n.Body, "For 5 min now. Approve the login") {
		t.Errorf("people were told %+v", n)
	}
}

// A person who was asked to approve the login has to know that it has ended.
func TestAnEndDuringTwoFactorIsToldAfterAFailedStart(t *testing.T) {
	h, id := startedAgain(t)
	h.event(ActionEnded{ID: id, Action: Start, Err: failed("no answer")})
	h.event(PhaseSeen{Phase: TwoFactor})
	h.hold(10 * time.Second)
	h.becomeDown()
	if n := h.last(); n.Kind != NoticeDrop || n.State != Down {
		t.Errorf("people were told %+v", n)
	}
}

// The state changes shortly before FlapAfter is over, so that the overdue start
// is not told yet. The incident stays open all the same.
func TestTheRecoveryIsToldWhenAnOverdueStartWasNotToldYet(t *testing.T) {
	h, id := startedAgain(t)
	h.event(ActionEnded{ID: id, Action: Start})
	h.hold(h.p.StartTimeout - 2*time.Second)
	h.event(LookFailed{Reader: "test", Why: "no"})
	h.look() // starting, anew
	h.hold(2500 * time.Millisecond)
	if h.s.TroubleSince.IsZero() {
		t.Error("TroubleSince is zero")
	}
	h.becomeConnected()
	if n := h.last(); n.Kind != NoticeRecovery {
		t.Errorf("people were told %+v", n)
	}
}

// After a restart that has failed the API still does not answer.
func TestAFailedRestartIsAnIncident(t *testing.T) {
	h := newConnectedOurs(t)
	id := h.ask(Restart)
	h.closeSession()
	h.event(SessionStarted{})
	h.hold(10 * time.Second)
	h.event(ActionEnded{ID: id, Action: Restart, Err: failed("no")})
	h.hold(40 * time.Minute)
	if len(h.reminders(h.now)) == 0 {
		t.Errorf("people were told %+v", h.s.Notices)
	}
}

func TestTwoFactorIsAskedForOnceAndTakenBackWhenApproved(t *testing.T) {
	h := newHarness(t)
	h.becomeDown()
	h.startByUser()
	for _, p := range []Phase{Launching, Login, TwoFactor} {
		h.event(PhaseSeen{Phase: p})
		h.hold(2 * time.Second)
	}
	h.hold(3 * time.Minute)
	h.event(PhaseSeen{Phase: LoggedIn})
	h.becomeConnected()
	h.wantTold("after the approval", NoticeTwoFactor, NoticeRecovery)
	if n := h.s.Notices; n[0].ID != n[1].ID {
		t.Errorf("people were told %+v, want the request and its end in one alert", n)
	}
}

func TestAFailedStartAfterADropIsTold(t *testing.T) {
	h := newConnectedOurs(t)
	h.becomeDown()
	h.hold(5 * time.Minute)
	h.startByUser()
	h.event(PhaseSeen{Phase: TwoFactor})
	h.hold(2 * time.Minute)
	h.event(GatewayEnded{Exit: Exit{At: h.now, Status: 87, Why: "two-factor approval timed out"}})
	h.hold(10 * time.Minute)
	h.wantTold("after the failed start", NoticeDrop, NoticeTwoFactor, NoticeDrop)
}

// The drop was too short to be told, so that people are told of the login only.
func TestATwoFactorRequestRightAfterADropIsTakenBack(t *testing.T) {
	h := newConnectedOurs(t)
	h.closeSession()
	h.becomeStarting()
	h.hold(time.Second)
	h.event(PhaseSeen{Phase: TwoFactor})
	h.hold(time.Minute)
	h.becomeConnected()
	h.wantTold("after the approval", NoticeTwoFactor, NoticeRecovery)
}
