package e2e

import (
	"bytes"
	"os"
	"regexp"
	"strconv"
	"syscall"
	"testing"
	"time"

	"gatelight/supervisor"
)

// A step is something that happens to the Gateway, if anything, and what the
// light says then.
type step struct {
	signal syscall.Signal
	until  string // what the server says before it is judged
	state  supervisor.State
	why    string
}

const (
	unanswered = "; the API has not answered for 5 s"
	late       = "; last answer 1" // 10 s ago or a little more
	answers    = "The API answers; no other client is connected"
	ended      = "; our API session has ended: "
	flooding   = "100,000 a second"
	notIB      = ended + "whatever listens on the port does not speak the IB API"
)

// rows are all the ways in which a Gateway can be hard to talk to. A session
// that has failed is tried again after 5 s and then after 15 s, so a second
// connection, and no third, shows that and how it goes on.
var rows = []struct {
	script      string
	steps       []step
	connections int
	children    int
}{
	{"silent for 90 s", []step{{state: supervisor.Listening, why: unanswered}, {state: supervisor.Connected, why: answers}}, 1, 1},
	{"silent", []step{{state: supervisor.Listening, why: unanswered}}, 1, 1},
	{"closes", []step{{state: supervisor.Listening, why: ended + "the Gateway closed the connection during the handshake"}}, 2, 0},
	{"resets", []step{{state: supervisor.Listening, why: ended + "the Gateway reset the connection during the handshake"}}, 2, 0},
	{"garbage", []step{{state: supervisor.Listening, why: notIB}}, 2, 0},
	{"HTTP", []step{{state: supervisor.Listening, why: notIB}}, 2, 0},
	{"empty frame", []step{{state: supervisor.Listening, why: notIB}}, 2, 0},
	{"too few fields", []step{{state: supervisor.Listening, why: notIB}}, 2, 0},
	{"too few fields, later", []step{{state: supervisor.Listening, why: ended + "the API library gave up on what the Gateway sent"}}, 2, 0},
	{"2 GB announced", []step{{state: supervisor.Listening, why: ended + "cannot follow the Gateway: frame too long: 2147483647 bytes"}}, 2, 0},
	{"-1 bytes announced", []step{{state: supervisor.Listening, why: ended + "cannot follow the Gateway: frame too long: 4294967295 bytes"}}, 2, 0},
	{"20 MB", []step{{state: supervisor.Listening, why: ended + "cannot follow the Gateway: frame too long: 20971520 bytes"}}, 2, 0},
	{"truncated frame", []step{{state: supervisor.Listening, why: ended + "the Gateway closed the connection"}}, 2, 0},
	{"too old", []step{{state: supervisor.Listening, why: ended + "the API library refused the handshake: Unsupported version"}}, 2, 0},
	{"226", []step{{state: supervisor.Connected, why: answers}}, 1, 1},
	{"326", []step{{state: supervisor.Listening, why: "; client ids 7461, 7462 and 7463 are all in use (326); next try at "}}, 3, 0},
	{flooding, []step{{state: supervisor.Connected, why: answers},
		{until: "flooded", state: supervisor.CutOff, why: "the Gateway has lost its connection to IBKR"}}, 1, 1},
	{"stops reading", []step{{state: supervisor.Connected, why: answers}, {state: supervisor.Listening, why: late}}, 1, 1},
	{"stops writing", []step{{state: supervisor.Connected, why: answers}, {state: supervisor.Listening, why: late}}, 1, 1},
	{"well", []step{{state: supervisor.Connected, why: answers}, {signal: syscall.SIGSTOP, state: supervisor.Listening, why: late},
		{signal: syscall.SIGCONT, state: supervisor.Connected, why: answers}}, 1, 1},
	{"well", []step{{state: supervisor.Connected, why: answers}, {signal: syscall.SIGKILL, state: supervisor.Down, why: "Nobody listens on port "}}, 1, 0},
}

func TestHoweverTheGatewayBehaves(t *testing.T) {
	for _, row := range rows {
		name := row.script
		if s := row.steps[len(row.steps)-1].signal; s != 0 {
			name = s.String()
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newMachine(t)
			m.await(supervisor.Down, "Nobody listens", 20*time.Second)
			before := m.settledDescriptors()
			g := m.gateway(row.script)
			for _, s := range row.steps {
				if s.signal != 0 {
					g.signal(s.signal)
				}
				if s.until != "" {
					m.until(s.until, func() bool { return g.has(s.until) })
				}
				m.await(s.state, s.why, 100*time.Second)
			}
			m.until("the last connection", func() bool { return len(g.connections()) >= row.connections })
			m.until("the children", func() bool { return m.children() == row.children })
			if row.script == flooding {
				// Starved is what is not answered before the next one is due.
				beat := supervisor.DefaultPolicy().Heartbeat
				if age := time.Since(m.newest.API.AnsweredAt); age > 2*beat || m.newest.API.RTT > beat {
					t.Errorf("the flood has starved the heartbeat: last answer %v ago, after %v", age, m.newest.API.RTT)
				}
				m.answeredAnew() // what is unread when the server is killed is lost, and not left out
			}
			if m.newest.Listener != nil && m.newest.Listener.Backlog != 0 {
				t.Errorf("%d connections more are waiting to be accepted", m.newest.Listener.Backlog)
			}
			politeAfter(t, row.script, g.connections())
			if n := len(g.connections()); n != row.connections {
				t.Errorf("the server has accepted %d connections, want %d", n, row.connections)
			}

			g.signal(syscall.SIGKILL)
			m.await(supervisor.Down, "Nobody listens on port ", 20*time.Second)
			m.until("the last child to end", func() bool { return m.children() == 0 })
			m.until("all descriptors to be closed", func() bool { return m.descriptors() == before })
			m.fewEvents()
			if row.script == flooding {
				m.saysWhatWasLeftOut()
			}
		})
	}
}

// answeredAnew waits for the answer to a question that is asked from now on: by
// then all that the server has sent before has been read.
func (m *machine) answeredAnew() {
	m.t.Helper()
	for now := time.Now(); m.newest.API.AnsweredAt.Add(-m.newest.API.RTT).Before(now); {
		if !m.next(20 * time.Second) {
			m.t.Fatal("the API answers no more")
		}
	}
}

func TestWithTheMonitorOffThereIsNoChildAndNoConnection(t *testing.T) {
	t.Parallel()
	m := newMachine(t, "monitor = false")
	m.await(supervisor.Down, "Nobody listens", 20*time.Second)
	before := m.settledDescriptors()
	g := m.gateway("well")
	m.await(supervisor.Listening, "nobody is connected, and the monitor is off", 20*time.Second)
	seen := m.newest.EvidenceAt
	for m.newest.EvidenceAt.Sub(seen) < 3*time.Second { // a session would be there by then
		if !m.next(20 * time.Second) {
			t.Fatal("no more looks")
		}
		if n := m.children(); n != 0 {
			t.Fatalf("%d children", n)
		}
	}
	if n := len(g.connections()); n != 0 || m.newest.Listener.Backlog != 0 {
		t.Errorf("the server has seen %d connections, %d are waiting", n, m.newest.Listener.Backlog)
	}
	g.signal(syscall.SIGKILL)
	m.await(supervisor.Down, "Nobody listens on port ", 20*time.Second)
	m.until("all descriptors to be closed", func() bool { return m.descriptors() == before })
}

// politeAfter checks the pauses between connections as the server saw them.
func politeAfter(t *testing.T, script string, accepted []time.Time) {
	least := 5 * time.Second
	if script == "326" {
		least = time.Second // with the next client id
	}
	for i := 1; i < len(accepted); i++ {
		if pause := accepted[i].Sub(accepted[i-1]); pause < least {
			t.Errorf("connection %d came %v after the one before, want %v", i+1, pause, least)
		}
	}
}

// settledDescriptors waits until their number has stayed the same for a while.
func (m *machine) settledDescriptors() int {
	n, same := m.descriptors(), 0
	m.until("the descriptors to settle", func() bool {
		now := m.descriptors()
		if same++; now != n {
			n, same = now, 0
		}
		return same > 10
	})
	return n
}

// fewEvents: no Gateway can make the event log grow at will.
func (m *machine) fewEvents() {
	log, err := os.ReadFile(m.events())
	if err != nil {
		m.t.Fatal(err)
	}
	if n := bytes.Count(log, []byte("\n")); n > 60 {
		m.t.Errorf("%d entries in the event log", n)
	}
}

// saysWhatWasLeftOut: of the 750,000 codes of the flood, in one line.
func (m *machine) saysWhatWasLeftOut() {
	m.t.Helper()
	log, err := os.ReadFile(m.events())
	if err != nil {
		m.t.Fatal(err)
	}
	said := regexp.MustCompile(`sends too much: (\d+) messages were left out`).FindSubmatch(log)
	if said == nil {
		m.t.Fatal("the event log does not say that anything was left out")
	}
	if n, _ := strconv.Atoi(string(said[1])); n < 740_000 || n > 750_000 {
		m.t.Errorf("%d messages were left out", n)
	}
}
