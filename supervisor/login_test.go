package supervisor

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// refused is a login problem that waits for a person.
var refused = LoginProblem{Reason: LoginRefused, Title: "login refused", Text: "IBKR refuses the login", Waits: true}

// newLogin is a Gateway of ours that the user has started and that logs in.
func newLogin(t *testing.T) *harness {
	h := newHarness(t)
	h.becomeDown()
	id := h.ask(Start)
	h.ours()
	h.event(ActionEnded{ID: id, Action: Start})
	h.event(PhaseSeen{Phase: Login})
	h.clear()
	return h
}

func TestARefusedLoginIsToldAtOnceAndOnce(t *testing.T) {
	h := newLogin(t)
	h.event(LoginProblemSeen{refused})
	if n := h.last(); n.Kind != NoticeLogin || n.Title != "Login refused: paper" || n.Body != "IBKR refuses the login." || !n.Urgent {
		t.Errorf("people were told %+v", n)
	}
	if h.s.Phase != NeedsYou || h.s.Why != "IBKR refuses the login" || h.s.Title() != "waiting for you" || *h.s.LoginProblem != refused {
		t.Errorf("phase %q: %s (%s)", h.s.Phase, h.s.Why, h.s.Title())
	}
	for _, r := range effectsOf[Record](h) {
		if r.Entry.Kind == EntryState && r.Entry.Phase == NeedsYou && r.Entry.Expected {
			t.Errorf("the event log calls it expected: %+v", r.Entry)
		}
	}
	h.event(PhaseSeen{Phase: Launching}) // IBC tries again
	h.event(PhaseSeen{Phase: Login})
	h.event(LoginProblemSeen{refused})
	if got := h.notices(); !slices.Equal(got, []NoticeKind{NoticeLogin}) {
		t.Errorf("people were told %v, want the refusal once", got)
	}
	h.event(LoginProblemSeen{LoginProblem{Reason: LoginTooManyAttempts, Title: "too many failed logins", Text: "wait", Waits: true}})
	if got := h.notices(); !slices.Equal(got, []NoticeKind{NoticeLogin, NoticeLogin}) {
		t.Errorf("people were told %v, want the new problem, too", got)
	}
}

// Whatever IBC's log tells, one thing after the other: people are told a thing
// again after a minute at the earliest, and a few things a minute at most.
func TestPeopleAreNotToldEveryLineOfALog(t *testing.T) {
	h := newLogin(t)
	var others []LoginProblem
	for _, title := range strings.Fields("a b c d e f g h i j k l") {
		others = append(others, LoginProblem{Reason: LoginReason(title), Title: title, Text: title, Waits: true})
	}
	const events = 1000
	for n := range events { // in ten seconds
		h.now = h.now.Add(10 * time.Millisecond)
		h.event(PhaseSeen{Phase: []Phase{TwoFactor, Login}[n%2]})
		h.event(LoginProblemSeen{[]LoginProblem{refused, others[n%len(others)]}[n%2]})
	}
	if told := h.last().Seq; told < 3 || told > keptNotices+1 {
		t.Errorf("people were told %d times by %d events", told, events)
	}
	written := 0
	for _, r := range effectsOf[Record](h) {
		if r.Entry.Kind == EntryNotice {
			written++
		}
	}
	if written > keptNotices+1 {
		t.Errorf("%d notices in the event log", written)
	}
	h.event(PhaseSeen{Phase: Login})
	h.event(PhaseSeen{Phase: TwoFactor}) // which is a new request
	since := h.now
	h.hold(loginNoticePause + 10*time.Second)
	if n := h.last(); n.Kind != NoticeTwoFactor || !n.At.After(since) {
		t.Errorf("when it still waits after the pause, people were told %+v", n)
	}
}

func TestAProblemThatIBCSolvesByItselfIsToldButNeedsNobody(t *testing.T) {
	h := newLogin(t)
	h.event(LoginProblemSeen{LoginProblem{Reason: LoginNoServer, Title: "IBKR not reached", Text: "IBKR's server could not be reached"}})
	if h.s.Phase != Login || h.s.Why != "IBC is logging in; IBKR's server could not be reached" {
		t.Errorf("phase %q: %s", h.s.Phase, h.s.Why)
	}
	h.wantTold("at once", NoticeLogin)
}

func TestAWindowThatIBCAnswersInAMomentIsNoQuestion(t *testing.T) {
	h := newLogin(t)
	h.event(LoginProblemSeen{LoginProblem{Reason: LoginDialog, Title: "a window waits", Text: "it asks", Waits: true}})
	h.hold(dialogLimit - time.Second)
	if h.s.Phase != Login {
		t.Errorf("phase %q before IBC may have answered", h.s.Phase)
	}
	h.event(LoginProblemSeen{})
	h.hold(time.Minute)
	if h.s.Phase != Login || len(h.notices()) != 0 {
		t.Errorf("phase %q, people were told %v after it was closed", h.s.Phase, h.notices())
	}
}

func TestAWindowThatStaysOpenIsAQuestion(t *testing.T) {
	h := newLogin(t)
	h.event(LoginProblemSeen{LoginProblem{Reason: LoginDialog, Title: "a window waits", Text: "it asks", Waits: true}})
	h.hold(dialogLimit + time.Second)
	if h.s.Phase != NeedsYou || h.s.Why != "It asks" {
		t.Errorf("phase %q: %s", h.s.Phase, h.s.Why)
	}
	h.wantTold("when it stays open", NoticeLogin)
}

func TestALoginThatStopsAfterTwoFactorNeedsAPerson(t *testing.T) {
	h := newLogin(t)
	h.event(PhaseSeen{Phase: TwoFactor})
	h.event(PhaseSeen{Phase: Login})
	h.hold(codeLimit + time.Second)
	if h.s.Phase != NeedsYou || h.s.LoginProblem == nil || h.s.LoginProblem.Reason != LoginMissed {
		t.Errorf("phase %q: %s", h.s.Phase, h.s.Why)
	}
	h.wantTold("a minute after the request ended", NoticeTwoFactor, NoticeLogin)
}

func TestALoginThatIsDoneHasNoProblemAnyMore(t *testing.T) {
	h := newLogin(t)
	h.event(LoginProblemSeen{refused})
	h.event(PhaseSeen{Phase: LoggedIn})
	if h.s.Phase != LoggedIn || h.s.LoginProblem != nil {
		t.Errorf("phase %q with the problem %+v", h.s.Phase, h.s.LoginProblem)
	}
	h.becomeConnected()
	if n := h.last(); n.Kind != NoticeRecovery {
		t.Errorf("people were told %+v, want the end of it", n)
	}
}

func TestTheTwoFactorRequestSaysWhatToDoAndByWhen(t *testing.T) {
	h := newLogin(t)
	h.event(PhaseSeen{Phase: TwoFactor, TwoFactor: TwoFactorRequest{Do: "Type the code", Until: h.now.Add(3 * time.Minute)}})
	until := clock(h.now.Add(3 * time.Minute))
	if r := h.s.TwoFactor; r == nil || r.Do != "Type the code" || !strings.HasPrefix(h.s.Why, "Type the code before "+until) {
		t.Errorf("%+v: %s", r, h.s.Why)
	}
	if n := h.last(); !strings.HasPrefix(n.Body, "Type the code before "+until) {
		t.Errorf("people were told %+v", n)
	}
}

// A Gateway may open its port long before the login is done.
func TestWhileTheLoginIsNotDoneAnOpenPortIsNotSilent(t *testing.T) {
	h := newLogin(t)
	h.becomeListening()
	h.event(PhaseSeen{Phase: TwoFactor})
	h.hold(time.Minute)
	if h.s.State != Listening || h.s.Phase != TwoFactor || !strings.HasPrefix(h.s.Why, "Port 4002 is open already. Approve the login") {
		t.Errorf("%s %s: %s", h.s.State, h.s.Phase, h.s.Why)
	}
	h.event(PhaseSeen{Phase: LoggedIn})
	h.hold(h.p.HandshakeLate + time.Second)
	if h.s.State != Silent {
		t.Errorf("%s after the login: %s", h.s.State, h.s.Why)
	}
}
