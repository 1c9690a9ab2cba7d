package supervisor

import (
	"slices"
	"testing"
	"time"
)

func TestAGatewayThatStopsAnsweringIsSilentAndToldOnce(t *testing.T) {
	h := newConnectedOurs(t)
	h.clear()
	h.silent = true
	h.hold(h.p.HeartbeatLate + time.Second)
	if h.s.State != Silent || h.s.Title() != "not responding" {
		t.Fatalf("%s: %s", h.s.State, h.s.Why)
	}
	if h.s.Refusal(Restart) != nil {
		t.Errorf("a restart is refused: %v", h.s.Refusal(Restart))
	}
	h.hold(time.Minute)
	h.wantTold("once", NoticeDrop)
	h.event(HeartbeatAnswered{RTT: time.Millisecond})
	if h.s.State != Connected {
		t.Errorf("%s when it answers again", h.s.State)
	}
}

func TestAHandshakeWithoutAnAnswerIsSilent(t *testing.T) {
	h := newHarness(t)
	h.becomeListening()
	h.hold(h.p.SettleTime + h.p.HandshakeLate + h.p.FlapAfter + time.Second)
	if h.s.State != Silent {
		t.Fatalf("%s: %s", h.s.State, h.s.Why)
	}
	h.wantTold("once", NoticeDrop)
}

// In a sleep nothing was asked, so that nothing is late.
func TestAfterASleepTheGatewayHasTimeToAnswer(t *testing.T) {
	h := newConnectedOurs(t)
	h.silent = true
	h.now = h.now.Add(time.Hour)
	h.look()
	if h.s.State != Listening {
		t.Errorf("%s right after the sleep: %s", h.s.State, h.s.Why)
	}
	h.hold(h.p.HeartbeatLate + time.Second)
	if h.s.State != Silent {
		t.Errorf("%s later: %s", h.s.State, h.s.Why)
	}
}

// Until the next heartbeat, the last answer lies in the future.
func TestAClockSetBackGivesTheGatewayTimeToAnswer(t *testing.T) {
	h := newConnectedOurs(t)
	h.now = h.now.Add(-time.Minute)
	h.silent = true
	h.hold(h.p.Heartbeat)
	if h.s.State != Listening {
		t.Errorf("%s before the next heartbeat: %s", h.s.State, h.s.Why)
	}
	h.event(HeartbeatAnswered{RTT: time.Millisecond})
	h.wantTold("after the clock was set back")
	h.hold(h.p.HeartbeatLate + 2*h.p.FlapAfter)
	if h.s.State != Silent {
		t.Errorf("%s later: %s", h.s.State, h.s.Why)
	}
	h.wantTold("when the API does not answer any more", NoticeDrop)
}

func TestZombiesThatBeginToBlockAreToldAndRecorded(t *testing.T) {
	h := newConnectedOurs(t)
	h.listen(harmlessZombie)
	h.hold(h.p.ZombieAfter + h.p.FlapAfter)
	if h.s.Blocking {
		t.Fatalf("they block already: %s", h.s.Why)
	}
	told := len(h.s.Notices)
	h.clear()
	h.silent = true
	h.hold(h.p.HeartbeatLate)
	if !h.s.Blocking || len(h.s.Notices) != told+1 {
		t.Errorf("blocking %v, people were told %+v", h.s.Blocking, h.s.Notices)
	}
	wantBlocking := func(want ...bool) {
		t.Helper()
		var got []bool
		for _, r := range effectsOf[Record](h) {
			if r.Entry.Kind == EntryState && r.Entry.From == Zombies && r.Entry.To == Zombies {
				got = append(got, r.Entry.Blocking)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("the entries of the state say that they block: %v, want %v", got, want)
		}
	}
	wantBlocking(true)
	h.silent = false
	h.hold(h.p.Heartbeat)
	if h.s.Blocking {
		t.Errorf("they still block: %s", h.s.Why)
	}
	wantBlocking(true, false)
}

func TestAClientOfAHiddenListenerMakesTheStateUnknown(t *testing.T) {
	h := newHarness(t)
	h.view.Hidden = "in a container"
	h.hold(time.Second)
	if h.s.State != Unknown || h.s.Refusal(Start) == nil {
		t.Errorf("%s: %s; start: %v", h.s.State, h.s.Why, h.s.Refusal(Start))
	}
	h.view.Hidden = ""
	h.hold(time.Second)
	h.wantDown(true)
}
