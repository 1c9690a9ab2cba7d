package supervisor

import (
	"net/netip"
	"testing"
	"testing/synctest"
	"time"
)

func TestLooksAreFastDuringAChangeAndSlowInASteadyState(t *testing.T) {
	for name, c := range map[string]struct {
		reach func(*harness)
		fast  bool
	}{
		"just connected":          {func(h *harness) { h.becomeConnected() }, true},
		"connected for a while":   {func(h *harness) { h.becomeConnected(); h.hold(fastAfterChange + time.Second) }, false},
		"down for a while":        {func(h *harness) { h.becomeDown(); h.hold(fastAfterChange + time.Second) }, false},
		"a start that takes long": {func(h *harness) { h.becomeStarting(); h.hold(time.Minute) }, true},
		"a new CLOSE_WAIT": {func(h *harness) {
			h.becomeConnected()
			h.hold(fastAfterChange + time.Second)
			h.listen(zombiePeer)
			h.look()
		}, true},
		"zombies for a while":        {func(h *harness) { h.becomeZombies(); h.hold(fastAfterChange + time.Second) }, false},
		"an action under way":        {func(h *harness) { h.becomeConnected(); h.hold(fastAfterChange + time.Second); h.ask(Stop) }, true},
		"nobody answers for a while": {func(h *harness) { h.becomeListening(); h.hold(time.Minute) }, false},
		"cannot be seen for a while": {func(h *harness) { h.becomeUnknown(); h.hold(fastAfterChange + time.Second) }, false},
		"cannot be seen since now":   {func(h *harness) { h.becomeConnected(); h.hold(time.Minute); h.becomeUnknown() }, true},
		"a second zombie after a first": {func(h *harness) {
			h.becomeZombies()
			h.hold(fastAfterChange + time.Second)
			second := zombiePeer
			second.Socket++
			second.Addr = netip.MustParseAddrPort("127.0.0.1:51299")
			h.listen(zombiePeer, second)
			h.look()
		}, true},
	} {
		h := newHarness(t)
		c.reach(h)
		want := h.p.LookSlow
		if c.fast {
			want = h.p.LookFast
		}
		if got := h.s.lookInterval(h.p); got != want {
			t.Errorf("%s (%s): every %v, want %v", name, h.s.State, got, want)
		}
	}
}

// In a steady state the next look may be Policy.LookSlow away. After the
// machine has woken up, Gatelight does not wait for it.
func TestWakingUpCausesALookAtOnce(t *testing.T) {
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
