package alerts

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"gatelight/supervisor"
	"gatelight/tray/fakesupervisor"
)

// A fakeScreen shows the newest alert of each key until that is withdrawn.
type fakeScreen struct {
	failures
	notices map[string]supervisor.Notice // on the screen, by key
	endOwed map[string]bool              // what was shown has not ended on the screen yet, by key
}

func (f *fakeScreen) show(_ context.Context, a alert) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.err == nil {
		f.notices[a.Key] = a.Notice
		f.endOwed[a.Key] = a.Notice.Kind != supervisor.NoticeRecovery && (f.endOwed[a.Key] || isOfState(a.Notice))
	}
	return f.err
}

func (f *fakeScreen) withdraw(_ context.Context, key string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.err == nil {
		delete(f.notices, key)
	}
	return f.err
}

// alarms are the titles on the screen: those of a bad state, and those of actions
// that have failed.
func (f *fakeScreen) alarms() (states, failures []string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, key := range slices.Sorted(maps.Keys(f.notices)) {
		switch n := f.notices[key]; {
		case isOfState(n):
			states = append(states, n.Title)
		case n.Kind == supervisor.NoticeFailed:
			failures = append(failures, n.Title)
		}
	}
	return states, failures
}

func (f *fakeScreen) owesEnd(key string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.endOwed[key]
}

// A randomGateway lives by chance, and the real Decide supervises it.
type randomGateway struct {
	*fakesupervisor.Supervisor
	rand    *rand.Rand
	policy  supervisor.Policy
	s       supervisor.Snapshot
	view    supervisor.PortView
	blind   bool
	silent  bool // its API does not answer
	session bool
	acts    []supervisor.PerformAction
	log     []string
}

func (g *randomGateway) event(e supervisor.Event) {
	var effects []supervisor.Effect
	g.s, effects = supervisor.Decide(g.s, e, supervisor.Now(), g.policy)
	for _, effect := range effects {
		switch f := effect.(type) {
		case supervisor.OpenSession:
			g.session = true
		case supervisor.PerformAction:
			g.acts = append(g.acts, f)
		case supervisor.Record:
			g.log = append(g.log, fmt.Sprintf("%s %s %s>%s %s", f.Entry.At.Format("15:04:05"), f.Entry.Kind, f.Entry.From, f.Entry.To, f.Entry.Text))
		}
	}
	g.Set(g.s)
}

// pass lets time pass, and things take their course.
func (g *randomGateway) pass(d time.Duration) {
	for end := supervisor.Now().Add(d); supervisor.Now().Before(end); {
		time.Sleep(time.Second) // simulated
		if g.blind {
			g.event(supervisor.LookFailed{Reader: "test", Why: "no"})
		} else {
			g.event(supervisor.Looked{At: supervisor.Now(), Reader: "test", View: g.view})
		}
		switch {
		case !g.session || g.silent:
		case g.s.API.State == supervisor.SessionConnecting:
			g.event(supervisor.SessionReady{ServerVersion: 187})
		default:
			g.event(supervisor.HeartbeatAnswered{RTT: time.Millisecond})
		}
	}
	synctest.Wait()
}

func (g *randomGateway) hangUp() {
	if g.session {
		g.session = false
		g.event(supervisor.SessionClosed{Why: "test"})
	}
}

func (g *randomGateway) appears() {
	g.view = supervisor.PortView{Listener: &supervisor.Listener{Address: "*:4002", Process: supervisor.Process{PID: 4000 + g.rand.IntN(3), Name: "java"}}}
}

// step does something to it, and says what.
func (g *randomGateway) step() string {
	seen := supervisor.GatewaySeen{PID: 4000, StartedAt: supervisor.Now(), By: supervisor.ByGatelight,
		Controls: supervisor.Controls{Command: true, Signal: true, KeepsLogin: true}}
	switch g.rand.IntN(19) {
	case 0, 1:
		g.appears()
		return "opens its port"
	case 2:
		g.hangUp()
		g.view = supervisor.PortView{}
		return "closes its port"
	case 3, 4:
		g.hangUp()
		g.view = supervisor.PortView{}
		g.event(supervisor.GatewayEnded{Exit: supervisor.Exit{At: supervisor.Now(), Why: "it was killed"}})
		return "is killed"
	case 5:
		g.silent = !g.silent
		return fmt.Sprint("silent: ", g.silent)
	case 6:
		g.blind = !g.blind
		return fmt.Sprint("blind: ", g.blind)
	case 7:
		g.appears()
		g.view.Peers = []supervisor.Peer{{Addr: netip.MustParseAddrPort("127.0.0.1:50000"), TCP: supervisor.CloseWait, Socket: 9, Unread: g.rand.IntN(2)}}
		return "has a zombie"
	case 8:
		g.view.Peers = nil
		return "has no zombie"
	case 9, 10:
		if !g.session {
			return ""
		}
		code := []supervisor.CodeReceived{{Code: 1100, Link: supervisor.LinkDown}, {Code: 1102, Link: supervisor.LinkUp}}[g.rand.IntN(2)]
		g.event(code)
		return fmt.Sprint("says ", code.Code)
	case 11, 12:
		a := []supervisor.Action{supervisor.Start, supervisor.Stop, supervisor.Restart, supervisor.ClearZombies}[g.rand.IntN(4)]
		g.event(supervisor.ActionRequested{ID: 1, Action: a})
		return "is to " + string(a)
	case 13:
		g.event(seen)
		return "is ours"
	case 14, 15:
		if len(g.acts) == 0 {
			return ""
		}
		act := g.acts[0]
		g.acts = g.acts[1:]
		var why *supervisor.ActionError
		if g.rand.IntN(3) == 2 {
			why = &supervisor.ActionError{Action: act.Action, Reason: supervisor.ReasonFailed, Text: "it failed"}
		}
		if why == nil && act.Action == supervisor.Start {
			g.event(seen)
		}
		g.event(supervisor.ActionEnded{ID: act.ID, Action: act.Action, Err: why})
		return fmt.Sprintf("%s done: %v", act.Action, why)
	case 16, 17:
		problem := []supervisor.LoginProblem{{}, {Reason: supervisor.LoginRefused, Title: "login refused", Text: "try another"},
			{Reason: supervisor.LoginTooManyAttempts, Title: "too many", Text: "wait", Waits: true}}[g.rand.IntN(3)]
		g.event(supervisor.LoginProblemSeen{LoginProblem: problem})
		return fmt.Sprintf("has the login problem %q", problem.Reason)
	default:
		p := []supervisor.Phase{supervisor.Launching, supervisor.Login, supervisor.TwoFactor, supervisor.LoggedIn, supervisor.Restarting}[g.rand.IntN(5)]
		g.event(supervisor.PhaseSeen{Phase: p})
		return "is at " + string(p)
	}
}

// Whatever happens, and whatever keeps alerts from being shown meanwhile: what the
// screen says in the end is true, and who has to know does.
func TestTheScreenIsTrueWhateverHappens(t *testing.T) {
	for seed := range uint64(20) {
		synctest.Test(t, func(t *testing.T) {
			policy := supervisor.DefaultPolicy()
			r := rand.New(rand.NewPCG(seed, 6))
			policy.KeepRunning, policy.ClearAuto, policy.Monitor = r.IntN(2) == 0, r.IntN(2) == 0, r.IntN(4) > 0
			g := &randomGateway{rand: r, policy: policy, s: supervisor.New(policy, supervisor.Now())}
			g.Supervisor = fakesupervisor.New(g.s)
			f := &fakeScreen{notices: map[string]supervisor.Notice{}, endOwed: map[string]bool{}}
			p := newTestPresenter(g, f, Options{})
			ctx, quit := context.WithCancel(t.Context())
			var wg sync.WaitGroup
			wg.Go(func() { p.Run(ctx) })
			defer func() { quit(); wg.Wait() }()

			for range 30 {
				for range 1 + r.IntN(4) {
					switch r.IntN(8) {
					case 0:
						p.Pause(ctx, supervisor.Now().Add(time.Duration(r.IntN(20))*time.Minute))
						g.log = append(g.log, "pause")
					case 1:
						f.fail(errors.New("nobody shows alerts"))
						g.log = append(g.log, "no service")
					default:
						g.log = append(g.log, g.step())
					}
					g.pass(time.Duration(1<<r.IntN(9)) * time.Second)
				}
				p.Pause(ctx, time.Time{})
				f.fail(nil)
				g.pass(2 * defaultRetryEvery)
				g.check(t, f)
				if t.Failed() {
					t.Fatalf("seed %d:\n%s", seed, strings.Join(g.log, "\n"))
				}
			}
		})
		if t.Failed() {
			return
		}
	}
}

func (g *randomGateway) check(t *testing.T, f *fakeScreen) {
	t.Helper()
	alarms, failures := f.alarms()
	if k := len(g.s.Notices); k > 0 && g.s.State == supervisor.Connected {
		last := g.s.Notices[k-1]
		if last.Kind == supervisor.NoticeRecovery && f.owesEnd(fmt.Sprintf("%s/%d", g.s.Name, last.ID)) {
			t.Errorf("people were shown what %q ends, and not that", last.Title)
		}
	}
	quiet := supervisor.Now().Before(g.s.QuietUntil)
	switch g.s.State {
	case supervisor.Starting, supervisor.Listening, supervisor.Unknown:
		quiet = true // the way back up raises no alert, and a reminder comes when it takes long
	}
	switch {
	case (g.s.State == supervisor.Connected || g.s.Expected) && len(alarms) > 0:
		t.Errorf("%s, expected %v, and the screen says %q", g.s.State, g.s.Expected, alarms)
	case !g.s.TroubleSince.IsZero() && !quiet && !g.s.Expected && len(alarms)+len(failures) == 0:
		t.Errorf("%s, trouble since %v, and nothing on the screen", g.s.State, g.s.TroubleSince)
	case len(alarms) > 1:
		t.Errorf("%s, and %d alerts on the screen: %q", g.s.State, len(alarms), alarms)
	}
}
