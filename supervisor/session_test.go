package supervisor

import (
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestFailedHandshakesAreRetriedAfterGrowingPauses(t *testing.T) {
	r := newHarness(t)
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
	r := newHarness(t)
	r.becomeListening()
	r.hold(10 * time.Minute)
	if n := len(effectsOf[OpenSession](r)); n != 1 {
		t.Errorf("%d sessions opened, want the first one left waiting", n)
	}
	if want := "the API has not answered for 9 min"; !strings.Contains(r.s.Why, want) {
		t.Errorf("why: %q, want %q", r.s.Why, want)
	}
}

func TestWithTheMonitorOffNoSessionIsOpened(t *testing.T) {
	r := newHarness(t)
	r.p.Monitor = false
	r.becomeListening()
	r.hold(time.Hour)
	if len(effectsOf[OpenSession](r)) != 0 {
		t.Error("a session was opened with the monitor off")
	}
	if r.s.State != Listening {
		t.Errorf("%s, want listening", r.s.State)
	}
	client := Peer{Addr: netip.MustParseAddrPort("127.0.0.1:50000"), TCP: Established, Socket: 5, Client: Process{PID: 7, Command: "trader"}}
	r.listen(client)
	r.look()
	if r.s.State != Connected || r.s.Verified {
		t.Errorf("%s, verified %v, want connected, not verified", r.s.State, r.s.Verified)
	}
	client.Queued = true
	r.listen(client)
	r.look()
	if r.s.State != Listening {
		t.Errorf("%s, although the Gateway has not accepted the client", r.s.State)
	}
}

// When our client id is in use, the next two are tried. Then comes a long
// pause, in which Why says the reason.
func TestAClientIDInUseIsFollowedByTheNextOfThree(t *testing.T) {
	r := newHarness(t)
	r.becomeListening()
	var ids []int
	var pauses []time.Duration
	var why string
	for last := r.now; len(ids) < 7; {
		r.hold(250 * time.Millisecond)
		opened := effectsOf[OpenSession](r)
		if len(opened) == 0 {
			if len(ids) == 3 {
				why = r.s.Why
			}
			continue
		}
		ids, pauses = append(ids, opened[0].ClientID), append(pauses, r.now.Sub(last))
		r.clear()
		r.event(CodeReceived{Code: 326, Text: "in use"})
		r.event(SessionClosed{Why: "in use"})
		last = r.now
	}
	if want := []int{7461, 7462, 7463, 7461, 7462, 7463, 7461}; !slices.Equal(ids, want) {
		t.Errorf("tried %v, want %v", ids, want)
	}
	const settle, long = time.Second, 5 * time.Minute
	if want := []time.Duration{settle, settle, settle, long, settle, settle, long}; !slices.Equal(pauses, want) {
		t.Errorf("tried after %v, want %v", pauses, want)
	}
	at := clock(time.Date(2026, 11, 23, 14, 5, 3, 0, time.UTC))
	if want := "Port 4002 is open; client ids 7461, 7462 and 7463 are all in use (326); next try at " + at; why != want {
		t.Errorf("why: %q, want %q", why, want)
	}
}

func TestALaterSessionBeginsWithTheFirstClientIDAgain(t *testing.T) {
	r := newHarness(t)
	r.becomeListening()
	r.hold(2 * time.Second)
	r.event(CodeReceived{Code: 326})
	r.event(SessionClosed{Why: "in use"})
	r.hold(2 * time.Second)
	r.event(SessionReady{ServerVersion: 187})
	if r.s.API.ClientID != 7462 {
		t.Errorf("client id %d, want 7462", r.s.API.ClientID)
	}
	r.hold(2 * time.Minute)
	r.event(SessionClosed{Why: "reset"})
	r.hold(2 * time.Second)
	if r.s.API.ClientID != 7461 || r.s.API.State != SessionConnecting {
		t.Errorf("%s with client id %d, want 7461", r.s.API.State, r.s.API.ClientID)
	}
}

// A Gateway that accepts every session and closes it soon is not asked every
// second.
func TestAShortSessionCountsAsAFailure(t *testing.T) {
	for _, tt := range []struct {
		lasts time.Duration
		want  []time.Duration
	}{
		{10 * time.Second, []time.Duration{5 * time.Second, 15 * time.Second, time.Minute, 5 * time.Minute, 5 * time.Minute}},
		{time.Minute, []time.Duration{time.Second, time.Second, time.Second, time.Second, time.Second}},
	} {
		r := newHarness(t)
		r.becomeConnected()
		var pauses []time.Duration
		for range tt.want {
			r.hold(tt.lasts)
			r.event(SessionClosed{Why: "the Gateway reset the connection"})
			r.clear()
			closed := r.now
			for len(effectsOf[OpenSession](r)) == 0 {
				r.hold(250 * time.Millisecond)
			}
			pauses = append(pauses, r.now.Sub(closed))
			r.event(SessionReady{ServerVersion: 187})
		}
		if !slices.Equal(pauses, tt.want) {
			t.Errorf("sessions of %v are followed after %v, want %v", tt.lasts, pauses, tt.want)
		}
	}
}

func TestNoSessionIsOpenedWhileZombiesBlock(t *testing.T) {
	r := newHarness(t)
	r.becomeConnected()
	r.listen(zombiePeer)
	r.hold(5 * time.Second)
	if r.s.State != Zombies || !r.s.Blocking {
		t.Fatalf("%s, blocking %v", r.s.State, r.s.Blocking)
	}
	r.event(SessionClosed{Why: "the Gateway reset the connection"})
	r.clear()
	r.hold(time.Hour)
	if n := len(effectsOf[OpenSession](r)); n != 0 {
		t.Errorf("%d sessions were opened while zombies block", n)
	}
	r.listen()
	r.hold(2 * time.Second)
	if n := len(effectsOf[OpenSession](r)); n != 1 {
		t.Errorf("%d sessions opened when they were gone, want 1", n)
	}
}

// A young CLOSE_WAIT may be the socket of our own last session.
func TestNoSessionIsOpenedWhileACloseWaitIsTooYoungToJudge(t *testing.T) {
	r := newHarness(t)
	r.listen(harmlessZombie)
	r.look()
	r.hold(r.p.ZombieAfter - 500*time.Millisecond)
	if len(effectsOf[OpenSession](r)) != 0 {
		t.Error("a session was opened before the CLOSE_WAIT was judged")
	}
	r.hold(time.Second)
	if len(effectsOf[OpenSession](r)) != 1 {
		t.Error("no session was opened, though the zombie blocks nothing")
	}
}

func TestSessionsOfGatelightDoNotCountAsClients(t *testing.T) {
	r := newHarness(t)
	r.p.Monitor = false
	r.listen(Peer{Addr: netip.MustParseAddrPort("127.0.0.1:50000"), TCP: Established, Socket: 5, Client: Process{PID: 7, Command: MonitorCommand}})
	r.look()
	if r.s.State != Listening || !r.s.Clients[0].Self {
		t.Errorf("%s because of another Gatelight's session, %+v", r.s.State, r.s.Clients)
	}
}

// When a session has ended, the state is held until the next look, together
// with Verified and Title.
func TestTheStateStaysVerifiedUntilTheLookAfterASessionsEnd(t *testing.T) {
	r := newConnected(t)
	r.event(SessionClosed{Why: "test"})
	if r.s.State != Connected || !r.s.Verified || r.s.Title() != "connected" {
		t.Errorf("%s, %s", r.s.Title(), r.s.Why)
	}
	r.hold(3 * time.Second)
	if r.s.Verified {
		t.Errorf("%s, %s", r.s.Title(), r.s.Why)
	}
}
