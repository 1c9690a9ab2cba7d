package supervisor

import (
	"strings"
	"testing"
	"time"
)

// An alert that says that all is well would be wrong beside one of a new drop.
func TestADropSoonAfterARecoveryContinuesTheIncident(t *testing.T) {
	for pause, same := range map[time.Duration]bool{2 * time.Second: true, reopenWithin - time.Second: true, reopenWithin + time.Second: false} {
		r := newConnected(t)
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
			t.Errorf("%q, want the time since the first drop", n.Body)
		}
	}
}

// With the monitor off, nobody asks whether the API answers.
func TestWithTheMonitorOffAnOpenPortEndsTheIncident(t *testing.T) {
	client := Peer{Addr: zombiePeer.Addr, TCP: Established, Socket: 7}
	r := newHarness(t)
	r.p.Monitor = false
	r.listen(client)
	r.hold(5 * time.Second)
	for range 2 { // the second time it is told as well
		r.becomeDown()
		r.hold(10 * time.Second)
		if n := r.last(); n.Kind != NoticeDrop || n.State != Down {
			t.Errorf("people were told %+v", n)
		}
		r.listen()
		r.hold(time.Minute)
		if n := r.last(); n.Title != "Gateway paper: open again" || n.Body != "Port 4002 is open again after 10 s." || !r.s.TroubleSince.IsZero() {
			t.Errorf("people were told %+v, trouble since %v", n, r.s.TroubleSince)
		}
	}
	r.listen(client)
	r.hold(time.Minute)
	before := len(r.s.Notices)
	r.listen() // the client has gone
	r.hold(2 * time.Hour)
	if n := r.last(); len(r.s.Notices) != before+1 || n.Kind != NoticeDrop || !r.s.TroubleSince.IsZero() {
		t.Errorf("people were told %+v, trouble since %v; want it told once", r.s.Notices[before:], r.s.TroubleSince)
	}
	r.listen(client)
	r.hold(time.Minute)
	if n := r.last(); n.Body != "Clients are connected again after 2 h 00 min." {
		t.Errorf("people were told %+v", n)
	}
}

func TestAnEndBeforeGatelightRanDoesNotDateALaterIncident(t *testing.T) {
	r := newHarness(t)
	r.event(GatewayEnded{Exit: Exit{At: r.now.Add(-20 * time.Minute), Why: "it was killed"}, Before: true})
	r.becomeConnected()
	r.hold(time.Hour)
	r.becomeDown()
	r.hold(5 * time.Second)
	r.becomeConnected()
	if n := r.last(); !strings.HasSuffix(n.Body, " s.") {
		t.Errorf("people were told %+v", n)
	}
}

// Copying the config has nothing to do with a start, and its failure is no part
// of an incident.
func TestAFailedConfigCopyLeavesTheIncidentAsItIs(t *testing.T) {
	r := newConnectedOurs(t)
	r.event(PhaseSeen{Phase: Restarting})
	r.becomeStarting()
	r.event(ActionEnded{ID: r.ask(CopyConfig), Action: CopyConfig, Err: failed("no")})
	r.hold(time.Minute)
	if n := r.last(); n.Kind != NoticeFailed || len(r.s.Notices) != 1 {
		t.Errorf("people were told %+v", r.s.Notices)
	}
	r.becomeDown()
	down := r.last()
	r.event(ActionEnded{ID: r.ask(CopyConfig), Action: CopyConfig, Err: failed("no")})
	if n := r.last(); n.Kind != NoticeFailed || n.ID == down.ID {
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
		r := newHarness(t)
		r.becomeStarting()
		r.becomeConnected()
		r.hold(5 * time.Second)
		r.clear()
		late := Looked{At: r.now, Reader: "test", View: r.view}
		r.view = PortView{}
		for _, e := range order {
			r.now = r.now.Add(time.Millisecond)
			if _, ok := e.(Looked); ok {
				r.look()
			} else {
				r.event(e)
			}
			if _, ok := e.(SessionClosed); ok {
				r.event(late) // a look taken before all these events
			}
			if r.s.State == Listening {
				t.Errorf("%s: claimed to be listening after %T", name, e)
			}
		}
		r.wantDown(false)
		r.wantTold(name+": at once", NoticeDrop)
		r.hold(10 * time.Minute)
		if got := r.notices(); len(got) != 1 {
			t.Errorf("%s: ten minutes later %v", name, got)
		}
		if want := "It ended at "; !strings.HasPrefix(r.s.Why, want) || !strings.HasSuffix(r.s.Why, "it was killed") {
			t.Errorf("%s: why: %q", name, r.s.Why)
		}
	}
}
