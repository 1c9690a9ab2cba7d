package supervisor

import (
	"strings"
	"testing"
	"time"
)

func TestAPlannedEndIsExpectedAndIsNotStartedAgain(t *testing.T) {
	h := newConnectedOurs(t)
	h.s.mem.logins.keepRunning = true
	h.clear()
	h.event(PlannedEndSeen{Why: "at the time set as ClosedownAt"})
	h.close()
	h.hold(10 * time.Minute)
	h.wantDown(true)
	if !strings.HasSuffix(h.s.Why, ": at the time set as ClosedownAt") || len(h.actions()) != 0 || len(h.notices()) != 0 {
		t.Errorf("%s; actions %v, notices %v", h.s.Why, h.actions(), h.notices())
	}
}

// Whoever can write a line into IBC's log must not be able to hide a crash.
func TestACrashIsACrashWhateverTheLogTells(t *testing.T) {
	h := newConnectedOurs(t)
	h.s.mem.logins.keepRunning = true
	h.clear()
	h.event(PlannedEndSeen{})
	h.becomeDown()
	h.wantDown(false)
	h.wantTold("at once", NoticeDrop)
	if h.s.Next == nil || h.s.Next.Action != NextStart {
		t.Errorf("next is %+v, want a start", h.s.Next)
	}

	asked := newConnectedOurs(t) // and a stop by the user is one, also when it has to kill
	id := asked.ask(Stop)
	asked.event(PlannedEndSeen{})
	asked.becomeDown()
	asked.event(ActionEnded{ID: id, Action: Stop})
	asked.wantDown(true)
}

// As long as it is not known whether a Gateway runs nothing is started, by
// itself or for somebody.
func TestAnUnknownProcessIsUnknown(t *testing.T) {
	h := newHarness(t)
	h.s.mem.logins.keepRunning = true
	h.event(ProcessUnknown{Why: "the run file is damaged; if no Gateway runs, remove it"})
	h.look()
	h.hold(10 * time.Minute)
	if h.s.State != Unknown || h.s.Why != "It cannot be told whether the Gateway runs: the run file is damaged; if no Gateway runs, remove it" {
		t.Errorf("%s: %s", h.s.State, h.s.Why)
	}
	if r := h.s.Refusal(Start); r == nil || r.Reason != ReasonStateUnknown || !strings.HasSuffix(r.Explanation(), "if no Gateway runs, remove it") {
		t.Errorf("a start is refused with %v", r)
	}
	if a := h.actions(); len(a) != 0 {
		t.Errorf("Gatelight did %v", a)
	}
	h.becomeListening()
	if h.s.State != Listening {
		t.Errorf("somebody listens, and it is %s", h.s.State)
	}
	h.view = PortView{}
	h.look()
	h.event(ProcessUnknown{})
	h.wantDown(false)
}

// This Gatelight begins while a Gateway closes that an earlier one has stopped.
func TestAStopThatBeganBeforeThisGatelightIsKept(t *testing.T) {
	h := newHarness(t)
	h.s.mem.logins.keepRunning = true
	h.ours()
	h.event(PlannedEndSeen{Asked: true})
	h.listen()
	h.becomeDown()
	h.hold(10 * time.Minute)
	h.wantDown(true)
	if a := h.actions(); len(a) != 0 {
		t.Errorf("%v, want it left down", a)
	}
}

func TestStopCancelsAnAnnouncedStart(t *testing.T) {
	h := newConnectedOurs(t)
	h.s.mem.logins.keepRunning = true
	h.becomeDown()
	if h.s.Next == nil || h.s.Next.Action != NextStart {
		t.Fatalf("next is %+v, want a start", h.s.Next)
	}
	if r := h.s.Refusal(Stop); r != nil {
		t.Fatal(r)
	}
	h.clear()
	h.event(ActionRequested{ID: 99, Action: Stop})
	if replies := effectsOf[Reply](h); len(replies) != 1 || replies[0].Err != nil || h.s.Next != nil {
		t.Errorf("replies %+v, next %+v", replies, h.s.Next)
	}
	h.hold(10 * time.Minute)
	h.wantDown(true)
	if a := h.actions(); len(a) != 0 {
		t.Errorf("%v, want none", a)
	}
	if r := h.s.Refusal(Stop); r == nil || r.Reason != ReasonNotRunning {
		t.Errorf("then stop is refused with %v", r)
	}
}

func TestARefusedStartLeavesAGatewayAsItWas(t *testing.T) {
	h := newHarness(t)
	h.becomeDown()
	h.wantDown(true)
	id := h.ask(Start)
	h.event(ActionEnded{ID: id, Action: Start, Err: failed("IBC found no Java")})
	h.wantDown(true)
	if !strings.HasPrefix(h.s.Why, "Nobody listens on port 4002") || strings.Contains(h.s.Why, "any more") {
		t.Errorf("why: %s", h.s.Why)
	}
}

func TestAnAnnouncedRestartIsShownAndNotAskedForTwice(t *testing.T) {
	h := newConnectedOurs(t)
	id := h.ask(Restart)
	at := h.now.Add(time.Minute)
	h.event(RestartAnnounced{At: at})
	h.event(ActionEnded{ID: id, Action: Restart})
	if n := h.s.Next; n == nil || n.Action != NextRestart || !n.At.Equal(at) {
		t.Errorf("next is %+v", n)
	}
	if r := h.s.Refusal(Restart); r == nil || r.Reason != ReasonBusy || !strings.Contains(r.Text, clock(at)) {
		t.Errorf("a second restart is refused with %v", r)
	}
	h.clear()
	h.hold(time.Minute)
	h.restarts()
	if h.s.Next != nil || len(h.notices()) != 0 {
		t.Errorf("next is %+v, people were told %v", h.s.Next, h.notices())
	}
}

// Another session of the same user would be ended by the start, and its program
// would start again, too.
func TestAGatewayThatGaveWayIsToldAndNotStartedAgain(t *testing.T) {
	h := newConnectedOurs(t)
	h.s.mem.logins.keepRunning = true
	h.clear()
	h.event(GatewayEnded{Exit: Exit{At: h.now, Reason: ExitSessionElsewhere, Why: "it gave way to another session"}})
	h.view = PortView{}
	h.look()
	h.hold(10 * time.Minute)
	h.wantDown(false)
	if a := h.actions(); len(a) != 0 {
		t.Errorf("%v, want it left down", a)
	}
	if got := h.notices(); len(got) == 0 || got[0] != NoticeDrop {
		t.Errorf("people were told %v", got)
	}
}

// A start that comes to an end at once is a failure to see, not a Gateway that
// somebody has stopped.
func TestAStartThatEndsAtOnceIsDownWithItsReason(t *testing.T) {
	h := newHarness(t)
	h.look()
	id := h.ask(Start)
	h.event(GatewaySeen{PID: 4711, StartedAt: h.now, By: ByGatelight})
	h.event(GatewayEnded{Exit: Exit{At: h.now, Status: 1, Reason: ExitNoJava, Why: "IBC found no Java"}})
	h.event(ActionEnded{ID: id, Action: Start, Err: failed("it ended at once: IBC found no Java")})
	h.look()
	h.wantDown(false)
	if !strings.HasSuffix(h.s.Why, ": IBC found no Java") {
		t.Error(h.s.Why)
	}
}
