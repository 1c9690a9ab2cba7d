package supervisor

import (
	"math/rand/v2"
	"net/netip"
	"testing"
	"time"
)

// FuzzDecide gives Decide arbitrary sequences of events and checks its
// promises. Each event is two bytes: what happens, and how much time has passed
// before.
func FuzzDecide(f *testing.F) {
	f.Add([]byte{})
	for seed := range uint64(60) {
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

// passed is the time before a step: mostly short, sometimes long, up to about
// an hour.
func passed(b byte) time.Duration {
	scale := []time.Duration{time.Millisecond, 100 * time.Millisecond, 100 * time.Millisecond, time.Second, time.Second, 10 * time.Second, time.Minute, 10 * time.Minute}
	return time.Duration(b>>3) * scale[b&7] / 4
}

// choose turns a byte into an event that can happen now.
func (j *referee) choose(b byte) Event {
	arg := int(b >> 5)
	switch b & 31 {
	case 0, 1, 2, 3:
		return j.look(arg, nil)
	case 4:
		j.hidden = arg&1 == 1
		return j.look(0, nil)
	case 5, 6:
		return j.look(arg|1, []Peer{{Addr: peerAddr(arg), TCP: CloseWait, Socket: uint64(arg), Unread: arg & 1}})
	case 7:
		return j.look(arg|1, []Peer{{Addr: peerAddr(arg), TCP: Established, Socket: 7}})
	case 8:
		j.lookFailed = true
		return LookFailed{Reader: "test", Why: "no"}
	case 9, 10:
		if j.sessions > 0 {
			return SessionReady{ServerVersion: 187}
		}
	case 11, 12:
		if j.sessions > 0 {
			return HeartbeatAnswered{RTT: time.Millisecond}
		}
	case 13:
		if j.sessions > 0 {
			return []CodeReceived{{Code: 1100, Link: LinkDown}, {Code: 1101, Link: LinkUp}, {Code: 1102, Link: LinkUp},
				{Code: 2110, Link: LinkDown}, {Code: 326}, {Code: 2104, Farm: Farm{Kind: MarketData, Status: FarmOK}},
				{Code: 1300, Link: LinkUnknown, NewPort: 4003}, {Code: 502}}[arg]
		}
	case 14, 15:
		if j.sessions > 0 {
			j.sessions--
			return SessionClosed{Why: "test"}
		}
	case 16:
		j.unproven = false
		return GatewaySeen{PID: 1000 + arg, StartedAt: j.now, By: ByGatelight, Controls: Controls{Signal: true, Command: arg&1 == 0, KeepsLogin: arg&1 == 0}}
	case 17, 18:
		return PhaseSeen{Phase: []Phase{NoPhase, Launching, Login, TwoFactor, LoggedIn, Restarting, Launching, Login}[arg]}
	case 19, 20:
		return LoginSeen{At: j.now}
	case 21:
		if arg >= 6 {
			j.unproven = arg == 6
			return ProcessUnknown{Why: []string{"test", ""}[arg-6]}
		}
		return []Event{PlannedEndSeen{}, PlannedEndSeen{Why: "test"}, RestartAnnounced{At: j.now.Add(time.Minute)}}[arg%3]
	case 22:
		j.unproven = false
		return GatewayEnded{Exit: Exit{At: j.now, Status: arg, Why: "test"}}
	case 23, 24, 25:
		j.lastRequest++
		j.requests[j.lastRequest] = j.now
		return ActionRequested{ID: j.lastRequest, Action: []Action{Start, Stop, Restart, CopyConfig, Start, Stop, KeepRunningOn, KeepRunningOff}[arg]}
	case 26, 27, 28:
		if len(j.acts) > 0 {
			a := j.acts[0]
			j.acts = j.acts[1:]
			return ActionEnded{ID: a.ID, Action: a.Action, Err: []*ActionError{nil, failed("test")}[arg&1]}
		}
	case 29:
		return []Event{LaunchSeen{}, LoginProblemSeen{LoginProblem{Reason: LoginDialog, Title: "test", Text: "test", Waits: arg&4 != 0}}, LoginProblemSeen{}, ActionProgressed{Text: "test"}}[arg&3]
	case 30:
		return GatewaySeen{PID: 100 + arg&2, StartedAt: j.now, By: ByOther, Controls: Controls{Command: arg&1 == 0, KeepsLogin: arg&1 == 0}}
	case 31:
		j.lastRequest++
		j.requests[j.lastRequest] = j.now
		return ActionRequested{ID: j.lastRequest, Action: ClearZombies}
	}
	return TimerFired{}
}

func peerAddr(n int) netip.AddrPort {
	return netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), uint16(50000+n))
}

func (j *referee) look(arg int, peers []Peer) Event {
	v := PortView{Peers: peers}
	j.hidden = j.hidden && arg&1 == 0
	if j.hidden {
		v.Hidden = "test"
	}
	if arg&1 == 1 {
		v.Listener = &Listener{Address: "*:4002", Process: Process{PID: 100 + arg&2}, Backlog: arg & 4}
	}
	return j.saw(v)
}
