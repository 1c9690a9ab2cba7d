package supervisor

import (
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestHandshakesThatFailAreNotRepeatedInARush(t *testing.T) {
	r := newRig(t)
	r.becomeListening()
	var pauses []time.Duration
	last := r.now
	for len(pauses) < 6 {
		r.hold(250 * time.Millisecond)
		if len(effectsOf[OpenSession](r)) == 0 {
			continue
		}
		pauses = append(pauses, r.now.Sub(last))
		r.clear()
		r.event(SessionClosed{Why: "the Gateway closed the connection during the handshake"})
		last = r.now
	}
	want := []time.Duration{time.Second, 5 * time.Second, 15 * time.Second, time.Minute, 5 * time.Minute, 5 * time.Minute}
	if !slices.Equal(pauses, want) {
		t.Errorf("tried after %v, want %v", pauses, want)
	}
}

func TestAPendingHandshakeIsLeftWaiting(t *testing.T) {
	r := newRig(t)
	r.becomeListening()
	r.hold(10 * time.Minute)
	if n := len(effectsOf[OpenSession](r)); n != 1 {
		t.Errorf("%d sessions opened, want the first one left waiting", n)
	}
	if want := "the API has not answered for 9 min"; !strings.Contains(r.s.Why, want) {
		t.Errorf("why: %q, want %q", r.s.Why, want)
	}
}

func TestWithTheMonitorOffThereIsNoSession(t *testing.T) {
	r := newRig(t)
	r.p.Monitor = false
	r.becomeListening()
	r.hold(time.Hour)
	if len(effectsOf[OpenSession](r)) != 0 {
		t.Error("connected with monitor = false")
	}
	if r.s.State != Listening {
		t.Errorf("%s, want listening", r.s.State)
	}
	client := Peer{Addr: netip.MustParseAddrPort("127.0.0.1:50000"), TCP: Established, Socket: 5, Client: Proc{PID: 7, Command: "trader"}}
	r.listen(client)
	r.look()
	if r.s.State != Connected || r.s.Verified {
		t.Errorf("%s, verified %v, want connected, not verified", r.s.State, r.s.Verified)
	}
	client.Queued = true
	r.listen(client)
	r.look()
	if r.s.State != Listening {
		t.Errorf("%s, although nobody has accepted the client", r.s.State)
	}
}

func TestAClientIDInUseIsFollowedByTheNextOfThree(t *testing.T) {
	r := newRig(t)
	r.becomeListening()
	var ids []int
	for len(ids) < 4 {
		r.hold(time.Second)
		if opened := effectsOf[OpenSession](r); len(opened) > 0 {
			ids = append(ids, opened[0].ClientID)
			r.clear()
			r.event(SessionCoded{Code: 326, Text: "in use"})
			r.event(SessionClosed{Why: "in use"})
		}
	}
	if want := []int{7461, 7462, 7463, 7461}; !slices.Equal(ids, want) {
		t.Errorf("tried %v, want %v", ids, want)
	}
}

// A killed Gateway closes our session, its listener and its process within
// milliseconds, in any order: one drop, told once and at once.

// A CLOSE_WAIT of a moment's age may be what our own last session has left.
func TestNoSessionWhileACloseWaitIsNotJudged(t *testing.T) {
	r := newRig(t)
	quiet := zombie
	quiet.Unread = 0
	r.listen(quiet)
	r.look()
	r.hold(r.p.ZombieAfter - 500*time.Millisecond)
	if len(effectsOf[OpenSession](r)) != 0 {
		t.Error("connected before it was known what the CLOSE_WAIT is")
	}
	r.hold(time.Second)
	if len(effectsOf[OpenSession](r)) != 1 {
		t.Error("a zombie that blocks nothing keeps us from asking")
	}
}

func TestGatelightsOwnSessionsAreNoClients(t *testing.T) {
	r := newRig(t)
	r.p.Monitor = false
	r.listen(Peer{Addr: netip.MustParseAddrPort("127.0.0.1:50000"), TCP: Established, Socket: 5, Client: Proc{PID: 7, Command: MonitorCommand}})
	r.look()
	if r.s.State != Listening || !r.s.Clients[0].Self {
		t.Errorf("%s on the word of another Gatelight's session, %+v", r.s.State, r.s.Clients)
	}
}
