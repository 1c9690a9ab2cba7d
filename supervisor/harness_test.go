package supervisor

import (
	"net/netip"
	"slices"
	"testing"
	"time"
)

// asIBC makes it a Gateway that can be restarted without a new login.
func (r *harness) asIBC() {
	r.event(GatewaySeen{PID: 4700, StartedAt: r.now, By: ByGatelight, Controls: Controls{Command: true, Signal: true, KeepsLogin: true}})
}

// restarts is a restart by IBC as Gatelight sees it, until the port is open
// again.
func (r *harness) restarts() {
	r.closeSession()
	r.event(PhaseSeen{Phase: Restarting})
	r.view = PortView{}
	r.hold(20 * time.Second)
	r.event(PhaseSeen{Phase: LoggedIn})
	r.listen()
	r.view.Listener.Process.PID = 4712
	r.look()
}

// A harness is the snapshot of one Gateway under test, a clock that only the
// test moves, and what a look sees of the port.
type harness struct {
	t       *testing.T
	p       Policy
	now     time.Time
	s       Snapshot
	effects []Effect // of all events since the last clear
	view    PortView // what the next look sees
}

func newHarness(t *testing.T) *harness {
	p := DefaultPolicy()
	p.HasConfigSource = true
	now := time.Date(2026, 11, 23, 14, 0, 0, 0, time.UTC)
	return &harness{t: t, p: p, now: now, s: New(p, now)}
}

// newConnected is a harness whose Gateway has been connected for five seconds,
// which is longer than Policy.FlapAfter.
func newConnected(t *testing.T) *harness {
	r := newHarness(t)
	r.becomeConnected()
	r.hold(5 * time.Second)
	return r
}

// newConnectedOurs is the same with a Gateway that Gatelight has started.
func newConnectedOurs(t *testing.T) *harness {
	r := newHarness(t)
	r.ours()
	r.becomeConnected()
	r.hold(5 * time.Second)
	return r
}

func (r *harness) event(e Event) {
	r.t.Helper()
	var effects []Effect
	r.s, effects = Decide(r.s, e, r.now, r.p)
	r.effects = append(r.effects, effects...)
	if !r.s.WakeAt.After(r.now) {
		r.t.Fatalf("%s after %T: WakeAt %v is not after %v", r.s.State, e, r.s.WakeAt, r.now)
	}
}

func (r *harness) look() { r.event(Looked{At: r.now, Reader: "test", View: r.view}) }

// hold lets time pass in the present state: looks and heartbeats go on as they
// are.
func (r *harness) hold(d time.Duration) {
	for end := r.now.Add(d); r.now.Before(end); {
		r.now = r.now.Add(250 * time.Millisecond)
		if r.s.mem.port.lookError != "" {
			r.event(LookFailed{Reader: "test", Why: "still failing"})
		} else {
			r.look()
		}
		if r.s.API.State == SessionUp {
			r.event(HeartbeatAnswered{RTT: time.Millisecond})
		}
	}
}

func (r *harness) clear() { r.effects = nil }

func (r *harness) listen(peers ...Peer) {
	r.view = PortView{Listener: &Listener{Address: "*:4002", Process: Process{PID: 4711, Name: "java"}}, Peers: peers}
}

// effectsOf are the effects of one type.
func effectsOf[E Effect](r *harness) []E {
	var found []E
	for _, e := range r.effects {
		if f, ok := e.(E); ok {
			found = append(found, f)
		}
	}
	return found
}

// actions are the actions that Decide has begun since the last clear.
func (r *harness) actions() []PerformAction { return effectsOf[PerformAction](r) }

// wantOnly requires that one action was begun since the last clear, and returns
// it.
func (r *harness) wantOnly(a Action) PerformAction {
	r.t.Helper()
	acts := r.actions()
	if len(acts) != 1 || acts[0].Action != a {
		r.t.Fatalf("%+v was begun, want one %s", acts, a)
	}
	return acts[0]
}

// last is the newest notice.
func (r *harness) last() Notice { return r.s.Notices[len(r.s.Notices)-1] }

// notices are the kinds of what people were told, without reminders.
func (r *harness) notices() []NoticeKind {
	var kinds []NoticeKind
	for _, n := range r.s.Notices {
		if n.Kind != NoticeReminder {
			kinds = append(kinds, n.Kind)
		}
	}
	return kinds
}

// wantTold requires that people were told of these, in this order, and of
// nothing else. Reminders are not counted, but there is none where nothing was
// told.
func (r *harness) wantTold(when string, want ...NoticeKind) {
	r.t.Helper()
	if got := r.notices(); !slices.Equal(got, want) || len(want) == 0 && len(r.s.Notices) != 0 {
		r.t.Errorf("%s, people were told %v, want %v: %+v", when, got, want, r.s.Notices)
	}
}

// wantDown requires that the Gateway is down, and on purpose or not.
func (r *harness) wantDown(expected bool) {
	r.t.Helper()
	if r.s.State != Down || r.s.Expected != expected {
		r.t.Errorf("%s, expected %v; want down, expected %v: %s", r.s.State, r.s.Expected, expected, r.s.Why)
	}
}

// ours makes it a Gateway that Gatelight has started.
func (r *harness) ours() {
	r.event(GatewaySeen{PID: 4700, StartedAt: r.now, By: ByGatelight})
}

// ask has the user request an action, and returns the id of the action that
// begins.
func (r *harness) ask(a Action) uint64 {
	r.event(ActionRequested{ID: 99, Action: a})
	acts := r.actions()
	return acts[len(acts)-1].ID
}

// startByUser is a start that the user requests and that works.
func (r *harness) startByUser() {
	id := r.ask(Start)
	r.ours()
	r.event(ActionEnded{ID: id, Action: Start})
}

// The methods below bring the Gateway into a state, from any other one.

func (r *harness) closeSession() {
	if r.s.API.State == SessionUp || r.s.API.State == SessionConnecting {
		r.event(SessionClosed{Why: "test"})
	}
}

func (r *harness) becomeUnknown() {
	r.closeSession()
	r.event(LookFailed{Reader: "test", Why: "no netlink"})
}

func (r *harness) becomeDown() {
	r.closeSession()
	if r.s.Process.PID != 0 {
		r.event(GatewayEnded{Exit: Exit{At: r.now, Status: 137, Why: "it was killed"}})
	}
	r.view = PortView{}
	r.look()
}

func (r *harness) becomeStarting() {
	r.closeSession()
	if r.s.Process.PID == 0 {
		r.event(GatewaySeen{PID: 4700, StartedAt: r.now, By: ByGatelight})
	}
	r.view = PortView{}
	r.look()
}

func (r *harness) becomeListening() {
	r.closeSession()
	r.listen()
	r.look()
}

func (r *harness) becomeConnected() {
	r.listen()
	r.look()
	if r.s.API.State == SessionUp {
		r.event(CodeReceived{Code: 1102, Text: "restored", Link: LinkUp})
		return
	}
	for i := 0; r.s.API.State != SessionConnecting; i++ {
		if i > 4*400 { // longer than the longest pause between handshakes
			r.t.Fatalf("no session was opened: %+v", r.s.API)
		}
		r.hold(250 * time.Millisecond)
	}
	r.event(SessionReady{ServerVersion: 187})
}

func (r *harness) becomeCutOff() {
	if r.s.API.State != SessionUp {
		r.becomeConnected()
	}
	r.listen()
	r.look()
	r.event(CodeReceived{Code: 1100, Text: "lost", Link: LinkDown})
}

var zombiePeer = Peer{Addr: netip.MustParseAddrPort("127.0.0.1:51230"), TCP: CloseWait, Socket: 99, Unread: 18}

// harmlessZombie has no unread bytes: the Gateway still serves other clients.
var harmlessZombie = Peer{Addr: zombiePeer.Addr, TCP: CloseWait, Socket: zombiePeer.Socket}

func (r *harness) becomeZombies() {
	r.listen(zombiePeer)
	r.look()
	r.hold(r.p.ZombieAfter + 500*time.Millisecond)
}

var become = map[State]func(*harness){
	Unknown: (*harness).becomeUnknown, Down: (*harness).becomeDown, Starting: (*harness).becomeStarting,
	Listening: (*harness).becomeListening, Connected: (*harness).becomeConnected, CutOff: (*harness).becomeCutOff,
	Zombies: (*harness).becomeZombies,
}

var allStates = []State{Unknown, Down, Starting, Listening, Connected, CutOff, Zombies}

// failed is the error of a driver, as the engine passes it to Decide.
func failed(text string) *ActionError {
	return &ActionError{Reason: ReasonFailed, Text: text}
}

// errorText is an error in words, "" for none.
func errorText(err *ActionError) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
