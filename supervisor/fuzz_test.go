package supervisor

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"testing"
	"time"
)

// FuzzDecide throws sequences of events at Decide and holds it to the promises.
// Each event is two bytes: what happens, and how much time has passed before.
func FuzzDecide(f *testing.F) {
	f.Add([]byte{})
	for seed := range uint64(150) {
		f.Add(sequence(rand.New(rand.NewPCG(seed, 1)), 10+int(seed)))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		newReferee(t, b).judgeAll(b)
	})
}

func sequence(r *rand.Rand, n int) []byte {
	b := make([]byte, 2*n)
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	return b
}

// A referee plays the world around Decide and checks what it does against a
// record of its own.
type referee struct {
	t   *testing.T
	p   Policy
	now time.Time
	s   Snapshot

	listensSince time.Time // of what the last good look saw; zero: nobody listens
	lastLook     time.Time
	blind        bool
	handshakes   int // open sessions, by effects and closings
	asked        map[uint64]time.Time
	nextAsk      uint64
	steps        int
	acts         []PerformAction
	unattended   []time.Time
}

func newReferee(t *testing.T, b []byte) *referee {
	p := DefaultPolicy()
	p.HasConfigSource = true
	if len(b) > 0 { // the policy varies with the input too
		p.KeepRunning = b[0]&1 == 0
		p.Monitor = b[0]&6 != 0
		p.ClearAuto = b[0]&8 != 0
	}
	now := time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
	return &referee{t: t, p: p, now: now, s: New(p, now), asked: map[uint64]time.Time{}}
}

func (j *referee) judgeAll(b []byte) {
	for ; len(b) >= 2; b = b[2:] {
		j.now = j.now.Add(passed(b[1]))
		j.step(j.choose(b[0]))
	}
	if j.steps&1 == 1 { // whatever is under way ends, even when the clock is set back
		j.now = j.now.Add(-time.Hour)
		if j.listensSince.After(j.now) {
			j.listensSince = j.now
		}
		j.step(TimerFired{}) // timers go by the time that passes, and are not as late as that
	}
	j.drain()
}

// passed makes most steps short and a few long: from nothing to an hour.
func passed(b byte) time.Duration {
	scale := []time.Duration{time.Millisecond, 100 * time.Millisecond, 100 * time.Millisecond, time.Second, time.Second, 10 * time.Second, time.Minute, 10 * time.Minute}
	return time.Duration(b>>3) * scale[b&7] / 4
}

// choose turns a byte into an event that the world could produce now.
func (j *referee) choose(b byte) Event {
	arg := int(b >> 5)
	switch b & 31 {
	case 0, 1, 2, 3:
		return j.look(arg, nil)
	case 4:
		return j.look(0, nil)
	case 5, 6:
		return j.look(arg|1, []Peer{{Addr: peerAddr(arg), TCP: CloseWait, Socket: uint64(arg), Unread: arg & 1}})
	case 7:
		return j.look(arg|1, []Peer{{Addr: peerAddr(arg), TCP: Established, Socket: 7}})
	case 8:
		j.blind = true
		return LookFailed{Reader: "test", Why: "no"}
	case 9, 10:
		if j.handshakes > 0 {
			return SessionReady{ServerVersion: 187}
		}
	case 11, 12:
		if j.handshakes > 0 {
			return HeartbeatAnswered{RTT: time.Millisecond}
		}
	case 13:
		if j.handshakes > 0 {
			return []CodeReceived{{Code: 1100, Link: LinkDown}, {Code: 1101, Link: LinkUp}, {Code: 1102, Link: LinkUp},
				{Code: 2110, Link: LinkDown}, {Code: 326}, {Code: 2104, Farm: Farm{Kind: MarketData, Status: FarmOK}},
				{Code: 1300, Link: LinkUnknown, NewPort: 4003}, {Code: 502}}[arg]
		}
	case 14, 15:
		if j.handshakes > 0 {
			j.handshakes--
			return SessionClosed{Why: "test"}
		}
	case 16:
		return GatewaySeen{PID: 1000 + arg, StartedAt: j.now, By: ByGatelight, Controls: Controls{Signal: true, Command: arg&1 == 0, KeepsLogin: arg&1 == 0}}
	case 17, 18:
		return PhaseSeen{Phase: []Phase{NoPhase, Launching, Login, TwoFactor, LoggedIn, Restarting, Launching, Login}[arg]}
	case 19, 20:
		return LoginSeen{At: j.now}
	case 21:
		return StopCommandSeen{}
	case 22:
		return GatewayEnded{Exit: Exit{At: j.now, Status: arg, Why: "test"}}
	case 23, 24, 25:
		j.nextAsk++
		j.asked[j.nextAsk] = j.now
		return ActionRequested{ID: j.nextAsk, Action: []Action{Start, Stop, Restart, CopyConfig, Start, Stop, KeepRunningOn, KeepRunningOff}[arg]}
	case 26, 27, 28:
		if len(j.acts) > 0 {
			a := j.acts[0]
			j.acts = j.acts[1:]
			return ActionEnded{ID: a.ID, Action: a.Action, Err: []*ActionError{nil, failed("test")}[arg&1]}
		}
	case 29:
		return []Event{LaunchSeen{}, LoginProblemSeen{Text: "test"}, LoginProblemSeen{}, ActionProgressed{Text: "test"}}[arg&3]
	case 30:
		return GatewaySeen{PID: 100 + arg&2, StartedAt: j.now, By: ByOther, Controls: Controls{Command: arg&1 == 0, KeepsLogin: arg&1 == 0}}
	case 31:
		j.nextAsk++
		j.asked[j.nextAsk] = j.now
		return ActionRequested{ID: j.nextAsk, Action: ClearZombies}
	}
	return TimerFired{}
}

func peerAddr(n int) netip.AddrPort {
	return netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), uint16(50000+n))
}

func (j *referee) look(arg int, peers []Peer) Event {
	v := PortView{Peers: peers}
	if arg&1 == 1 {
		v.Listener = &Listener{Address: "*:4002", Process: Process{PID: 100 + arg&2}, Backlog: arg & 4}
	}
	was := j.s.Listener
	if v.Listener == nil {
		j.listensSince = time.Time{}
	} else if j.listensSince.IsZero() || was == nil || was.Process.PID != v.Listener.Process.PID {
		j.listensSince = j.now
	}
	j.lastLook, j.blind = j.now, false
	return Looked{At: j.now, Reader: "test", View: v}
}

func (j *referee) step(e Event) {
	j.steps++
	before, text := j.s, ""
	if j.steps%8 == 0 { // it takes longer than all the rest
		text = fmt.Sprintf("%+v", j.s)
	}
	s, effects := Decide(j.s, e, j.now, j.p)
	if text != "" && fmt.Sprintf("%+v", before) != text {
		j.fail(e, "the snapshot before was written to:\n%s\n%+v", text, before)
	}
	j.s = s
	if a, ok := e.(ActionRequested); ok && before.State == Unknown && a.Action != CopyConfig {
		for _, f := range effects {
			if _, acts := f.(PerformAction); acts {
				j.fail(e, "acted on a state that was unknown")
			}
		}
	}
	if !s.WakeAt.After(j.now) {
		j.fail(e, "waits for nothing: WakeAt %v, now %v", s.WakeAt, j.now)
	}
	if changed := s.State != before.State; changed != !s.Since.Equal(before.Since) && !(changed && before.Since.Equal(j.now)) {
		j.fail(e, "%s since %v became %s since %v", before.State, before.Since, s.State, s.Since)
	}
	j.evidence(e)
	for _, f := range effects {
		j.effect(e, f)
	}
	if j.handshakes > 1 {
		j.fail(e, "%d sessions at once", j.handshakes)
	}
	for i, n := range s.Notices {
		if i > 0 && n.Seq != s.Notices[i-1].Seq+1 || len(s.Notices) > keptNotices {
			j.fail(e, "notices out of order: %+v", s.Notices)
		}
	}
}

// evidence: a state is claimed only on evidence for it.
func (j *referee) evidence(e Event) {
	s := j.s
	looking := !j.lastLook.IsZero() && !j.blind && j.now.Before(j.lastLook.Add(j.p.StaleAfter))
	answering := s.API.State == SessionUp && j.now.Before(s.API.AnsweredAt.Add(j.p.HeartbeatLate))
	held := j.now.Before(s.mem.port.holdStateUntil) // a session closed a moment ago: the next look will tell
	if held {
		if s.mem.port.holdStateUntil.Sub(j.now) > time.Second {
			j.fail(e, "judgement is withheld until %v", s.mem.port.holdStateUntil)
		}
		return
	}
	switch {
	case !looking && !answering && s.State != Unknown:
		j.fail(e, "%s, but nothing vouches for it", s.State)
	case s.State == Connected && !answering && (j.p.Monitor || len(s.Clients) == 0):
		j.fail(e, "connected without a session or a client")
	case s.State == CutOff && !answering:
		j.fail(e, "cut off, says nobody")
	case (s.State == Down || s.State == Starting) && !j.listensSince.IsZero():
		j.fail(e, "%s, but somebody listens", s.State)
	case s.State == Listening && j.listensSince.IsZero():
		j.fail(e, "listening, but nobody listens")
	case s.State == Zombies && len(s.Zombies) == 0:
		j.fail(e, "zombies, but there are none")
	case s.Expected && s.State != Down:
		j.fail(e, "%s is expected", s.State)
	}
	for _, z := range s.Zombies {
		if j.lastLook.Sub(z.Since) < j.p.ZombieAfter {
			j.fail(e, "a zombie of %v", j.lastLook.Sub(z.Since))
		}
	}
}

func (j *referee) effect(e Event, f Effect) {
	switch f := f.(type) {
	case PerformAction:
		if j.s.State == Unknown && f.Action != CopyConfig {
			j.fail(e, "%s while unknown", f.Action)
		}
		j.acts = append(j.acts, f)
		switch {
		case f.Action == Start && f.Unattended:
			j.budget(e)
		case f.Action == Start || f.Action == Restart:
			j.unattended = nil // the user has looked: he starts afresh
		}
	case OpenSession:
		j.handshakes++
		switch {
		case !j.p.Monitor:
			j.fail(e, "connected with the monitor off")
		case j.s.Blocking:
			j.fail(e, "connected while zombies block")
		case j.listensSince.IsZero() || j.now.Sub(j.listensSince) < j.p.SettleTime:
			j.fail(e, "connected before the port had fastAfterChange")
		case j.s.State == Unknown:
			j.fail(e, "connected while unknown")
		}
	case SaveKeepRunning:
		j.step(KeepRunningSaved{ID: f.ID})
	case Reply:
		if _, waits := j.asked[f.ID]; !waits {
			j.fail(e, "answered %d, which nobody asks", f.ID)
		}
		delete(j.asked, f.ID)
	}
}

// budget: unattended starts, an hour long.
func (j *referee) budget(e Event) {
	j.unattended = append(j.unattended, j.now)
	n := 0
	for _, at := range j.unattended {
		if j.now.Before(at.Add(loginWindow)) {
			n++
		}
	}
	if n > j.p.LoginBudget {
		j.fail(e, "%d unattended logins within an hour, the budget is %d", n, j.p.LoginBudget)
	}
}

// drain lets time pass by timers alone: nothing may wait for ever, and nobody
// is left without an answer.
func (j *referee) drain() {
	j.acts = nil // no action reports any more
	for end := j.now.Add(j.p.ActionTimeout + j.p.StartTimeout + time.Second); j.now.Before(end); {
		j.now = j.s.WakeAt
		j.step(TimerFired{})
		j.acts = nil
	}
	if len(j.asked) > 0 {
		j.fail(TimerFired{}, "never answered: %v", j.asked)
	}
	if j.s.Busy != "" && j.now.Sub(j.s.mem.action.doing.since) > max(j.p.ActionTimeout, j.p.StartTimeout) {
		j.fail(TimerFired{}, "busy for ever with %s", j.s.Busy)
	}
}

func (j *referee) fail(e Event, format string, args ...any) {
	j.t.Helper()
	j.t.Fatalf("%s after %T%+v in %s: %s", j.now.Format("15:04:05.000"), e, e, j.s.State, fmt.Sprintf(format, args...))
}
