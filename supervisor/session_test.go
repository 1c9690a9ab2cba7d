package supervisor

import (
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestFailedHandshakesAreRetriedAfterGrowingPauses(t *testing.T) {
	h := newHarness(t)
	h.becomeListening()
	var pauses []time.Duration
	last := h.now
	for len(pauses) < 6 {
		h.hold(250 * time.Millisecond)
		if len(effectsOf[OpenSession](h)) == 0 {
			continue
		}
		pauses = append(pauses, h.now.Sub(last))
		h.clear()
		h.event(SessionClosed{Why: "the Gateway closed the connection during the handshake"})
		last = h.now
	}
	want := []time.Duration{time.Second, 5 * time.Second, 15 * time.Second, time.Minute, 5 * time.Minute, 5 * time.Minute}
	if !slices.Equal(pauses, want) {
		t.Errorf("tried after %v, want %v", pauses, want)
	}
}

func TestAPendingHandshakeIsLeftWaiting(t *testing.T) {
	h := newHarness(t)
	h.becomeListening()
	h.hold(10 * time.Minute)
	if n := len(effectsOf[OpenSession](h)); n != 1 {
		t.Errorf("%d sessions opened, want the first one left waiting", n)
	}
	if want := "the API has not answered since 14:00:01"; !strings.Contains(h.s.Why, want) {
		t.Errorf("why: %q, want %q", h.s.Why, want)
	}
}

func TestWithTheMonitorOffNoSessionIsOpened(t *testing.T) {
	h := newHarness(t)
	h.p.Monitor = false
	h.becomeListening()
	h.hold(time.Hour)
	if len(effectsOf[OpenSession](h)) != 0 {
		t.Error("a session was opened with the monitor off")
	}
	if h.s.State != Listening {
		t.Errorf("%s, want listening", h.s.State)
	}
	client := Peer{Addr: netip.MustParseAddrPort("127.0.0.1:50000"), TCP: Established, Socket: 5, Client: Process{PID: 7, Command: "trader"}}
	h.listen(client)
	h.look()
	if h.s.State != Connected || h.s.Verified {
		t.Errorf("%s, verified %v, want connected, not verified", h.s.State, h.s.Verified)
	}
	client.Queued = true
	h.listen(client)
	h.look()
	if h.s.State != Listening {
		t.Errorf("%s, although the Gateway has not accepted the client", h.s.State)
	}
}

// When our client id is in use, the next two are tried. Then comes a long
// pause, in which Why says the reason.
func TestAClientIDInUseIsFollowedByTheNextOfThree(t *testing.T) {
	h := newHarness(t)
	h.becomeListening()
	var ids []int
	var pauses []time.Duration
	var why string
	for last := h.now; len(ids) < 7; {
		h.hold(250 * time.Millisecond)
		opened := effectsOf[OpenSession](h)
		if len(opened) == 0 {
			if len(ids) == 3 {
				why = h.s.Why
			}
			continue
		}
		ids, pauses = append(ids, opened[0].ClientID), append(pauses, h.now.Sub(last))
		h.clear()
		h.event(CodeReceived{Code: 326, Text: "in use"})
		h.event(SessionClosed{Why: "in use"})
		last = h.now
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
	h := newHarness(t)
	h.becomeListening()
	h.hold(2 * time.Second)
	h.event(CodeReceived{Code: 326})
	h.event(SessionClosed{Why: "in use"})
	h.hold(2 * time.Second)
	h.event(SessionReady{ServerVersion: 187})
	if h.s.API.ClientID != 7462 {
		t.Errorf("client id %d, want 7462", h.s.API.ClientID)
	}
	h.hold(2 * time.Minute)
	h.event(SessionClosed{Why: "reset"})
	h.hold(2 * time.Second)
	if h.s.API.ClientID != 7461 || h.s.API.State != SessionConnecting {
		t.Errorf("%s with client id %d, want 7461", h.s.API.State, h.s.API.ClientID)
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
		h := newHarness(t)
		h.becomeConnected()
		var pauses []time.Duration
		for range tt.want {
			h.hold(tt.lasts)
			h.event(SessionClosed{Why: "the Gateway reset the connection"})
			h.clear()
			closed := h.now
			for len(effectsOf[OpenSession](h)) == 0 {
				h.hold(250 * time.Millisecond)
			}
			pauses = append(pauses, h.now.Sub(closed))
			h.event(SessionReady{ServerVersion: 187})
		}
		if !slices.Equal(pauses, tt.want) {
			t.Errorf("sessions of %v are followed after %v, want %v", tt.lasts, pauses, tt.want)
		}
	}
}

func TestNoSessionIsOpenedWhileZombiesBlock(t *testing.T) {
	h := newHarness(t)
	h.becomeConnected()
	stuck := zombiePeer
	stuck.Client, stuck.ClientSeen = Process{PID: 9, Command: "probe.py"}, h.now // it is none of a session of ours
	h.listen(stuck)
	h.hold(5 * time.Second)
	if h.s.State != Zombies || !h.s.Blocking {
		t.Fatalf("%s, blocking %v", h.s.State, h.s.Blocking)
	}
	h.event(SessionClosed{Why: "the Gateway reset the connection"})
	h.clear()
	h.hold(time.Hour)
	if n := len(effectsOf[OpenSession](h)); n != 0 {
		t.Errorf("%d sessions were opened while zombies block", n)
	}
	h.listen()
	h.hold(2 * time.Second)
	if n := len(effectsOf[OpenSession](h)); n != 1 {
		t.Errorf("%d sessions opened when they were gone, want 1", n)
	}
}

// What listens may be something else than a Gateway, which closes nothing. Each
// session would leave one more CLOSE_WAIT there.
func TestASessionThatFailedAndLeftACloseWaitIsTheLast(t *testing.T) {
	for _, owner := range []Process{{PID: 9, Command: MonitorCommand}, {}} { // nobody is seen when it ends at once
		h := newHarness(t)
		h.becomeListening()
		h.hold(2 * time.Second)
		left := harmlessZombie
		left.Client = owner
		h.listen(left)
		h.event(SessionClosed{Why: "whatever listens on the port does not speak the IB API"})
		h.clear()
		h.hold(time.Hour)
		if n := len(effectsOf[OpenSession](h)); n != 0 {
			t.Errorf("%d more sessions were opened after that of %v", n, owner)
		}
		client := Process{PID: 10, Command: "trader.py"} // what it leaves does not keep us off
		h.listen(Peer{Addr: netip.MustParseAddrPort("127.0.0.1:51231"), TCP: CloseWait, Socket: 100, Client: client})
		h.hold(time.Minute)
		if n := len(effectsOf[OpenSession](h)); n != 1 {
			t.Errorf("%d sessions were opened when it was gone, want 1", n)
		}
	}
}

// A young CLOSE_WAIT may be the socket of our own last session.
func TestNoSessionIsOpenedWhileACloseWaitIsTooYoungToJudge(t *testing.T) {
	h := newHarness(t)
	h.listen(harmlessZombie)
	h.look()
	h.hold(h.p.ZombieAfter - 500*time.Millisecond)
	if len(effectsOf[OpenSession](h)) != 0 {
		t.Error("a session was opened before the CLOSE_WAIT was judged")
	}
	h.hold(time.Second)
	if len(effectsOf[OpenSession](h)) != 1 {
		t.Error("no session was opened, though the zombie blocks nothing")
	}
}

func TestSessionsOfGatelightDoNotCountAsClients(t *testing.T) {
	h := newHarness(t)
	h.p.Monitor = false
	h.listen(Peer{Addr: netip.MustParseAddrPort("127.0.0.1:50000"), TCP: Established, Socket: 5, Client: Process{PID: 7, Command: MonitorCommand}})
	h.look()
	if h.s.State != Listening || !h.s.Clients[0].Self {
		t.Errorf("%s because of another Gatelight's session, %+v", h.s.State, h.s.Clients)
	}
}

// When a session has ended, the state is held until the next look, together
// with Verified and Title.
func TestTheStateStaysVerifiedUntilTheLookAfterASessionsEnd(t *testing.T) {
	h := newConnected(t)
	h.event(SessionClosed{Why: "test"})
	if h.s.State != Connected || !h.s.Verified || h.s.Title() != "connected" {
		t.Errorf("%s, %s", h.s.Title(), h.s.Why)
	}
	h.hold(3 * time.Second)
	if h.s.Verified {
		t.Errorf("%s, %s", h.s.Title(), h.s.Why)
	}
}

// The end of a session is reported by a process of its own, which may come late.
func TestASessionWithAGatewayThatHasEndedProvesNothingAboutTheNextOne(t *testing.T) {
	h := newConnected(t)
	h.view = PortView{}
	h.look()
	h.listen()
	h.view.Listener.Process.PID = 4712
	h.hold(time.Second)
	if h.s.State != Listening {
		t.Errorf("%s, want listening: the session was with process 4711, and 4712 listens", h.s.State)
	}
	h.event(SessionClosed{Why: "the Gateway closed the connection"})
	h.becomeConnected()
	if h.s.State != Connected {
		t.Errorf("%s, want connected by a session of its own", h.s.State)
	}
}

// A relay may be replaced and leave its connections to the next process.
func TestASessionThatIsStillConnectedCountsWhoeverListens(t *testing.T) {
	h := newConnected(t)
	h.event(SessionStarted{PID: 7})
	h.listen(Peer{Addr: netip.MustParseAddrPort("127.0.0.1:50000"), TCP: Established, Socket: 5, Client: Process{PID: 7, Command: MonitorCommand}})
	h.view.Listener.Process.PID = 4712
	h.hold(time.Second)
	if h.s.State != Connected {
		t.Errorf("%s, want connected", h.s.State)
	}
}
