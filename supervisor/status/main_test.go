package status

import (
	"context"
	"log/slog"
	"net/netip"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"gatelight/supervisor"
	"gatelight/supervisor/settings"
	"gatelight/supervisor/testkit"
)

func TestMain(m *testing.M) {
	checkInterval = 50 * time.Millisecond
	answerWithin = testkit.Patience
	// lumberjack has one goroutine per log, which does not end before the program.
	goleak.VerifyTestMain(m, goleak.IgnoreTopFunction("gopkg.in/natefinch/lumberjack%2ev2.(*Logger).millRun"))
}

// A fakeSupervisor has the Status that a test sets, and notes the actions that
// are asked of it.
type fakeSupervisor struct {
	refuse error // the result of Do

	mu       sync.Mutex
	status   supervisor.Status
	watchers map[chan supervisor.Status]struct{}
	asked    []string
}

func newFake(w supervisor.Status) *fakeSupervisor {
	return &fakeSupervisor{status: w, watchers: map[chan supervisor.Status]struct{}{}}
}

func (s *fakeSupervisor) Latest() supervisor.Status {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.status
}

func (s *fakeSupervisor) Watch(ctx context.Context) <-chan supervisor.Status {
	s.mu.Lock()
	defer s.mu.Unlock()
	ch := make(chan supervisor.Status, 1)
	ch <- s.status
	s.watchers[ch] = struct{}{}
	context.AfterFunc(ctx, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.watchers, ch)
		close(ch)
	})
	return ch
}

func (s *fakeSupervisor) show(w supervisor.Status) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.status = w
	for ch := range s.watchers {
		replace(ch, w)
	}
}

func (s *fakeSupervisor) Do(_ context.Context, gateway string, a supervisor.Action) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked = append(s.asked, string(a)+" "+gateway)
	return s.refuse
}

// connectedStatus has one connected Gateway, with that why.
func connectedStatus(why string) supervisor.Status {
	now := supervisor.Now()
	s := supervisor.New(supervisor.DefaultPolicy(), now)
	s.State, s.Why, s.Verified = supervisor.Connected, why, true
	s.EvidenceAt, s.FreshUntil = now, now.Add(time.Hour)
	return supervisor.Status{Source: "engine", Version: "1.2.3", Gateways: []supervisor.Snapshot{s}}
}

// now is the time at which the documents of these tests are written.
var now = time.Date(2026, 11, 23, 15, 2, 52, 700e6, time.FixedZone("CET", 3600))

// fullStatus has every field set.
func fullStatus() supervisor.Status {
	back := func(d time.Duration) time.Time { return now.Add(-d) }
	peer := netip.MustParseAddrPort
	java := supervisor.Process{PID: 4711, Name: "java"}
	return supervisor.Status{Source: "engine", Version: "1.2.3", Gateways: []supervisor.Snapshot{{
		Name: "paper", Port: 4002, Simulated: true,
		State: supervisor.Zombies, Since: back(41218 * time.Millisecond), Phase: supervisor.LoggedIn,
		Why:        "2 sockets stuck in CLOSE_WAIT; the API has not answered for 41 s",
		Expected:   true,
		Blocking:   true,
		Verified:   true,
		LookFresh:  true,
		Blind:      []string{"the processes of other users"},
		EvidenceAt: back(310 * time.Millisecond), FreshUntil: now.Add(4690 * time.Millisecond), Reader: "netlink",
		Listener: &supervisor.Listener{Address: "*:4002", Process: java, Backlog: 2, Relay: "docker-proxy", Behind: "in the container"},
		Clients: []supervisor.Client{
			{Peer: peer("127.0.0.1:51234"), Process: supervisor.Process{PID: 456, Name: "python3", Command: "python3 trader.py"},
				Since: back(time.Hour)},
			{Peer: peer("[::1]:51240"), Since: back(time.Minute), Self: true},
		},
		Zombies: []supervisor.Zombie{
			{Peer: peer("127.0.0.1:51230"), Since: back(41270 * time.Millisecond), Unread: 18, LastSeen: back(42 * time.Second),
				Owner: supervisor.Process{PID: 455, Name: "python3", Command: "python3 probe.py", StartedAt: back(time.Minute)}},
			{Peer: peer("127.0.0.1:51231"), Since: back(5 * time.Second), Queued: true},
			{Peer: peer("127.0.0.1:51232"), Since: back(4 * time.Second), Owner: supervisor.Process{PID: 457},
				LastSeen: back(6 * time.Second)},
		},
		StaleClients: []supervisor.Client{
			{Peer: peer("127.0.0.1:51260"), Process: supervisor.Process{PID: 460, Name: "node"}, Since: back(2 * time.Minute)},
		},
		API: supervisor.Session{State: supervisor.SessionUp, Since: back(45 * time.Minute), PID: 4800, ClientID: 7461, ServerVersion: 187,
			AnsweredAt: back(41 * time.Second), RTT: 1234 * time.Microsecond, Link: supervisor.LinkUp,
			LastCode: 2104, LastText: "Market data farm connection is OK:usfarm", LastMeaning: "a market data farm is connected",
			LastCodeAt: back(44 * time.Minute),
			Farms: []supervisor.Farm{
				{Kind: supervisor.HistoricalData, Name: "ushmds", Status: supervisor.FarmInactive, At: back(45 * time.Minute)},
				{Kind: supervisor.MarketData, Name: "usfarm", Status: supervisor.FarmOK, At: back(44 * time.Minute)},
				{Kind: supervisor.Definitions, Status: supervisor.FarmBroken, At: back(43 * time.Minute)},
			},
			Closed: "connection reset"},
		Process: supervisor.GatewayProcess{PID: 4711, StartedAt: back(46 * time.Minute), By: supervisor.ByGatelight,
			Controls: supervisor.Controls{Command: true, Signal: true, KeepsLogin: true},
			LastExit: &supervisor.Exit{At: back(47 * time.Minute), Status: 143, Reason: supervisor.ExitSignal, Why: "ended by a signal"}},
		LoginProblem: &supervisor.LoginProblem{Reason: supervisor.LoginRefused, Title: "login refused", Text: "IBKR has refused the login", Waits: true},
		TwoFactor:    &supervisor.TwoFactorRequest{Do: "Approve the login in IBKR Mobile", Until: now.Add(2 * time.Minute)},
		Logins:       1,
		BudgetSpent:  true,
		Next:         &supervisor.Next{Action: "start", At: now.Add(time.Minute)},
		Busy:         supervisor.Restart,
		Notices: []supervisor.Notice{{Seq: 3, ID: 2, At: back(38 * time.Second), Kind: supervisor.NoticeDrop, State: supervisor.Zombies,
			Title: "API blocked: paper", Body: "2 sockets stuck in CLOSE_WAIT", Urgent: true}},
		Transitions: []supervisor.Transition{{Seq: 7, At: back(41218 * time.Millisecond), From: supervisor.Connected, To: supervisor.Zombies, Blocking: true}},
		Drops:       2, LookTook: 1500 * time.Microsecond,
	}}}
}

// notLookedStatus is a Status before the first look.
func notLookedStatus() supervisor.Status {
	return supervisor.Status{Source: "one-shot", Version: "1.2.3",
		Gateways: []supervisor.Snapshot{supervisor.New(supervisor.DefaultPolicy(), now)}}
}

// path is a new path for a control socket, in a folder that does not exist yet.
// It is short enough for every system.
func path(t *testing.T) string {
	t.Helper()
	return filepath.Join(testkit.ShortDir(t), "run", "control.sock")
}

// pathsOf are the paths of a Gatelight with that control socket.
func pathsOf(socket string) settings.Paths {
	runtime := filepath.Dir(socket)
	return settings.Paths{State: filepath.Join(filepath.Dir(runtime), "state"), Runtime: runtime}
}

// quiet is a log that nobody reads.
var quiet = slog.New(slog.DiscardHandler)

// listen takes the lock and opens the socket.
func listen(socket string, s supervisor.Supervisor) (*Server, error) {
	return listenIn(pathsOf(socket), s)
}

func listenIn(p settings.Paths, s supervisor.Supervisor) (*Server, error) {
	lock, err := TakeLock(p)
	if err != nil {
		return nil, err
	}
	return Listen(lock, s, quiet, nil)
}

// serve serves a supervisor on a socket, with what the options add. The
// returned function closes the server, as does the end of the test.
func serve(t *testing.T, socket string, s supervisor.Supervisor, options ...func(*Server)) (closeServer func()) {
	t.Helper()
	server, err := listen(socket, s)
	if err != nil {
		t.Fatal(err)
	}
	for _, option := range options {
		option(server)
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve() }()
	closeServer = sync.OnceFunc(func() {
		if err := server.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
		if err := <-served; err != nil {
			t.Errorf("Serve: %v", err)
		}
	})
	t.Cleanup(closeServer)
	return closeServer
}

func dial(t *testing.T, socket string) *Remote {
	t.Helper()
	return dialIn(t, pathsOf(socket))
}

// dialIn connects to the Gatelight with these paths.
func dialIn(t *testing.T, p settings.Paths) *Remote {
	t.Helper()
	r, err := Dial(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.Close)
	return r
}

// awaitStatus reads a watch until its first Gateway is as expected.
func awaitStatus(t *testing.T, watch <-chan supervisor.Status, what string, is func(supervisor.Snapshot) bool) {
	t.Helper()
	testkit.Await(t, watch, what, func(w supervisor.Status) bool { return len(w.Gateways) > 0 && is(w.Gateways[0]) })
}

// awaitWhy reads a watch until its first Gateway says why.
func awaitWhy(t *testing.T, watch <-chan supervisor.Status, why string) {
	t.Helper()
	awaitStatus(t, watch, why, func(g supervisor.Snapshot) bool { return g.Why == why })
}
