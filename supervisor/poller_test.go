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
		"cannot be seen since now":   {func(r *harness) { r.becomeConnected(); r.hold(time.Minute); r.becomeUnknown() }, true},
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
		if c.fast {
			want = r.p.LookFast
		}
		if got := r.s.lookInterval(r.p); got != want {
			t.Errorf("%s (%s): every %v, want %v", name, r.s.State, got, want)
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
