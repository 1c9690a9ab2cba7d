package supervisor

import (
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestAZombieIsProvenByTwoLooksThatFarApart(t *testing.T) {
	r := newRig(t)
	r.listen(zombie)
	r.look()
	r.now = r.now.Add(2 * r.p.ZombieAfter)
	r.event(Woke{})
	if len(r.s.Zombies) != 0 {
		t.Fatal("the passing of time alone has made a zombie")
	}
	r.look()
	if r.s.State != Zombies || r.s.Zombies[0].Unread != 18 {
		t.Fatalf("%s %+v, want one zombie with 18 bytes unread", r.s.State, r.s.Zombies)
	}
}

func TestAPortNumberUsedAgainIsNoOldAcquaintance(t *testing.T) {
	for name, change := range map[string]func(*Peer){
		"another socket":  func(p *Peer) { p.Inode++ },
		"connected anew":  func(p *Peer) { p.TCP = Established },
		"gone for a look": nil,
	} {
		r := newRig(t)
		r.listen(zombie)
		r.look()
		r.now = r.now.Add(2 * time.Second)
		if change == nil {
			r.listen()
		} else {
			other := zombie
			change(&other)
			r.listen(other)
		}
		r.look()
		r.now = r.now.Add(2 * time.Second)
		r.listen(zombie)
		r.look()
		if len(r.s.Zombies) != 0 {
			t.Errorf("%s: %+v", name, r.s.Zombies)
		}
	}
}

func TestAcceptedAtLastItIsTheSameSocket(t *testing.T) {
	r := newRig(t)
	queued := zombie
	queued.Inode, queued.Queued = 0, true
	r.listen(queued)
	r.look()
	r.now = r.now.Add(r.p.ZombieAfter)
	r.listen(zombie)
	r.look()
	if len(r.s.Zombies) != 1 {
		t.Errorf("%+v", r.s.Zombies)
	}
}

func TestAgeAloneIsNotHarm(t *testing.T) {
	quiet := zombie
	quiet.Unread = 0
	for name, c := range map[string]struct {
		prepare  func(*rig)
		blocking bool
	}{
		"read to the end, the API answers": {func(r *rig) { r.becomeConnected(); r.listen(quiet) }, false},
		"bytes nobody reads":               {func(r *rig) { r.becomeConnected(); r.listen(zombie) }, true},
		"connections in the accept queue":  {func(r *rig) { r.becomeConnected(); r.listen(quiet); r.view.Listener.Backlog = 1 }, true},
		"a handshake without an answer": {func(r *rig) {
			r.becomeListening()
			r.hold(r.p.Settle + r.p.HandshakeLate)
			r.listen(quiet)
		}, true},
	} {
		r := newRig(t)
		c.prepare(r)
		r.hold(r.p.ZombieAfter + time.Second)
		if r.s.State != Zombies || r.s.Blocking != c.blocking {
			t.Errorf("%s: %s, blocking %v, want zombies, blocking %v", name, r.s.State, r.s.Blocking, c.blocking)
		}
	}
}

func TestWhoMadeAZombieIsKnownFromHavingSeenItsConnection(t *testing.T) {
	r := newRig(t)
	open := Peer{Addr: zombie.Addr, TCP: Established, Inode: zombie.Inode, Client: Proc{PID: 455, Command: "python3 probe.py"}}
	r.listen(open)
	r.look()
	seen := r.now
	r.now = r.now.Add(time.Second)
	r.listen(zombie)
	r.look()
	r.hold(r.p.ZombieAfter)
	if z := r.s.Zombies[0]; z.Owner.Command != "python3 probe.py" || !z.LastSeen.Equal(seen) {
		t.Errorf("%+v, want python3 probe.py, last seen %v", z, seen)
	}
}

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
	if n := len(effectsOf[OpenSession](r)); n != 1 || len(effectsOf[CloseSession](r)) != 0 {
		t.Errorf("%d sessions opened, %d closed, want the first one left waiting", n, len(effectsOf[CloseSession](r)))
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
	client := Peer{Addr: netip.MustParseAddrPort("127.0.0.1:50000"), TCP: Established, Inode: 5, Client: Proc{PID: 7, Command: "trader"}}
	r.listen(client)
	r.look()
	if r.s.State != Connected || r.s.Verified {
		t.Errorf("%s, verified %v, want connected, not verified", r.s.State, r.s.Verified)
	}
	client.Queued, client.Inode = true, 0
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
func TestAKilledGatewayIsOneDrop(t *testing.T) {
	exit := GatewayEnded{Exit: Exit{Status: 137, Why: "it was killed"}}
	closed := SessionClosed{Why: "the Gateway closed the connection"}
	orders := map[string][]Event{
		"session, look, process": {closed, Looked{}, exit, Looked{}},
		"process, session, look": {exit, closed, Looked{}},
		"look, session, process": {Looked{}, closed, Looked{}, exit, Looked{}},
		"session, process, look": {closed, exit, Looked{}},
	}
	for name, order := range orders {
		r := newRig(t)
		r.becomeStarting()
		r.becomeConnected()
		r.hold(5 * time.Second)
		r.clear()
		r.view = PortView{}
		for _, e := range order {
			r.now = r.now.Add(time.Millisecond)
			if _, ok := e.(Looked); ok {
				r.look()
			} else {
				r.event(e)
			}
			if r.s.State == Listening {
				t.Errorf("%s: claimed to be listening after %T", name, e)
			}
		}
		if r.s.State != Down || r.s.Expected {
			t.Errorf("%s: %s, expected %v", name, r.s.State, r.s.Expected)
		}
		if got := r.notices(); !slices.Equal(got, []NoticeKind{NoticeDrop}) {
			t.Errorf("%s: people heard %v at once, want one drop", name, got)
		}
		r.hold(10 * time.Minute)
		if got := r.notices(); len(got) != 1 {
			t.Errorf("%s: and then %v", name, got)
		}
		if want := "It ended at "; !strings.HasPrefix(r.s.Why, want) || !strings.HasSuffix(r.s.Why, "it was killed") {
			t.Errorf("%s: why: %q", name, r.s.Why)
		}
	}
}

func TestRestartsAreNoNewsUnlessTheyOverrun(t *testing.T) {
	starts := map[string]func(*rig){
		"asked for": func(r *rig) {
			r.event(Asked{ID: 1, Action: Restart})
			acts := effectsOf[Act](r)
			r.event(Acted{ID: acts[len(acts)-1].ID, Action: Restart})
		},
		"the nightly one": func(r *rig) { r.event(PhaseSeen{Phase: Restarting}) },
	}
	for name, start := range starts {
		r := newRig(t)
		r.becomeStarting()
		r.becomeConnected()
		r.hold(time.Second)
		start(r)
		r.becomeStarting()
		r.hold(time.Minute)
		r.becomeConnected()
		r.hold(time.Minute)
		if len(r.s.Notices) != 0 {
			t.Errorf("%s: people heard %+v", name, r.s.Notices)
		}
		start(r)
		r.becomeStarting()
		r.hold(r.p.StartLimit + r.p.FlapAfter + time.Second)
		if got := r.notices(); !slices.Equal(got, []NoticeKind{NoticeDrop}) {
			t.Errorf("%s, overrun: people heard %v, want a drop", name, got)
		}
	}
}

func TestTwoFactorIsAskedForOnceAndTakenBackWhenItIsDone(t *testing.T) {
	r := newRig(t)
	r.becomeDown()
	r.event(Asked{ID: 1, Action: Start})
	r.event(GatewaySeen{PID: 1, StartedAt: r.now, By: ByGatelight})
	r.event(Acted{ID: 1, Action: Start})
	for _, p := range []Phase{Launching, Login, TwoFactor} {
		r.event(PhaseSeen{Phase: p})
		r.hold(2 * time.Second)
	}
	r.hold(3 * time.Minute)
	r.event(PhaseSeen{Phase: LoggedIn})
	r.becomeConnected()
	n := r.s.Notices
	if got := r.notices(); !slices.Equal(got, []NoticeKind{NoticeTwoFactor, NoticeRecovery}) || n[0].ID != n[1].ID {
		t.Errorf("people heard %+v, want the request and its end in one bubble", n)
	}
}

func TestAStopIsNoDrop(t *testing.T) {
	r := newRig(t)
	r.becomeStarting()
	r.becomeConnected()
	r.hold(time.Second)
	r.clear()
	r.event(Asked{ID: 3, Action: Stop})
	r.event(SessionClosed{Why: "bye"})
	r.view = PortView{}
	r.hold(5 * time.Second)
	r.event(GatewayEnded{Exit: Exit{At: r.now, Why: "it closed normally"}})
	r.event(Acted{ID: effectsOf[Act](r)[0].ID, Action: Stop})
	r.hold(time.Minute)
	if r.s.State != Down || !r.s.Expected || len(r.s.Notices) != 0 {
		t.Errorf("%s, expected %v, people heard %+v", r.s.State, r.s.Expected, r.s.Notices)
	}
	if got := effectsOf[Reply](r); len(got) != 1 || got[0] != (Reply{ID: 3}) {
		t.Errorf("the one who asked heard %+v", got)
	}
}

func TestAFailedStopLeavesADropADrop(t *testing.T) {
	r := newRig(t)
	r.becomeStarting()
	r.becomeConnected()
	r.hold(time.Second)
	r.clear()
	r.event(Asked{ID: 3, Action: Stop})
	r.event(Acted{ID: effectsOf[Act](r)[0].ID, Action: Stop, Err: "no"})
	r.becomeDown()
	r.hold(time.Second)
	if r.s.Expected || !slices.Equal(r.notices(), []NoticeKind{NoticeFailed, NoticeDrop}) {
		t.Errorf("expected %v, people heard %v", r.s.Expected, r.notices())
	}
}

func TestWhatIsRefused(t *testing.T) {
	for state, want := range map[State]map[Action]string{
		Unknown:   {Start: "unknown", Stop: "unknown", Restart: "unknown"},
		Down:      {Stop: "not running", Restart: "not running"},
		Starting:  {Start: "starting already"},
		Listening: {Start: "open already"},
		Connected: {Start: "open already"},
	} {
		for _, a := range []Action{Start, Stop, Restart, CopyConfig} {
			r := newRig(t)
			become[state](r)
			r.clear()
			r.event(Asked{ID: 9, Action: a})
			replies, acts := effectsOf[Reply](r), effectsOf[Act](r)
			if want[a] == "" && (len(replies) != 0 || len(acts) != 1) {
				t.Errorf("%s in %s: %+v %+v, want it done", a, state, replies, acts)
			}
			if want[a] != "" && (len(acts) != 0 || len(replies) != 1 || !strings.Contains(replies[0].Err, want[a])) {
				t.Errorf("%s in %s: %+v %+v, want it refused: %s", a, state, replies, acts, want[a])
			}
		}
	}
}

func TestKeepRunningStopsAtTheLoginBudget(t *testing.T) {
	r := newRig(t)
	r.p.KeepRunning = true
	r.becomeStarting()
	r.becomeConnected()
	r.becomeDown()
	var starts []time.Duration
	from := r.now
	for r.now.Sub(from) < 50*time.Minute {
		r.hold(time.Second)
		for _, a := range effectsOf[Act](r) {
			starts = append(starts, r.now.Sub(from))
			r.event(Acted{ID: a.ID, Action: a.Action})
			r.event(GatewaySeen{PID: 8, StartedAt: r.now, By: ByGatelight})
			r.event(LoginSeen{At: r.now})
			r.hold(time.Second)
			r.event(GatewayEnded{Exit: Exit{At: r.now, Why: "IBC found no Java"}})
			from = r.now
		}
		r.clear()
	}
	if len(starts) != r.p.LoginBudget {
		t.Fatalf("started %d times after %v, the budget is %d", len(starts), starts, r.p.LoginBudget)
	}
	if kinds := r.notices(); kinds[len(kinds)-1] != NoticeBudget {
		t.Errorf("people heard %v, want the budget last", kinds)
	}
	r.event(Asked{ID: 1, Action: Start})
	if len(effectsOf[Act](r)) != 1 {
		t.Error("the user himself may start it at any time")
	}
}

// IBC's own loop: "Login failed", a cold restart, and so on about every 2.3 s.
func TestIBCsLoginLoopIsStoppedAtTheBudget(t *testing.T) {
	r := newRig(t)
	r.becomeDown()
	r.event(Asked{ID: 1, Action: Start})
	r.event(GatewaySeen{PID: 8, StartedAt: r.now, By: ByGatelight})
	r.event(Acted{ID: 1, Action: Start})
	r.clear()
	logins := 0
	for len(effectsOf[Act](r)) == 0 && logins < 50 {
		r.event(PhaseSeen{Phase: Launching})
		if len(effectsOf[Act](r)) > 0 {
			break
		}
		r.hold(time.Second)
		logins++
		r.event(PhaseSeen{Phase: Login})
		r.event(LoginSeen{At: r.now})
		r.hold(time.Second)
	}
	acts := effectsOf[Act](r)
	if len(acts) != 1 || acts[0].Action != Stop || logins != 1+r.p.LoginBudget {
		t.Errorf("%+v after %d logins, want a stop after the user's own and %d more", acts, logins, r.p.LoginBudget)
	}
}

func TestStaleEvidenceIsUnknown(t *testing.T) {
	for _, state := range allStates {
		r := newRig(t)
		become[state](r)
		for end := r.now.Add(20 * time.Second); r.now.Before(end); {
			r.now = r.s.WakeAt // nothing comes any more but timers
			r.event(Woke{})
		}
		if r.s.State != Unknown {
			t.Errorf("%s is still claimed 20 s after the last look and answer", state)
		}
	}
}

func TestASilentOwnerOfTheStateIsUnknownToItsViews(t *testing.T) {
	r := newRig(t)
	r.becomeConnected()
	w := World{Gateways: []Snapshot{r.s}}
	if got := w.Aged(r.now.Add(5 * time.Second)).Gateways[0].State; got != Connected {
		t.Errorf("%s after 5 s", got)
	}
	old := w.Aged(r.now.Add(20 * time.Second)).Gateways[0]
	if old.State != Unknown || old.Verified {
		t.Errorf("%s after 20 s", old.State)
	}
}

func TestAFreshSessionVouchesWhenThePortCannotBeSeen(t *testing.T) {
	r := newRig(t)
	r.becomeConnected()
	r.event(LookFailed{Reader: "lsof", Why: "lsof is missing"})
	r.hold(time.Minute)
	if r.s.State != Connected || !strings.Contains(r.s.Why, "cannot be seen") {
		t.Errorf("%s: %s", r.s.State, r.s.Why)
	}
	r.event(SessionCoded{Code: 1100, Link: LinkDown})
	if r.s.State != CutOff {
		t.Errorf("%s after 1100", r.s.State)
	}
	r.event(SessionClosed{Why: "gone"})
	r.now = r.now.Add(time.Second)
	r.event(Woke{})
	if r.s.State != Unknown || len(effectsOf[Act](r)) != 0 {
		t.Errorf("%s, %+v", r.s.State, effectsOf[Act](r))
	}
}

func TestCommandNameTellsNoArguments(t *testing.T) {
	for _, c := range []struct {
		argv []string
		want string
	}{
		{nil, ""},
		{[]string{"/usr/bin/trader", "--password", "s3cret"}, "trader"},
		{[]string{"/usr/bin/python3.11", "/home/me/trader.py", "--account", "DU1"}, "python3.11 trader.py"},
		{[]string{"python3", "-u", "trader.py"}, "python3 trader.py"},
		{[]string{"python", "-m", "ib_insync.app", "s3cret"}, "python -m ib_insync.app"},
		{[]string{"python3", "-c", "password='s3cret'"}, "python3"},
		{[]string{"node", "--inspect", "bot.js", "s3cret"}, "node bot.js"},
		{[]string{"java", "-jar", "x.jar", "s3cret"}, "java"},
		{[]string{"shutter", "s3cret"}, "shutter"},
		{[]string{"bash", "run.sh"}, "bash run.sh"},
	} {
		if got := CommandName(c.argv); got != c.want {
			t.Errorf("%q: %q, want %q", c.argv, got, c.want)
		}
	}
}

func TestTheTrayShowsTheWorst(t *testing.T) {
	calmest := []Snapshot{
		{State: Down, Expected: true}, {State: Connected}, {State: Starting, Phase: Login}, {State: Listening},
		{State: Starting, Phase: TwoFactor}, {State: CutOff}, {State: Unknown}, {State: Zombies}, {State: Down},
	}
	for i := 1; i < len(calmest); i++ {
		w := World{Gateways: []Snapshot{calmest[i], calmest[i-1]}}
		if got := w.Worst(); got.Severity() != calmest[i].Severity() || got.State != calmest[i].State {
			t.Errorf("of %s and %s the worst is %s", calmest[i].State, calmest[i-1].State, got.State)
		}
	}
}
