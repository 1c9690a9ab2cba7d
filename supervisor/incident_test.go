package supervisor

import (
	"strings"
	"testing"
	"time"
)

// startedAgain is a Gateway that went down a minute ago, and is being started.
func startedAgain(t *testing.T) (r *harness, id uint64) {
	r = newHarness(t)
	r.ours()
	r.becomeConnected()
	r.hold(5 * time.Second)
	r.becomeDown()
	r.hold(time.Minute)
	id = r.ask(Start)
	r.ours()
	return r, id
}

// last is what people were told last.
func (r *harness) last() Notice { return r.s.Notices[len(r.s.Notices)-1] }

// The bubble that says that all is well would be wrong, beside a new one.
func TestWhatComesBackAtOnceIsTheSameIncident(t *testing.T) {
	for pause, same := range map[time.Duration]bool{2 * time.Second: true, reopenWithin - time.Second: true, reopenWithin + time.Second: false} {
		r := newHarness(t)
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
		goes func(*harness)
		want string
	}{
		"before we were there": {func(r *harness) {
			r.s = New(r.p, r.now)
			r.view = PortView{}
			r.look()
			r.event(GatewayEnded{Exit: Exit{At: r.now.Add(-20 * time.Minute), Status: 137, Why: "it was killed"}, Before: true})
		}, "The API answers again after 20 min."},
		"blocked, then cleared": {func(r *harness) {
			r.becomeZombies()
			r.hold(10 * time.Minute)
			r.event(ActionEnded{ID: r.ask(ClearZombies), Action: ClearZombies})
			r.restarts()
		}, "The Gateway was restarted without a new login; the API answers again after 10 min."},
		"there for hours, and cleared though they did no harm": {func(r *harness) {
			harmless := zombiePeer
			harmless.Unread = 0
			r.listen(harmless)
			r.hold(10 * time.Minute)
			r.event(ActionEnded{ID: r.ask(ClearZombies), Action: ClearZombies})
			r.restarts()
		}, "The Gateway was restarted without a new login; the API answers again after 21 s."},
		"there for hours, and gone by themselves": {func(r *harness) {
			harmless := zombiePeer
			harmless.Unread = 0
			r.listen(harmless)
			r.hold(10 * time.Minute)
		}, "The zombies are gone."},
		"there for hours, and in the way for a moment": {func(r *harness) {
			quiet := zombiePeer
			quiet.Unread = 0
			r.listen(quiet)
			r.hold(10 * time.Minute)
			r.now = r.now.Add(r.p.HeartbeatLate)
			r.look()
			if r.s.State != Zombies || !r.s.Blocking {
				t.Errorf("%s, blocking %v", r.s.State, r.s.Blocking)
			}
			r.event(HeartbeatAnswered{RTT: time.Millisecond})
			r.hold(10 * time.Minute)
		}, "The zombies are gone."},
		"cut off": {func(r *harness) {
			r.becomeCutOff()
			r.hold(10 * time.Minute)
		}, "IBKR is reached again after 10 min."},
		"cut off, then down": {func(r *harness) {
			r.becomeCutOff()
			r.hold(10 * time.Minute)
			r.becomeDown()
			r.hold(2 * time.Minute)
		}, "The API answers again after 2 min."},
	} {
		r := newHarness(t)
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
	r := newHarness(t)
	r.s.mem.logins.keepRunning = true
	r.ours()
	r.becomeConnected()
	r.hold(5 * time.Second)
	r.becomeDown()
	if n := r.last(); !strings.HasSuffix(n.Body, "it was killed. Gatelight starts it again at "+clock(r.now.Add(r.p.StartRetry[0]))) {
		t.Errorf("people heard %+v", n)
	}
	r.hold(r.p.StartRetry[0])
	acts := effectsOf[PerformAction](r)
	r.ours()
	r.event(ActionEnded{ID: acts[len(acts)-1].ID, Action: Start})
	r.event(PhaseSeen{Phase: Login})
	r.hold(r.p.StartTimeout - time.Minute)
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

// An approval that takes longer than a start may take is asked for again.
func TestAnOverrunKeepsNoReminderOfTheApprovalBack(t *testing.T) {
	r, id := startedAgain(t)
	r.event(ActionEnded{ID: id, Action: Start})
	r.event(PhaseSeen{Phase: TwoFactor})
	r.hold(r.p.StartTimeout + time.Second)
	if r.s.TroubleSince.IsZero() {
		t.Error("the trouble is forgotten")
	}
	r.hold(2 * time.Minute)
	if n := r.last(); n.Kind != NoticeReminder || !strings.HasPrefix(n.Body, "For 5 min now. Approve the login") {
		t.Errorf("people heard %+v", n)
	}
}

// Whoever stops a login loop has not made it an end on purpose.
func TestAStopOfOurOwnIsNoPurpose(t *testing.T) {
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

// With the monitor off, an open port is all there is to know.
func TestWithTheMonitorOffAnOpenPortIsTheEndOfIt(t *testing.T) {
	client := Peer{Addr: zombiePeer.Addr, TCP: Established, Socket: 7}
	r := newHarness(t)
	r.p.Monitor = false
	r.listen(client)
	r.hold(5 * time.Second)
	for range 2 { // the second time it is news as well
		r.becomeDown()
		r.hold(10 * time.Second)
		if n := r.last(); n.Kind != NoticeDrop || n.State != Down {
			t.Errorf("people heard %+v", n)
		}
		r.listen()
		r.hold(time.Minute)
		if n := r.last(); n.Title != "Gateway paper: open again" || n.Body != "Port 4002 is open again after 10 s." || !r.s.TroubleSince.IsZero() {
			t.Errorf("people heard %+v, trouble since %v", n, r.s.TroubleSince)
		}
	}
	r.listen(client)
	r.hold(time.Minute)
	before := len(r.s.Notices)
	r.listen() // the client has gone
	r.hold(2 * time.Hour)
	if n := r.last(); len(r.s.Notices) != before+1 || n.Kind != NoticeDrop || !r.s.TroubleSince.IsZero() {
		t.Errorf("people heard %+v, trouble since %v; want to hear of it once", r.s.Notices[before:], r.s.TroubleSince)
	}
	r.listen(client)
	r.hold(time.Minute)
	if n := r.last(); n.Body != "Clients are connected again after 2 h 00 min." {
		t.Errorf("people heard %+v", n)
	}
}

// Whoever was asked to approve has to hear that it came to nothing.
func TestAnEndDuringTheApprovalIsNewsAfterAFailedStart(t *testing.T) {
	r, id := startedAgain(t)
	r.event(ActionEnded{ID: id, Action: Start, Err: failed("no answer")})
	r.event(PhaseSeen{Phase: TwoFactor})
	r.hold(10 * time.Second)
	r.becomeDown()
	if n := r.last(); n.Kind != NoticeDrop || n.State != Down {
		t.Errorf("people heard %+v", n)
	}
}

// What is told of an end has to have been told before, and nothing else.
func TestNoZombiesAreGoneThatNobodyWasToldOf(t *testing.T) {
	r := newHarness(t)
	r.becomeConnected()
	r.hold(5 * time.Second)
	r.becomeDown()
	r.hold(10 * time.Minute)
	r.becomeConnected() // the API answers; IBKR is not reached for a second
	r.becomeDown()
	r.hold(10 * time.Minute)
	r.listen()
	for r.s.API.State != SessionConnecting {
		r.hold(250 * time.Millisecond)
	}
	r.event(CodeReceived{Code: 1100, Link: LinkDown})
	r.event(SessionReady{ServerVersion: 187})
	r.hold(time.Second)
	r.event(CodeReceived{Code: 1102, Link: LinkUp})
	if n := r.last(); n.Kind != NoticeRecovery || n.Body != "The API can be used again after 10 min." {
		t.Errorf("people heard %+v", n)
	}
}

// An overrun that cannot be told yet is not forgotten, and neither is the incident.
func TestAnOverrunRightBeforeTheEndLosesNoRecovery(t *testing.T) {
	r, id := startedAgain(t)
	r.event(ActionEnded{ID: id, Action: Start})
	r.hold(r.p.StartTimeout - 2*time.Second)
	r.event(LookFailed{Reader: "test", Why: "no"})
	r.look() // starting, anew
	r.hold(2500 * time.Millisecond)
	if r.s.TroubleSince.IsZero() {
		t.Error("the trouble is forgotten")
	}
	r.becomeConnected()
	if n := r.last(); n.Kind != NoticeRecovery {
		t.Errorf("people heard %+v", n)
	}
}

func TestAnOldEndIsNotTheBeginningOfALaterIncident(t *testing.T) {
	r := newHarness(t)
	r.event(GatewayEnded{Exit: Exit{At: r.now.Add(-20 * time.Minute), Why: "it was killed"}, Before: true})
	r.becomeConnected()
	r.hold(time.Hour)
	r.becomeDown()
	r.hold(5 * time.Second)
	r.becomeConnected()
	if n := r.last(); !strings.HasSuffix(n.Body, " s.") {
		t.Errorf("people heard %+v", n)
	}
}

// Copying the config is about no start, and a failure of it is no part of an incident.
func TestACopyThatFailsDisturbsNothing(t *testing.T) {
	r := newHarness(t)
	r.ours()
	r.becomeConnected()
	r.hold(5 * time.Second)
	r.event(PhaseSeen{Phase: Restarting})
	r.becomeStarting()
	r.event(ActionEnded{ID: r.ask(CopyConfig), Action: CopyConfig, Err: failed("no")})
	r.hold(time.Minute)
	if n := r.last(); n.Kind != NoticeFailed || len(r.s.Notices) != 1 {
		t.Errorf("people heard %+v", r.s.Notices)
	}
	r.becomeDown()
	down := r.last()
	r.event(ActionEnded{ID: r.ask(CopyConfig), Action: CopyConfig, Err: failed("no")})
	if n := r.last(); n.Kind != NoticeFailed || n.ID == down.ID {
		t.Errorf("people heard %+v in place of %+v", n, down)
	}
}

// A restart that fails leaves an API that does not answer, and that goes on.
func TestARestartThatFailsIsAnIncident(t *testing.T) {
	r := newHarness(t)
	r.ours()
	r.becomeConnected()
	r.hold(5 * time.Second)
	id := r.ask(Restart)
	r.closeSession()
	r.event(SessionStarted{})
	r.hold(10 * time.Second)
	r.event(ActionEnded{ID: id, Action: Restart, Err: failed("no")})
	r.hold(40 * time.Minute)
	if len(r.reminders(r.now)) == 0 {
		t.Errorf("people heard %+v", r.s.Notices)
	}
}
