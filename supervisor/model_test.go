package supervisor

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"sync"
	"testing"
	"time"
)

// A model is a Gateway under IBC as Gatelight sees it: the port's sockets, what
// IBC's log tells, and the API. It is as strict as a real one: a connection
// that is dropped while its handshake is pending stays in CLOSE_WAIT until the
// process ends.
type model struct {
	mu      sync.Mutex
	emit    func(Event) // of Follow
	script  int         // pid of IBC's script, 0: none
	java    int         // pid of the Gateway itself, 0: none
	ended   chan struct{}
	open    bool          // the port is
	answers chan struct{} // closed while the API answers

	sessions map[*modelSession]bool
	zombies  []Peer
	port     uint16 // of the last client
	entries  []Entry

	launches, connections, pending, mostPending int
}

// A modelSession is one connection to the model.
type modelSession struct {
	peer  Peer
	emit  func(Event)
	ready bool
}

func newModel() *model {
	return &model{sessions: map[*modelSession]bool{}, answers: make(chan struct{}), port: 50000}
}

func (m *model) set(change func()) {
	m.mu.Lock()
	defer m.mu.Unlock()
	change()
}

func (m *model) Reader() string { return "model" }

func (m *model) Look(_ context.Context, ports []int) (Table, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var v PortView
	if m.open {
		v.Listener = &Listener{Address: "*:4002", Process: Process{PID: m.java, Name: "java"}}
		v.Peers = append(v.Peers, m.zombies...)
		for s := range m.sessions {
			v.Peers = append(v.Peers, s.peer)
		}
	}
	return Table{At: Now(), Reader: "model", Ports: map[int]PortView{ports[0]: v}}, nil
}

func (m *model) AwaitWake(context.Context) error { return errors.ErrUnsupported }

func (m *model) AwaitExit(ctx context.Context, pid int) error {
	m.mu.Lock()
	ended := m.ended
	if pid != m.java {
		ended = make(chan struct{})
		close(ended)
	}
	m.mu.Unlock()
	select {
	case <-ended:
		time.Sleep(time.Millisecond) // the sockets are closed first
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (m *model) Follow(ctx context.Context, emit func(Event)) {
	m.set(func() { m.emit = emit })
	<-ctx.Done()
}

// Perform starts it, the way a start with two-factor goes.
func (m *model) Perform(_ context.Context, a PerformAction) error {
	if a.Action != Start {
		return fmt.Errorf("the model cannot %s", a.Action)
	}
	m.set(func() { m.script = 4700 })
	m.emit(GatewaySeen{PID: m.script, StartedAt: Now(), By: ByGatelight})
	m.emit(PhaseSeen{Phase: Launching})
	go func() {
		time.Sleep(5100 * time.Millisecond) // not at the time of a look
		m.launch()
		time.Sleep(5 * time.Second) // until now a handshake is accepted, but not answered
		m.emit(PhaseSeen{Phase: Login})
		m.emit(LoginSeen{At: Now()})
		time.Sleep(3 * time.Second)
		m.emit(PhaseSeen{Phase: TwoFactor})
		time.Sleep(40 * time.Second)
		m.loggedIn()
	}()
	return nil
}

// launch starts the process and opens its port, long before the API answers.
func (m *model) launch() {
	m.set(func() {
		m.launches++
		m.java, m.open, m.ended = 4710+m.launches, true, make(chan struct{})
	})
}

func (m *model) loggedIn() {
	m.emit(PhaseSeen{Phase: LoggedIn})
	m.set(func() { close(m.answers) })
}

// end ends the process, and with it all its sockets, zombies included.
func (m *model) end() {
	m.set(func() {
		m.java, m.open, m.zombies, m.answers = 0, false, nil, make(chan struct{})
		close(m.ended)
	})
}

// crash ends the Gateway and the script without a request.
func (m *model) crash() {
	m.end()
	time.Sleep(2 * time.Millisecond) // IBC's script notices it last
	m.set(func() { m.script = 0 })
	m.emit(GatewayEnded{Exit: Exit{At: Now(), Status: 137, Why: "it was killed"}})
}

// nightly is the Gateway's own restart every night: without a login, under the
// same script.
func (m *model) nightly() {
	m.emit(PhaseSeen{Phase: Restarting})
	time.Sleep(2 * time.Second)
	m.end()
	time.Sleep(20 * time.Second)
	m.launch()
	time.Sleep(15 * time.Second)
	m.loggedIn()
}

// hang stops the API from answering for this long.
func (m *model) hang(d time.Duration) {
	m.set(func() { m.answers = make(chan struct{}) })
	time.Sleep(d)
	m.set(func() { close(m.answers) })
}

// send sends a code to every session.
func (m *model) send(e CodeReceived) {
	m.mu.Lock()
	var all []*modelSession
	for s := range m.sessions {
		all = append(all, s)
	}
	m.mu.Unlock()
	for _, s := range all {
		s.emit(e)
	}
}

// answered waits until the API answers, and returns "", or else why the session
// ended before that.
func (m *model) answered(ctx context.Context, ended <-chan struct{}) (why string) {
	m.mu.Lock()
	answers := m.answers
	m.mu.Unlock()
	select {
	case <-answers:
		return ""
	case <-ended:
		return "the Gateway closed the connection"
	case <-ctx.Done():
		return "the monitor was stopped"
	}
}

// hold is one API session, as the monitor's child process holds it.
func (m *model) hold(ctx context.Context, _ int, emit func(Event)) string {
	m.mu.Lock()
	if !m.open {
		m.mu.Unlock()
		return "nobody listens"
	}
	m.port++
	m.connections++
	m.pending++
	m.mostPending = max(m.mostPending, m.pending)
	s := &modelSession{emit: emit, peer: Peer{Addr: netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), m.port),
		TCP: Established, Socket: uint64(m.port), Client: Process{PID: 77, Command: MonitorCommand}}}
	m.sessions[s] = true
	ended := m.ended
	m.mu.Unlock()
	defer m.drop(s, ended)

	emit(SessionStarted{PID: 77})
	if why := m.answered(ctx, ended); why != "" {
		return why
	}
	m.set(func() { s.ready = true; m.pending-- })
	emit(SessionReady{ServerVersion: 187})
	for beat := time.NewTicker(5 * time.Second); ; {
		select {
		case <-beat.C:
		case <-ended:
			return "the Gateway closed the connection"
		case <-ctx.Done():
			return "the monitor was stopped"
		}
		if why := m.answered(ctx, ended); why != "" {
			return why
		}
		emit(HeartbeatAnswered{RTT: time.Millisecond})
	}
}

// drop closes our side of a connection.
func (m *model) drop(s *modelSession, ended <-chan struct{}) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.sessions, s)
	if s.ready {
		return
	}
	m.pending--
	select {
	case <-ended: // its socket has ended, too
	default:
		s.peer.TCP = CloseWait
		m.zombies = append(m.zombies, s.peer)
	}
}

// If the model left no zombies, TestEightHoursGiveTheExpectedLogAndNoZombies
// would prove nothing.
func TestTheModelKeepsAnAbandonedHandshakeAsAZombie(t *testing.T) {
	m := newModel()
	m.launch()
	ctx, cancel := context.WithCancel(t.Context())
	m.hold(ctx, 7461, func(Event) { cancel() })
	if len(m.zombies) != 1 || m.zombies[0].TCP != CloseWait {
		t.Errorf("an abandoned handshake leaves %+v", m.zombies)
	}
	m.end()
	if len(m.zombies) != 0 {
		t.Errorf("the process has ended and leaves %+v", m.zombies)
	}
}

func (m *model) Identify(context.Context, int) (GatewaySeen, bool) { return GatewaySeen{}, false }
