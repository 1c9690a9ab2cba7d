package status

import (
	"context"
	"net/netip"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"gatelight/supervisor"
)

// within is the deadline of every condition that the tests wait for. It is met
// in milliseconds on an idle machine.
const within = 10 * time.Second

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// A fakeSupervisor is a supervisor that shows what it is told to, and notes
// what it is asked.
type fakeSupervisor struct {
	refuse error // what Do answers

	mu      sync.Mutex
	status   supervisor.Status
	readers map[chan supervisor.Status]struct{}
	asked   []string
}

func newStub(w supervisor.Status) *fakeSupervisor {
	return &fakeSupervisor{status: w, readers: map[chan supervisor.Status]struct{}{}}
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
	s.readers[ch] = struct{}{}
	context.AfterFunc(ctx, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.readers, ch)
		close(ch)
	})
	return ch
}

func (s *fakeSupervisor) show(w supervisor.Status) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.status = w
	for ch := range s.readers {
		replace(ch, w)
	}
}

func (s *fakeSupervisor) Do(_ context.Context, gateway string, a supervisor.Action) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked = append(s.asked, string(a)+" "+gateway)
	return s.refuse
}

// connectedStatus is a world of one connected Gateway, distinguished by its
// why.
func connectedStatus(why string) supervisor.Status {
	now := time.Now().Round(0)
	s := supervisor.New(supervisor.DefaultPolicy(), now)
	s.State, s.Why, s.Verified = supervisor.Connected, why, true
	s.EvidenceAt, s.FreshUntil = now, now.Add(time.Hour)
	return supervisor.Status{Source: "engine", Version: "1.2.3", Gateways: []supervisor.Snapshot{s}}
}

// now is the time at which the documents of these tests are written.
var now = time.Date(2026, 11, 23, 15, 2, 52, 700e6, time.FixedZone("CET", 3600))

// fullStatus is a world in which everything is known that can be.
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
			{Peer: peer("127.0.0.1:51234"), Process: supervisor.Process{PID: 456, Name: "python3", Command: "python3 trader.py"}, Since: back(time.Hour)},
			{Peer: peer("[::1]:51240"), Since: back(time.Minute), Self: true},
		},
		Zombies: []supervisor.Zombie{
			{Peer: peer("127.0.0.1:51230"), Since: back(41270 * time.Millisecond), Unread: 18, LastSeen: back(42 * time.Second),
				Owner: supervisor.Process{PID: 455, Name: "python3", Command: "python3 probe.py", StartedAt: back(time.Minute)}},
			{Peer: peer("127.0.0.1:51231"), Since: back(5 * time.Second), Queued: true},
			{Peer: peer("127.0.0.1:51232"), Since: back(4 * time.Second), Owner: supervisor.Process{PID: 457}, LastSeen: back(6 * time.Second)},
		},
		StaleClients: []supervisor.Client{
			{Peer: peer("127.0.0.1:51260"), Process: supervisor.Process{PID: 460, Name: "node"}, Since: back(2 * time.Minute)},
		},
		API: supervisor.Session{State: supervisor.SessionUp, Since: back(45 * time.Minute), PID: 4800, ClientID: 7461, ServerVersion: 187,
			AnsweredAt: back(41 * time.Second), RTT: 1234 * time.Microsecond, Link: supervisor.LinkUp,
			LastCode: 2104, LastText: "Market data farm connection is OK:usfarm", LastMeaning: "a market data farm is connected", LastCodeAt: back(44 * time.Minute),
			Farms: []supervisor.Farm{
				{Kind: supervisor.HistoricalData, Name: "ushmds", Status: supervisor.FarmInactive, At: back(45 * time.Minute)},
				{Kind: supervisor.MarketData, Name: "usfarm", Status: supervisor.FarmOK, At: back(44 * time.Minute)},
				{Kind: supervisor.Definitions, Status: supervisor.FarmBroken, At: back(43 * time.Minute)},
			},
			Closed: "connection reset"},
		Process: supervisor.GatewayProcess{PID: 4711, StartedAt: back(46 * time.Minute), By: supervisor.ByGatelight,
			Controls: supervisor.Controls{Command: true, Signal: true, KeepsLogin: true},
			LastExit: &supervisor.Exit{At: back(47 * time.Minute), Status: 143, Reason: supervisor.ExitSignal, Why: "ended by a signal"}},
		Logins: 1,
		Next:   &supervisor.Next{Action: "start", At: now.Add(time.Minute)},
		Busy:   supervisor.Restart,
		Notices: []supervisor.Notice{{Seq: 3, ID: 2, At: back(38 * time.Second), Kind: supervisor.NoticeDrop, State: supervisor.Zombies,
			Title: "Gateway paper: blocked by zombies", Body: "2 sockets stuck in CLOSE_WAIT", Urgent: true}},
	}}}
}

// notLookedStatus is a world of which nothing is known yet.
func notLookedStatus() supervisor.Status {
	return supervisor.Status{Source: "one-shot", Version: "1.2.3",
		Gateways: []supervisor.Snapshot{supervisor.New(supervisor.DefaultPolicy(), now)}}
}

// path is a new path for a control socket, in a folder that is not there yet,
// and short enough on every system.
func path(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "gl-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return filepath.Join(dir, "run", "control.sock")
}

// serve shows a supervisor on a socket. The server is closed by the returned
// function, or at the test's end.
func serve(t *testing.T, socket string, s supervisor.Supervisor) (closed func()) {
	t.Helper()
	server, err := Listen(socket, s)
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve() }()
	closed = sync.OnceFunc(func() {
		if err := server.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
		if err := <-served; err != nil {
			t.Errorf("Serve: %v", err)
		}
	})
	t.Cleanup(closed)
	return closed
}

func dial(t *testing.T, socket string) *Remote {
	t.Helper()
	r, err := Dial(t.Context(), socket)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.Close)
	return r
}

// await takes worlds until one satisfies the condition.
func await(t *testing.T, worlds <-chan supervisor.Status, what string, is func(supervisor.Snapshot) bool) supervisor.Snapshot {
	t.Helper()
	late := time.After(within)
	for {
		select {
		case w, open := <-worlds:
			if !open {
				t.Fatalf("the watch ended before: %s", what)
			}
			if len(w.Gateways) > 0 && is(w.Gateways[0]) {
				return w.Gateways[0]
			}
		case <-late:
			t.Fatalf("in vain: %s", what)
		}
	}
}
