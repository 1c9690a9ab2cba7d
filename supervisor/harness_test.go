package supervisor

import (
	"net/netip"
	"slices"
	"testing"
	"time"
)

// raceDetector: the tests run with it.
var raceDetector bool

// computesMuch is called by a test that has one goroutine and computes for long.
// make test runs it without the race detector only, which could find nothing.
func computesMuch(t *testing.T) {
	t.Helper()
	if raceDetector {
		t.Skip("runs without the race detector")
	}
}

// ComputesMuch is for the tests of package supervisor_test.
var ComputesMuch = computesMuch

// asIBC makes it a Gateway that can be restarted without a new login.
func (h *harness) asIBC() {
	h.event(GatewaySeen{PID: 4700, StartedAt: h.now, By: ByGatelight, Controls: Controls{Command: true, Signal: true, KeepsLogin: true}})
}

// restarts is a restart by IBC as Gatelight sees it, until the port is open
// again.
func (h *harness) restarts() {
	h.closeSession()
	h.event(PhaseSeen{Phase: Restarting})
	h.view = PortView{}
	h.hold(20 * time.Second)
	h.event(PhaseSeen{Phase: LoggedIn})
	h.listen()
	h.view.Listener.Process.PID = 4712
	h.look()
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
	silent  bool     // the API answers no heartbeats
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
	h := newHarness(t)
	h.becomeConnected()
	h.hold(5 * time.Second)
	return h
}

// newConnectedOurs is the same with a Gateway that Gatelight has started.
func newConnectedOurs(t *testing.T) *harness {
	h := newHarness(t)
	h.ours()
	h.becomeConnected()
	h.hold(5 * time.Second)
	return h
}

func (h *harness) event(e Event) {
	h.t.Helper()
	var effects []Effect
	h.s, effects = Decide(h.s, e, h.now, h.p)
	h.effects = append(h.effects, effects...)
	if !h.s.WakeAt.After(h.now) {
		h.t.Fatalf("%s after %T: WakeAt %v is not after %v", h.s.State, e, h.s.WakeAt, h.now)
	}
}

func (h *harness) look() { h.event(Looked{At: h.now, Reader: "test", View: h.view}) }

// hold lets time pass in the present state: looks and heartbeats go on as they
// are, less often when it is long.
func (h *harness) hold(d time.Duration) {
	step := 250 * time.Millisecond
	if d > 2*time.Hour {
		step = time.Second
	}
	for end := h.now.Add(d); h.now.Before(end); {
		h.now = h.now.Add(step)
		if h.s.mem.port.lookError != "" {
			h.event(LookFailed{Reader: "test", Why: "still failing"})
		} else {
			h.look()
		}
		if h.s.API.State == SessionUp && !h.silent {
			h.event(HeartbeatAnswered{RTT: time.Millisecond})
		}
	}
}

func (h *harness) clear() { h.effects = nil }

func (h *harness) listen(peers ...Peer) {
	h.view = PortView{Listener: &Listener{Address: "*:4002", Process: Process{PID: 4711, Name: "java"}}, Peers: peers}
}

// effectsOf are the effects of one type.
func effectsOf[E Effect](h *harness) []E {
	var found []E
	for _, e := range h.effects {
		if f, ok := e.(E); ok {
			found = append(found, f)
		}
	}
	return found
}

// actions are the actions that Decide has begun since the last clear.
func (h *harness) actions() []PerformAction { return effectsOf[PerformAction](h) }

// wantOnly requires that one action was begun since the last clear, and returns
// it.
func (h *harness) wantOnly(a Action) PerformAction {
	h.t.Helper()
	acts := h.actions()
	if len(acts) != 1 || acts[0].Action != a {
		h.t.Fatalf("%+v was begun, want one %s", acts, a)
	}
	return acts[0]
}

// last is the newest notice.
func (h *harness) last() Notice { return h.s.Notices[len(h.s.Notices)-1] }

// notices are the kinds of what people were told, without reminders.
func (h *harness) notices() []NoticeKind {
	var kinds []NoticeKind
	for _, n := range h.s.Notices {
		if n.Kind != NoticeReminder {
			kinds = append(kinds, n.Kind)
		}
	}
	return kinds
}

// wantTold requires that people were told of these, in this order, and of
// nothing else. Reminders are not counted, but there is none where nothing was
// told.
func (h *harness) wantTold(when string, want ...NoticeKind) {
	h.t.Helper()
	if got := h.notices(); !slices.Equal(got, want) || len(want) == 0 && len(h.s.Notices) != 0 {
		h.t.Errorf("%s, people were told %v, want %v: %+v", when, got, want, h.s.Notices)
	}
}

// wantDown requires that the Gateway is down, and on purpose or not.
func (h *harness) wantDown(expected bool) {
	h.t.Helper()
	if h.s.State != Down || h.s.Expected != expected {
		h.t.Errorf("%s, expected %v; want down, expected %v: %s", h.s.State, h.s.Expected, expected, h.s.Why)
	}
}

// ours makes it a Gateway that Gatelight has started.
func (h *harness) ours() {
	h.event(GatewaySeen{PID: 4700, StartedAt: h.now, By: ByGatelight})
}

// ask has the user request an action, and returns the id of the action that
// begins.
func (h *harness) ask(a Action) uint64 {
	h.event(ActionRequested{ID: 99, Action: a})
	acts := h.actions()
	return acts[len(acts)-1].ID
}

// startByUser is a start that the user requests and that works.
func (h *harness) startByUser() {
	id := h.ask(Start)
	h.ours()
	h.event(ActionEnded{ID: id, Action: Start})
}

// The methods below bring the Gateway into a state, from any other one.

func (h *harness) closeSession() {
	if h.s.API.State == SessionUp || h.s.API.State == SessionConnecting {
		h.event(SessionClosed{Why: "test"})
	}
}

func (h *harness) becomeUnknown() {
	h.closeSession()
	h.event(LookFailed{Reader: "test", Why: "no netlink"})
}

func (h *harness) becomeDown() { h.endAs(Exit{Status: 137, Reason: ExitKilled, Why: "it was killed"}) }

// close is an end in order.
func (h *harness) close() { h.endAs(Exit{Reason: ExitClosed, Why: "it closed normally"}) }

func (h *harness) endAs(exit Exit) {
	h.closeSession()
	if h.s.Process.PID != 0 {
		exit.At = h.now
		h.event(GatewayEnded{Exit: exit})
	}
	h.view = PortView{}
	h.look()
}

func (h *harness) becomeStarting() {
	h.closeSession()
	if h.s.Process.PID == 0 {
		h.event(GatewaySeen{PID: 4700, StartedAt: h.now, By: ByGatelight})
	}
	h.view = PortView{}
	h.look()
}

func (h *harness) becomeListening() {
	h.closeSession()
	h.listen()
	h.look()
}

func (h *harness) becomeConnected() {
	h.silent = false
	h.listen()
	h.look()
	if h.s.API.State == SessionUp {
		h.event(HeartbeatAnswered{RTT: time.Millisecond})
		h.event(CodeReceived{Code: 1102, Text: "restored", Link: LinkUp})
		return
	}
	for i := 0; h.s.API.State != SessionConnecting; i++ {
		if i > 4*400 { // longer than the longest pause between handshakes
			h.t.Fatalf("no session was opened: %+v", h.s.API)
		}
		h.hold(250 * time.Millisecond)
	}
	h.event(SessionReady{ServerVersion: 187})
}

func (h *harness) becomeCutOff() {
	if h.s.API.State != SessionUp {
		h.becomeConnected()
	}
	h.silent = false
	h.listen()
	h.look()
	h.event(HeartbeatAnswered{RTT: time.Millisecond})
	h.event(CodeReceived{Code: 1100, Text: "lost", Link: LinkDown})
}

func (h *harness) becomeSilent() {
	if h.s.API.State != SessionUp {
		h.becomeConnected()
	}
	h.listen()
	h.silent = true
	h.hold(h.p.HeartbeatLate + time.Second)
}

var zombiePeer = Peer{Addr: netip.MustParseAddrPort("127.0.0.1:51230"), TCP: CloseWait, Socket: 99, Unread: 18}

// harmlessZombie has no unread bytes: the Gateway still serves other clients.
var harmlessZombie = Peer{Addr: zombiePeer.Addr, TCP: CloseWait, Socket: zombiePeer.Socket}

func (h *harness) becomeZombies() {
	h.listen(zombiePeer)
	h.look()
	h.hold(h.p.ZombieAfter + 500*time.Millisecond)
}

var become = map[State]func(*harness){
	Unknown: (*harness).becomeUnknown, Down: (*harness).becomeDown, Starting: (*harness).becomeStarting,
	Listening: (*harness).becomeListening, Connected: (*harness).becomeConnected, CutOff: (*harness).becomeCutOff,
	Zombies: (*harness).becomeZombies, Silent: (*harness).becomeSilent,
}

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
