package supervisor

import (
	"net/netip"
	"strings"
	"testing"
	"time"
)

func TestAnOlderLookNeverOverwritesANewerOne(t *testing.T) {
	h := newHarness(t)
	h.becomeListening()
	h.event(Looked{At: h.now.Add(-time.Second), Reader: "test", View: PortView{}})
	if h.s.State != Listening {
		t.Errorf("%s, from a look that was taken before the newest one", h.s.State)
	}
}

// A relay's sockets are not the Gateway's. Only the session proves anything
// about it.
func TestBehindARelayTheStateRestsOnTheSession(t *testing.T) {
	client := Peer{Addr: netip.MustParseAddrPort("127.0.0.1:51234"), TCP: Established, Client: Process{PID: 456}}
	relayed := func(h *harness, peers ...Peer) {
		h.listen(peers...)
		h.view.Listener.Relay, h.view.Listener.Behind = "docker-proxy", "in the container"
	}
	for name, c := range map[string]struct {
		reach func(*harness)
		want  State
	}{
		"our session is answered":     {func(h *harness) { h.becomeConnected(); relayed(h, zombiePeer, client) }, Connected},
		"our session is not answered": {func(h *harness) { h.becomeListening(); relayed(h, zombiePeer, client) }, Listening},
		"the monitor is off":          {func(h *harness) { h.p.Monitor = false; relayed(h, client) }, Listening},
		"the session tells that IBKR is lost": {func(h *harness) {
			h.becomeConnected()
			h.event(CodeReceived{Code: 1100, Link: LinkDown})
			relayed(h, zombiePeer)
		}, CutOff},
		"the relay does not listen either": {func(h *harness) { h.becomeConnected(); h.closeSession(); h.view = PortView{} }, Down},
	} {
		h := newHarness(t)
		c.reach(h)
		h.hold(2 * h.p.ZombieAfter)
		if h.s.State != c.want || h.s.Blocking {
			t.Errorf("%s: %s, blocking %v; want %s", name, h.s.State, h.s.Blocking, c.want)
		}
		if says := strings.Contains(h.s.Why, "docker-proxy holds the port and hides the Gateway; to see it, run Gatelight in the container"); says != (c.want != Down) {
			t.Errorf("%s: %q", name, h.s.Why)
		}
	}
}

func TestDownIsLimitedToOwnProcessesWhenOthersAreHidden(t *testing.T) {
	h := newHarness(t)
	h.view.OwnOnly = true
	h.look()
	if want := "Nobody listens on port 4002 among your own processes"; h.s.State != Down || h.s.Why != want {
		t.Errorf("%s: %q, want %q", h.s.State, h.s.Why, want)
	}
}
