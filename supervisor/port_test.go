package supervisor

import (
	"net/netip"
	"strings"
	"testing"
	"time"
)

func TestAnOlderLookNeverOverwritesANewerOne(t *testing.T) {
	r := newHarness(t)
	r.becomeListening()
	r.event(Looked{At: r.now.Add(-time.Second), Reader: "test", View: PortView{}})
	if r.s.State != Listening {
		t.Errorf("%s, from a look that was taken before the newest one", r.s.State)
	}
}

// A relay's sockets are not the Gateway's. Only the session proves anything
// about it.
func TestBehindARelayTheStateRestsOnTheSession(t *testing.T) {
	client := Peer{Addr: netip.MustParseAddrPort("127.0.0.1:51234"), TCP: Established, Client: Process{PID: 456}}
	relayed := func(r *harness, peers ...Peer) {
		r.listen(peers...)
		r.view.Listener.Relay, r.view.Listener.Behind = "docker-proxy", "in the container"
	}
	for name, c := range map[string]struct {
		reach func(*harness)
		want  State
	}{
		"our session is answered":     {func(r *harness) { r.becomeConnected(); relayed(r, zombiePeer, client) }, Connected},
		"our session is not answered": {func(r *harness) { r.becomeListening(); relayed(r, zombiePeer, client) }, Listening},
		"the monitor is off":          {func(r *harness) { r.p.Monitor = false; relayed(r, client) }, Listening},
		"the session tells that IBKR is lost": {func(r *harness) {
			r.becomeConnected()
			r.event(CodeReceived{Code: 1100, Link: LinkDown})
			relayed(r, zombiePeer)
		}, CutOff},
		"the relay does not listen either": {func(r *harness) { r.becomeConnected(); r.closeSession(); r.view = PortView{} }, Down},
	} {
		r := newHarness(t)
		c.reach(r)
		r.hold(2 * r.p.ZombieAfter)
		if r.s.State != c.want || r.s.Blocking {
			t.Errorf("%s: %s, blocking %v; want %s", name, r.s.State, r.s.Blocking, c.want)
		}
		if says := strings.Contains(r.s.Why, "docker-proxy holds the port and hides the Gateway; to see it, run Gatelight in the container"); says != (c.want != Down) {
			t.Errorf("%s: %q", name, r.s.Why)
		}
	}
}

func TestDownIsLimitedToOwnProcessesWhenOthersAreHidden(t *testing.T) {
	r := newHarness(t)
	r.view.OwnOnly = true
	r.look()
	if want := "Nobody listens on port 4002 among your own processes"; r.s.State != Down || r.s.Why != want {
		t.Errorf("%s: %q, want %q", r.s.State, r.s.Why, want)
	}
}
