package supervisor

import (
	"strings"
	"testing"
	"time"
)

// An alert that says that all is well would be wrong beside one of a new drop.
func TestADropSoonAfterARecoveryContinuesTheIncident(t *testing.T) {
	for pause, same := range map[time.Duration]bool{2 * time.Second: true, reopenWithin - time.Second: true, reopenWithin + time.Second: false} {
		h := newConnected(t)
		h.becomeDown()
		h.hold(5 * time.Second)
		h.becomeConnected()
		up := h.last()
		h.hold(pause)
		h.becomeDown()
		if down := h.last(); up.Kind != NoticeRecovery || down.Kind != NoticeDrop || (down.ID == up.ID) != same {
			t.Errorf("down again after %v: %+v after %+v", pause, down, up)
		}
		h.hold(7 * time.Second)
		h.becomeConnected()
		if n := h.last(); n.Body != "The API answers again after 8 s." && n.Body != "The API answers again after 9 s." {
			t.Errorf("%q, want the time since the first drop", n.Body)
		}
	}
}

// A Gateway that crashes at each start must not ring every half minute.
func TestALoopOfDropsIsToldOnce(t *testing.T) {
	h := newConnected(t)
	loop := func(times int) {
		for range times {
			h.becomeDown()
			h.hold(10 * time.Second)
			h.becomeConnected()
			h.hold(10 * time.Second)
		}
	}
	loop(10)
	h.wantTold("after ten drops", NoticeDrop, NoticeRecovery, NoticeDrop, NoticeRecovery, NoticeLoop)
	if n := h.last(); n.Title != "Keeps dropping: paper" || !strings.HasPrefix(n.Body, "3 drops in ") || !n.Urgent || n.ID != h.s.Notices[0].ID {
		t.Errorf("people were told %+v", n)
	}
	h.hold(reopenWithin)
	h.wantTold("when it holds", NoticeDrop, NoticeRecovery, NoticeDrop, NoticeRecovery, NoticeLoop, NoticeRecovery)
	if n := h.last(); n.Title != "Connected: paper" || !strings.HasPrefix(n.Body, "For a minute now. Before that it dropped 10 times in 3 min") {
		t.Errorf("people were told %+v", n)
	}
	h.hold(time.Hour)
	h.becomeDown()
	if n := h.last(); n.Kind != NoticeDrop {
		t.Errorf("long after the loop people were told %+v", n)
	}
}

func TestALoopThatLastsIsToldAgain(t *testing.T) {
	h := newConnected(t)
	told := map[uint64]NoticeKind{}
	for begun := h.now; h.now.Sub(begun) < 2*loopPause+10*time.Minute; {
		h.becomeDown()
		h.hold(10 * time.Second)
		h.becomeConnected()
		h.hold(10 * time.Second)
		for _, n := range h.s.Notices {
			told[n.Seq] = n.Kind
		}
	}
	loops := 0
	for _, kind := range told {
		if kind == NoticeLoop {
			loops++
		}
	}
	if loops != 3 || len(told) != 4+loops {
		t.Errorf("people were told %v", told)
	}
	h.becomeDown() // and for good
	h.hold(10 * time.Minute)
	if n := h.last(); n.Kind != NoticeReminder {
		t.Errorf("people were told %+v, want that it is still down", n)
	}
}

// Who starts it each time looks at it. Other trouble has its own words and remedies.
func TestNoLoopIsToldToWhoStartsItOrOfOtherTrouble(t *testing.T) {
	h := newConnectedOurs(t)
	for range 4 {
		h.becomeDown()
		h.startByUser()
		h.becomeConnected()
		h.hold(10 * time.Second)
	}
	for range 4 {
		h.listen(zombiePeer)
		h.hold(10 * time.Second)
		h.listen()
		h.hold(10 * time.Second)
	}
	h.event(PhaseSeen{Phase: TwoFactor}) // nor is a login that waits a drop
	for range 2 {
		h.becomeConnected()
		h.becomeDown()
		h.hold(2 * time.Second)
	}
	for _, n := range h.s.Notices {
		if n.Kind == NoticeLoop {
			t.Errorf("people were told %+v", n)
		}
	}
}

// Stopped on purpose, it does not become what a recovery tells.
func TestALoopThatSomebodyEndsIsNotToldAsRecovered(t *testing.T) {
	h := newConnectedOurs(t)
	for range 4 {
		h.becomeDown()
		h.hold(10 * time.Second)
		h.becomeConnected()
		h.hold(10 * time.Second)
	}
	told := len(h.s.Notices)
	h.event(PlannedEndSeen{Why: "STOP"})
	h.becomeDown()
	h.hold(2 * reopenWithin)
	if h.s.State != Down || !h.s.Expected || len(h.s.Notices) != told {
		t.Errorf("%s, people were told %+v", h.s.State, h.s.Notices[told:])
	}
}

// With the monitor off, nobody asks whether the API answers.
func TestWithTheMonitorOffAnOpenPortEndsTheIncident(t *testing.T) {
	client := Peer{Addr: zombiePeer.Addr, TCP: Established, Socket: 7}
	h := newHarness(t)
	h.p.Monitor = false
	h.listen(client)
	h.hold(5 * time.Second)
	for range 2 { // the second time it is told as well
		h.becomeDown()
		h.hold(10 * time.Second)
		if n := h.last(); n.Kind != NoticeDrop || n.State != Down {
			t.Errorf("people were told %+v", n)
		}
		h.listen()
		h.hold(time.Minute)
		if n := h.last(); n.Title != "Open again: paper" || n.Body != "Port 4002 is open again after 10 s." || !h.s.TroubleSince.IsZero() {
			t.Errorf("people were told %+v, trouble since %v", n, h.s.TroubleSince)
		}
	}
	h.listen(client)
	h.hold(time.Minute)
	before := len(h.s.Notices)
	h.listen() // the client has gone
	h.hold(2 * time.Hour)
	if n := h.last(); len(h.s.Notices) != before+1 || n.Kind != NoticeDrop || !h.s.TroubleSince.IsZero() {
		t.Errorf("people were told %+v, trouble since %v; want it told once", h.s.Notices[before:], h.s.TroubleSince)
	}
	h.listen(client)
	h.hold(time.Minute)
	if n := h.last(); n.Body != "Clients are connected again after 2 h 00 min." {
		t.Errorf("people were told %+v", n)
	}
}

func TestAnEndBeforeGatelightRanDoesNotDateALaterIncident(t *testing.T) {
	h := newHarness(t)
	h.event(GatewayEnded{Exit: Exit{At: h.now.Add(-20 * time.Minute), Why: "it was killed"}, Before: true})
	h.becomeConnected()
	h.hold(time.Hour)
	h.becomeDown()
	h.hold(5 * time.Second)
	h.becomeConnected()
	if n := h.last(); !strings.HasSuffix(n.Body, " s.") {
		t.Errorf("people were told %+v", n)
	}
}

// Copying the config has nothing to do with a start, and its failure is no part
// of an incident.
func TestAFailedConfigCopyLeavesTheIncidentAsItIs(t *testing.T) {
	h := newConnectedOurs(t)
	h.event(PhaseSeen{Phase: Restarting})
	h.becomeStarting()
	h.event(ActionEnded{ID: h.ask(CopyConfig), Action: CopyConfig, Err: failed("no")})
	h.hold(time.Minute)
	if n := h.last(); n.Kind != NoticeFailed || len(h.s.Notices) != 1 {
		t.Errorf("people were told %+v", h.s.Notices)
	}
	h.becomeDown()
	down := h.last()
	h.event(ActionEnded{ID: h.ask(CopyConfig), Action: CopyConfig, Err: failed("no")})
	if n := h.last(); n.Kind != NoticeFailed || n.ID == down.ID {
		t.Errorf("people were told %+v in place of %+v", n, down)
	}
}

func TestAKilledGatewayIsToldOnceInEveryOrderOfEvents(t *testing.T) {
	exit := GatewayEnded{Exit: Exit{Status: 137, Why: "it was killed"}}
	closed := SessionClosed{Why: "the Gateway closed the connection"}
	orders := map[string][]Event{
		"session, look, process": {closed, Looked{}, exit, Looked{}},
		"process, session, look": {exit, closed, Looked{}},
		"look, session, process": {Looked{}, closed, Looked{}, exit, Looked{}},
		"session, process, look": {closed, exit, Looked{}},
	}
	for name, order := range orders {
		h := newHarness(t)
		h.becomeStarting()
		h.becomeConnected()
		h.hold(5 * time.Second)
		h.clear()
		late := Looked{At: h.now, Reader: "test", View: h.view}
		h.view = PortView{}
		for _, e := range order {
			h.now = h.now.Add(time.Millisecond)
			if _, ok := e.(Looked); ok {
				h.look()
			} else {
				h.event(e)
			}
			if _, ok := e.(SessionClosed); ok {
				h.event(late) // a look taken before all these events
			}
			if h.s.State == Listening {
				t.Errorf("%s: claimed to be listening after %T", name, e)
			}
		}
		h.wantDown(false)
		h.wantTold(name+": at once", NoticeDrop)
		h.hold(10 * time.Minute)
		if got := h.notices(); len(got) != 1 {
			t.Errorf("%s: ten minutes later %v", name, got)
		}
		if want := "It ended at "; !strings.HasPrefix(h.s.Why, want) || !strings.HasSuffix(h.s.Why, "it was killed") {
			t.Errorf("%s: why: %q", name, h.s.Why)
		}
	}
}

// A trader at night reads first what is wrong, and then whom it has hit.
func TestADropNamesTheClientsThatWereLost(t *testing.T) {
	client := func(command string) Client { return Client{Process: Process{Command: command}} }
	for want, clients := range map[string][]Client{
		"":                                   nil,
		"1 client lost: bot.py":              {client("bot.py")},
		"2 clients lost: bot.py, node":       {client("bot.py"), {Process: Process{Name: "node"}}},
		"5 clients lost: a, b, c and 2 more": {client("a"), client("b"), client("c"), client("d"), client("e")},
	} {
		if got := lostClients(clients); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	h := newConnected(t)
	h.s.mem.peers.clients = append(h.s.mem.peers.clients, client("bot.py"))
	h.event(TimerFired{})
	h.becomeDown()
	if n := h.last(); n.Title != "Down: paper" || !strings.HasSuffix(n.Body, ". 1 client lost: bot.py") {
		t.Errorf("people were told %+v", n)
	}
}

func TestThatIBKRIsLostIsCalmAtFirst(t *testing.T) {
	for state, urgent := range map[State]bool{CutOff: false, Down: true, Silent: true, Zombies: true} {
		d := &decision{last: New(DefaultPolicy(), time.Now()), now: time.Now(), p: DefaultPolicy()}
		d.verdict.state = state
		if n := dropNotice(d, false); n.Urgent != urgent {
			t.Errorf("%s: urgent %t, want %t", state, n.Urgent, urgent)
		}
		if n := reminderNotice(d); !n.Urgent {
			t.Errorf("%s: the reminder is not urgent", state)
		}
	}
}
