package tray

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
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
)

// A glass is a screen: it shows the newest alert of each key until that is
// withdrawn, and there are times when it does nothing.
type glass struct {
	mu    sync.Mutex
	fails error
	shows map[string]supervisor.Notice
	owed  map[string]bool // the end of what was shown, by its key
}

func (g *glass) post(_ context.Context, a alert) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.fails == nil {
		g.shows[a.Key] = a.Notice
		g.owed[a.Key] = a.Notice.Kind != supervisor.NoticeRecovery && (g.owed[a.Key] || ofState(a.Notice))
	}
	return g.fails
}

func (g *glass) withdraw(_ context.Context, key string) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.fails == nil {
		delete(g.shows, key)
	}
	return g.fails
}

func (g *glass) who(context.Context) (string, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return "glass", g.fails
}

func (g *glass) ready() <-chan struct{} { return nil }
func (g *glass) close()                 {}

func (g *glass) fail(err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.fails = err
}

// alarms are the titles of what it says of a state that is bad, and of what was
// tried in vain.
func (g *glass) alarms() (states, failures []string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, key := range slices.Sorted(maps.Keys(g.shows)) {
		switch n := g.shows[key]; {
		case ofState(n):
			states = append(states, n.Title)
		case n.Kind == supervisor.NoticeFailed:
			failures = append(failures, n.Title)
		}
	}
	return states, failures
}

func (g *glass) owes(key string) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.owed[key]
}

// A life is that of a Gateway, by chance, under the real judgement.
type life struct {
	*stand
	rand    *rand.Rand
	policy  supervisor.Policy
	s       supervisor.Snapshot
	view    supervisor.PortView
	blind   bool
	deaf    bool // its API does not answer
	session bool
	acts    []supervisor.PerformAction
	story   []string
}

func (l *life) event(e supervisor.Event) {
	var effects []supervisor.Effect
	l.s, effects = supervisor.Decide(l.s, e, supervisor.Now(), l.policy)
	for _, effect := range effects {
		switch f := effect.(type) {
		case supervisor.OpenSession:
			l.session = true
		case supervisor.PerformAction:
			l.acts = append(l.acts, f)
		case supervisor.Record:
			l.story = append(l.story, fmt.Sprintf("%s %s %s>%s %s", f.Entry.At.Format("15:04:05"), f.Entry.Kind, f.Entry.From, f.Entry.To, f.Entry.Text))
		}
	}
	l.set(l.s)
}

// pass lets time pass, and things take their course.
func (l *life) pass(d time.Duration) {
	for end := supervisor.Now().Add(d); supervisor.Now().Before(end); {
		time.Sleep(time.Second) // simulated
		if l.blind {
			l.event(supervisor.LookFailed{Reader: "test", Why: "no"})
		} else {
			l.event(supervisor.Looked{At: supervisor.Now(), Reader: "test", View: l.view})
		}
		switch {
		case !l.session || l.deaf:
		case l.s.API.State == supervisor.SessionConnecting:
			l.event(supervisor.SessionReady{ServerVersion: 187})
		default:
			l.event(supervisor.HeartbeatAnswered{RTT: time.Millisecond})
		}
	}
	synctest.Wait()
}

func (l *life) hangUp() {
	if l.session {
		l.session = false
		l.event(supervisor.SessionClosed{Why: "test"})
	}
}

func (l *life) appears() {
	l.view = supervisor.PortView{Listener: &supervisor.Listener{Address: "*:4002", Process: supervisor.Process{PID: 4000 + l.rand.IntN(3), Name: "java"}}}
}

// step does something to it, and says what.
func (l *life) step() string {
	seen := supervisor.GatewaySeen{PID: 4000, StartedAt: supervisor.Now(), By: supervisor.ByGatelight,
		Controls: supervisor.Controls{Command: true, Signal: true, KeepsLogin: true}}
	switch l.rand.IntN(17) {
	case 0, 1:
		l.appears()
		return "opens its port"
	case 2:
		l.hangUp()
		l.view = supervisor.PortView{}
		return "closes its port"
	case 3, 4:
		l.hangUp()
		l.view = supervisor.PortView{}
		l.event(supervisor.GatewayEnded{Exit: supervisor.Exit{At: supervisor.Now(), Why: "it was killed"}})
		return "is killed"
	case 5:
		l.deaf = !l.deaf
		return fmt.Sprint("deaf: ", l.deaf)
	case 6:
		l.blind = !l.blind
		return fmt.Sprint("blind: ", l.blind)
	case 7:
		l.appears()
		l.view.Peers = []supervisor.Peer{{Addr: netip.MustParseAddrPort("127.0.0.1:50000"), TCP: supervisor.CloseWait, Socket: 9, Unread: l.rand.IntN(2)}}
		return "has a zombie"
	case 8:
		l.view.Peers = nil
		return "has no zombie"
	case 9, 10:
		if !l.session {
			return ""
		}
		code := []supervisor.CodeReceived{{Code: 1100, Link: supervisor.LinkDown}, {Code: 1102, Link: supervisor.LinkUp}}[l.rand.IntN(2)]
		l.event(code)
		return fmt.Sprint("says ", code.Code)
	case 11, 12:
		a := []supervisor.Action{supervisor.Start, supervisor.Stop, supervisor.Restart, supervisor.ClearZombies}[l.rand.IntN(4)]
		l.event(supervisor.ActionRequested{ID: 1, Action: a})
		return "is to " + string(a)
	case 13:
		l.event(seen)
		return "is ours"
	case 14, 15:
		if len(l.acts) == 0 {
			return ""
		}
		act := l.acts[0]
		l.acts = l.acts[1:]
		var why *supervisor.ActionError
		if l.rand.IntN(3) == 2 {
			why = &supervisor.ActionError{Action: act.Action, Reason: supervisor.ReasonFailed, Text: "it failed"}
		}
		if why == nil && act.Action == supervisor.Start {
			l.event(seen)
		}
		l.event(supervisor.ActionEnded{ID: act.ID, Action: act.Action, Err: why})
		return fmt.Sprintf("%s done: %v", act.Action, why)
	default:
		p := []supervisor.Phase{supervisor.Launching, supervisor.Login, supervisor.TwoFactor, supervisor.LoggedIn, supervisor.Restarting}[l.rand.IntN(5)]
		l.event(supervisor.PhaseSeen{Phase: p})
		return "is at " + string(p)
	}
}

// Whatever happens, and whatever keeps alerts from being shown meanwhile: what the
// screen says in the end is true, and who has to know does.
func TestTheScreenIsTrueWhateverHappens(t *testing.T) {
	for seed := range uint64(60) {
		synctest.Test(t, func(t *testing.T) {
			p := supervisor.DefaultPolicy()
			r := rand.New(rand.NewPCG(seed, 6))
			p.KeepRunning, p.ClearAuto, p.Monitor = r.IntN(2) == 0, r.IntN(2) == 0, r.IntN(4) > 0
			l := &life{rand: r, policy: p, s: supervisor.New(p, supervisor.Now())}
			l.stand = newStand(l.s)
			g := &glass{shows: map[string]supervisor.Notice{}, owed: map[string]bool{}}
			a := newAnnouncer(Options{Notify: true, Supervisor: l, Log: slog.New(slog.DiscardHandler)}, time.Time{}, nil, func(context.Context, func(*Program)) {})
			a.open = func(func(Command)) poster { return g }
			ctx, quit := context.WithCancel(t.Context())
			var wg sync.WaitGroup
			wg.Go(func() { a.run(ctx) })
			defer func() { quit(); wg.Wait() }()

			for range 30 {
				for range 1 + r.IntN(4) {
					switch r.IntN(8) {
					case 0:
						a.pause(ctx, supervisor.Now().Add(time.Duration(r.IntN(20))*time.Minute))
						l.story = append(l.story, "pause")
					case 1:
						g.fail(errors.New("nobody shows alerts"))
						l.story = append(l.story, "no service")
					default:
						l.story = append(l.story, l.step())
					}
					l.pass(time.Duration(1<<r.IntN(9)) * time.Second)
				}
				a.pause(ctx, time.Time{})
				g.fail(nil)
				l.pass(2 * again)
				l.check(t, g)
				if t.Failed() {
					t.Fatalf("seed %d:\n%s", seed, strings.Join(l.story, "\n"))
				}
			}
		})
		if t.Failed() {
			return
		}
	}
}

func (l *life) check(t *testing.T, g *glass) {
	t.Helper()
	alarms, failures := g.alarms()
	if k := len(l.s.Notices); k > 0 && l.s.State == supervisor.Connected {
		last := l.s.Notices[k-1]
		if last.Kind == supervisor.NoticeRecovery && g.owes(fmt.Sprintf("%s/%d", l.s.Name, last.ID)) {
			t.Errorf("people were shown what %q ends, and not that", last.Title)
		}
	}
	quiet := supervisor.Now().Before(l.s.QuietUntil)
	switch l.s.State {
	case supervisor.Starting, supervisor.Listening, supervisor.Unknown:
		quiet = true // the way back up is no news, and a reminder comes when it takes long
	}
	switch {
	case (l.s.State == supervisor.Connected || l.s.Expected) && len(alarms) > 0:
		t.Errorf("%s, expected %v, and the screen says %q", l.s.State, l.s.Expected, alarms)
	case !l.s.TroubleSince.IsZero() && !quiet && !l.s.Expected && len(alarms)+len(failures) == 0:
		t.Errorf("%s, trouble since %v, and nothing on the screen", l.s.State, l.s.TroubleSince)
	case len(alarms) > 1:
		t.Errorf("%s, and %d alerts on the screen: %q", l.s.State, len(alarms), alarms)
	}
}
