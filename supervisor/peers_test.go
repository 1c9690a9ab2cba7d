package supervisor

import (
	"testing"
	"time"
)

func TestAZombieIsProvenByTwoLooksZombieAfterApart(t *testing.T) {
	r := newHarness(t)
	r.listen(zombiePeer)
	r.look()
	r.now = r.now.Add(2 * r.p.ZombieAfter)
	r.event(TimerFired{})
	if len(r.s.Zombies) != 0 {
		t.Fatal("a zombie was claimed without a second look")
	}
	r.look()
	if r.s.State != Zombies || r.s.Zombies[0].Unread != 18 {
		t.Fatalf("%s %+v, want one zombie with 18 bytes unread", r.s.State, r.s.Zombies)
	}
}

func TestAReusedPortNumberIsANewConnection(t *testing.T) {
	for name, change := range map[string]func(*Peer){
		"another socket":  func(p *Peer) { p.Socket++ },
		"connected again": func(p *Peer) { p.TCP = Established },
		"gone for a look": nil,
	} {
		r := newHarness(t)
		r.listen(zombiePeer)
		r.look()
		r.now = r.now.Add(2 * time.Second)
		if change == nil {
			r.listen()
		} else {
			other := zombiePeer
			change(&other)
			r.listen(other)
		}
		r.look()
		r.now = r.now.Add(2 * time.Second)
		r.listen(zombiePeer)
		r.look()
		if len(r.s.Zombies) != 0 {
			t.Errorf("%s: %+v", name, r.s.Zombies)
		}
	}
}

func TestAQueuedSocketKeepsItsAgeWhenItIsAccepted(t *testing.T) {
	r := newHarness(t)
	queued := zombiePeer
	queued.Queued = true
	r.listen(queued)
	r.look()
	r.now = r.now.Add(r.p.ZombieAfter)
	r.listen(zombiePeer)
	r.look()
	if len(r.s.Zombies) != 1 {
		t.Errorf("%+v", r.s.Zombies)
	}
}

func TestZombiesBlockOnlyIfTheyDoHarm(t *testing.T) {
	for name, c := range map[string]struct {
		prepare  func(*harness)
		blocking bool
	}{
		"no unread bytes, the API answers": {func(r *harness) { r.becomeConnected(); r.listen(harmlessZombie) }, false},
		"unread bytes":                     {func(r *harness) { r.becomeConnected(); r.listen(zombiePeer) }, true},
		"connections in the accept queue":  {func(r *harness) { r.becomeConnected(); r.listen(harmlessZombie); r.view.Listener.Backlog = 1 }, true},
		"a handshake without an answer": {func(r *harness) {
			r.becomeListening()
			r.hold(r.p.SettleTime + r.p.HandshakeLate)
			r.listen(harmlessZombie)
		}, true},
	} {
		r := newHarness(t)
		c.prepare(r)
		r.hold(r.p.ZombieAfter + time.Second)
		if r.s.State != Zombies || r.s.Blocking != c.blocking {
			t.Errorf("%s: %s, blocking %v, want zombies, blocking %v", name, r.s.State, r.s.Blocking, c.blocking)
		}
	}
}

func TestAZombieKeepsTheOwnerThatAnEarlierLookSaw(t *testing.T) {
	r := newHarness(t)
	seen := r.now.Add(-time.Minute)
	made := zombiePeer
	made.Client, made.ClientSeen = Process{PID: 455, Command: "python3 probe.py"}, seen
	r.listen(made)
	r.look()
	r.now = r.now.Add(time.Second)
	r.listen(zombiePeer) // the reader does not tell the owner any more
	r.look()
	r.hold(r.p.ZombieAfter)
	if z := r.s.Zombies[0]; z.Owner.Command != "python3 probe.py" || !z.LastSeen.Equal(seen) {
		t.Errorf("%+v, want python3 probe.py, last seen %v", z, seen)
	}
}

// Every new connection is in the accept queue for a moment.
func TestAQueueThatEmptiesIsNotStuck(t *testing.T) {
	r := newHarness(t)
	r.becomeConnected()
	for range 40 {
		r.listen(harmlessZombie)
		r.view.Listener.Backlog = 1
		r.hold(time.Second)
		r.listen(harmlessZombie)
		r.hold(250 * time.Millisecond)
		if r.s.Blocking {
			t.Fatal("blocking, though the queue has emptied again and again")
		}
	}
}
