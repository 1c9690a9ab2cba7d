package supervisor

import (
	"testing"
	"time"
)

func TestAZombieIsProvenByTwoLooksZombieAfterApart(t *testing.T) {
	h := newHarness(t)
	h.listen(zombiePeer)
	h.look()
	h.now = h.now.Add(h.p.ZombieAfter - time.Millisecond)
	h.look()
	if len(h.s.Zombies) != 0 {
		t.Fatal("a zombie was claimed too early")
	}
	h.now = h.now.Add(2 * h.p.ZombieAfter)
	h.event(TimerFired{})
	if len(h.s.Zombies) != 0 {
		t.Fatal("a zombie was claimed without a second look")
	}
	h.look()
	if h.s.State != Zombies || h.s.Zombies[0].Unread != 18 {
		t.Fatalf("%s %+v, want one zombie with 18 bytes unread", h.s.State, h.s.Zombies)
	}
}

func TestAReusedPortNumberIsANewConnection(t *testing.T) {
	for name, change := range map[string]func(*Peer){
		"another socket":  func(p *Peer) { p.Socket++ },
		"connected again": func(p *Peer) { p.TCP = Established },
		"gone for a look": nil,
	} {
		h := newHarness(t)
		h.listen(zombiePeer)
		h.look()
		h.now = h.now.Add(2 * time.Second)
		if change == nil {
			h.listen()
		} else {
			other := zombiePeer
			change(&other)
			h.listen(other)
		}
		h.look()
		h.now = h.now.Add(2 * time.Second)
		h.listen(zombiePeer)
		h.look()
		if len(h.s.Zombies) != 0 {
			t.Errorf("%s: %+v", name, h.s.Zombies)
		}
	}
}

func TestAQueuedSocketKeepsItsAgeWhenItIsAccepted(t *testing.T) {
	h := newHarness(t)
	queued := zombiePeer
	queued.Queued = true
	h.listen(queued)
	h.look()
	h.now = h.now.Add(h.p.ZombieAfter)
	h.listen(zombiePeer)
	h.look()
	if len(h.s.Zombies) != 1 {
		t.Errorf("%+v", h.s.Zombies)
	}
}

func TestZombiesBlockOnlyIfTheyDoHarm(t *testing.T) {
	for name, c := range map[string]struct {
		prepare  func(*harness)
		blocking bool
	}{
		"no unread bytes, the API answers": {func(h *harness) { h.becomeConnected(); h.listen(harmlessZombie) }, false},
		"unread bytes":                     {func(h *harness) { h.becomeConnected(); h.listen(zombiePeer) }, true},
		"connections in the accept queue":  {func(h *harness) { h.becomeConnected(); h.listen(harmlessZombie); h.view.Listener.Backlog = 1 }, true},
		"a handshake without an answer": {func(h *harness) {
			h.becomeListening()
			h.hold(h.p.SettleTime + h.p.HandshakeLate)
			h.listen(harmlessZombie)
		}, true},
	} {
		h := newHarness(t)
		c.prepare(h)
		h.hold(h.p.ZombieAfter + time.Second)
		if h.s.State != Zombies || h.s.Blocking != c.blocking {
			t.Errorf("%s: %s, blocking %v, want zombies, blocking %v", name, h.s.State, h.s.Blocking, c.blocking)
		}
	}
}

func TestAZombieKeepsTheOwnerThatAnEarlierLookSaw(t *testing.T) {
	h := newHarness(t)
	seen := h.now.Add(-time.Minute)
	made := zombiePeer
	made.Client, made.ClientSeen = Process{PID: 455, Command: "python3 probe.py"}, seen
	h.listen(made)
	h.look()
	h.now = h.now.Add(time.Second)
	h.listen(zombiePeer) // the reader does not tell the owner any more
	h.look()
	h.hold(h.p.ZombieAfter)
	if z := h.s.Zombies[0]; z.Owner.Command != "python3 probe.py" || !z.LastSeen.Equal(seen) {
		t.Errorf("%+v, want python3 probe.py, last seen %v", z, seen)
	}
}

// Every new connection is in the accept queue for a moment.
func TestAQueueThatEmptiesIsNotStuck(t *testing.T) {
	h := newHarness(t)
	h.becomeConnected()
	for range 40 {
		h.listen(harmlessZombie)
		h.view.Listener.Backlog = 1
		h.hold(time.Second)
		h.listen(harmlessZombie)
		h.hold(250 * time.Millisecond)
		if h.s.Blocking {
			t.Fatal("blocking, though the queue has emptied again and again")
		}
	}
}
