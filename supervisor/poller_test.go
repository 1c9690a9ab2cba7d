package supervisor

import (
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestLooksAreQuickWhileSomethingChangesAndCalmWhenSteady(t *testing.T) {
	for name, c := range map[string]struct {
		reach func(*harness)
		quick bool
	}{
		"just connected":          {func(r *harness) { r.becomeConnected() }, true},
		"connected for a while":   {func(r *harness) { r.becomeConnected(); r.hold(fastAfterChange + time.Second) }, false},
		"down for a while":        {func(r *harness) { r.becomeDown(); r.hold(fastAfterChange + time.Second) }, false},
		"a start that takes long": {func(r *harness) { r.becomeStarting(); r.hold(time.Minute) }, true},
		"a new CLOSE_WAIT": {func(r *harness) {
			r.becomeConnected()
			r.hold(fastAfterChange + time.Second)
			r.listen(zombiePeer)
			r.look()
		}, true},
		"zombies for a while":        {func(r *harness) { r.becomeZombies(); r.hold(fastAfterChange + time.Second) }, false},
		"an action under way":        {func(r *harness) { r.becomeConnected(); r.hold(fastAfterChange + time.Second); r.ask(Stop) }, true},
		"nobody answers for a while": {func(r *harness) { r.becomeListening(); r.hold(time.Minute) }, false},
		"cannot be seen for a while": {func(r *harness) { r.becomeUnknown(); r.hold(fastAfterChange + time.Second) }, false},
		"cannot be seen as of now":   {func(r *harness) { r.becomeConnected(); r.hold(time.Minute); r.becomeUnknown() }, true},
		"a second zombie after a first": {func(r *harness) {
			r.becomeZombies()
			r.hold(fastAfterChange + time.Second)
			second := zombiePeer
			second.Socket++
			second.Addr = netip.MustParseAddrPort("127.0.0.1:51299")
			r.listen(zombiePeer, second)
			r.look()
		}, true},
	} {
		r := newHarness(t)
		c.reach(r)
		want := r.p.LookSlow
		if c.quick {
			want = r.p.LookFast
		}
		if got := r.s.lookInterval(r.p); got != want {
			t.Errorf("%s (%s): every %v, want %v", name, r.s.State, got, want)
		}
	}
}

// In a steady state the next look is up to two seconds away; a machine that
// wakes up does not wait for it.
func TestWakingUpIsReasonEnoughToLook(t *testing.T) {
	run(t, func(t *testing.T, e *Engine, f *fakeGateway) {
		time.Sleep(time.Minute)
		synctest.Wait()
		f.listen()
		f.wake <- struct{}{}
		synctest.Wait() // no time passes
		if got := state(e); got != Listening {
			t.Errorf("%s, want listening", got)
		}
	})
}

// A relay's sockets are not the Gateway's: only the session tells of it.
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
		"our session is answered": {func(r *harness) { r.becomeConnected(); relayed(r, zombiePeer, client) }, Connected},
		"it is not":               {func(r *harness) { r.becomeListening(); relayed(r, zombiePeer, client) }, Listening},
		"the monitor is off":      {func(r *harness) { r.p.Monitor = false; relayed(r, client) }, Listening},
		"IBKR is lost, says the session": {func(r *harness) {
			r.becomeConnected()
			r.event(CodeReceived{Code: 1100, Link: LinkDown})
			relayed(r, zombiePeer)
		}, CutOff},
		"nobody listens, not even it": {func(r *harness) { r.becomeConnected(); r.closeSession(); r.view = PortView{} }, Down},
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

func TestWhatOthersHideIsNotDenied(t *testing.T) {
	r := newHarness(t)
	r.view.OwnOnly = true
	r.look()
	if want := "Nobody listens on port 4002 among your own processes"; r.s.State != Down || r.s.Why != want {
		t.Errorf("%s: %q, want %q", r.s.State, r.s.Why, want)
	}
}

// Whoever connects is in the queue for a moment.
func TestAQueueThatEmptiesIsNotStuck(t *testing.T) {
	quiet := zombiePeer
	quiet.Unread = 0
	r := newHarness(t)
	r.becomeConnected()
	for range 40 {
		r.listen(quiet)
		r.view.Listener.Backlog = 1
		r.hold(time.Second)
		r.listen(quiet)
		r.hold(250 * time.Millisecond)
		if r.s.Blocking {
			t.Fatal("blocking, though the queue has emptied again and again")
		}
	}
}
