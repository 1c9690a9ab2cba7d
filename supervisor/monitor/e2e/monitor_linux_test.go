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
	"gatelight/supervisor/testkit"
)

// A step is something that happens to the Gateway, if anything, and what
// Gatelight shows then.
type step struct {
	signal syscall.Signal
	until  string // what the fake Gateway prints before the state is checked
	state  supervisor.State
	why    string
}

const (
	late    = ", and the API has not answered since "
	answers = "The API answers; no other client is connected"
	ended   = "; our API session has ended: "
	notIB   = ended + "whatever listens on the port does not speak the IB API"
)

const (
	silentForLong = "silent for 90 s" // divided by speed
	flooding      = "100,000 a second"

	triedAgain = 2 // connections
)

// rows are all the ways in which a Gateway can behave. A session that has failed
// is tried again after 5 s and then after 15 s (both divided by speed), so a
// second connection, and no third, shows that it is tried again and not too soon.
var rows = []struct {
	script      string
	steps       []step
	connections int
	children    int
}{
	{silentForLong, []step{{state: supervisor.Silent, why: late}, {state: supervisor.Connected, why: answers}}, 1, 1},
	{"silent", []step{{state: supervisor.Silent, why: late}}, 1, 1},
	{"closes", []step{{state: supervisor.Listening, why: ended + "the Gateway closed the connection during the handshake"}}, triedAgain, 0},
	{"resets", []step{{state: supervisor.Listening, why: ended + "the Gateway reset the connection during the handshake"}}, triedAgain, 0},
	{"garbage", []step{{state: supervisor.Listening, why: notIB}}, triedAgain, 0},
	{"HTTP", []step{{state: supervisor.Listening, why: notIB}}, triedAgain, 0},
	{"empty frame", []step{{state: supervisor.Listening, why: notIB}}, triedAgain, 0},
	{"too few fields", []step{{state: supervisor.Listening, why: notIB}}, triedAgain, 0},
	{"too few fields, later", []step{{state: supervisor.Listening, why: ended + "the API library gave up on what the Gateway sent"}}, triedAgain, 0},
	{"2 GB announced", []step{{state: supervisor.Listening, why: ended + "cannot follow the Gateway: frame too long: 2147483647 bytes"}}, triedAgain, 0},
	{"-1 bytes announced", []step{{state: supervisor.Listening, why: ended + "cannot follow the Gateway: frame too long: 4294967295 bytes"}}, triedAgain, 0},
	{"20 MB", []step{{state: supervisor.Listening, why: ended + "cannot follow the Gateway: frame too long: 20971520 bytes"}}, triedAgain, 0},
	{"truncated frame", []step{{state: supervisor.Listening, why: ended + "the Gateway closed the connection"}}, triedAgain, 0},
	{"too old", []step{{state: supervisor.Listening, why: ended + "the API library refused the handshake: Unsupported version"}}, triedAgain, 0},
	{"226", []step{{state: supervisor.Connected, why: answers}}, 1, 1},
	{"326", []step{{state: supervisor.Listening, why: "; client ids 7461, 7462 and 7463 are all in use (326); next try at "}}, 3, 0},
	{flooding, []step{{state: supervisor.Connected, why: answers},
		{until: "flooded", state: supervisor.CutOff, why: "the Gateway has lost its connection to IBKR"}}, 1, 1},
	{"stops reading", []step{{state: supervisor.Connected, why: answers}, {state: supervisor.Silent, why: late}}, 1, 1},
	{"stops writing", []step{{state: supervisor.Connected, why: answers}, {state: supervisor.Silent, why: late}}, 1, 1},
	{"well", []step{{state: supervisor.Connected, why: answers}, {signal: syscall.SIGSTOP, state: supervisor.Silent, why: late},
		{signal: syscall.SIGCONT, state: supervisor.Connected, why: answers}}, 1, 1},
	{"well", []step{{state: supervisor.Connected, why: answers}, {signal: syscall.SIGKILL, state: supervisor.Down, why: "Nobody listens on port "}}, 1, 0},
}

func TestOneSessionAtATimeHoweverTheGatewayBehaves(t *testing.T) {
	t.Parallel()
	for _, row := range rows {
		name := row.script
		if s := row.steps[len(row.steps)-1].signal; s != 0 {
			name = s.String()
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHarness(t)
			h.await(supervisor.Down, "Nobody listens", testkit.Patience)
			before := h.settledDescriptors()
			g := h.startGateway(row.script)
			for _, s := range row.steps {
				if s.signal != 0 {
					g.signal(s.signal)
				}
				if s.until != "" {
					testkit.Eventually(t, s.until, func() bool { return g.has(s.until) })
				}
				h.await(s.state, s.why, 100*time.Second)
				h.wantNotTooEarly()
			}
			testkit.Eventually(t, "the last connection", func() bool { return len(g.connections()) >= row.connections })
			testkit.Eventually(t, "the children", func() bool { return h.children() == row.children })
			if row.script == flooding {
				// It is starved when it is not answered before the next one is due,
				// at the product's own pace: the flood is not scaled.
				beat := supervisor.DefaultPolicy().Heartbeat
				if age := time.Since(h.newest.API.AnsweredAt); age > 2*beat || h.newest.API.RTT > beat {
					t.Errorf("the flood has starved the heartbeat: last answer %v ago, after %v", age, h.newest.API.RTT)
				}
				h.awaitNewAnswer() // what is unread when the server is killed is lost, and not counted
			}
			h.wantNoBacklog()
			wantPauses(t, row.script, g.connections())
			// Where a session is tried again, a slow machine may see the next
			// connection, too: its pause is checked.
			if n := len(g.connections()); n != row.connections && row.connections != triedAgain {
				t.Errorf("the server has accepted %d connections, want %d", n, row.connections)
			}

			g.signal(syscall.SIGKILL)
			h.await(supervisor.Down, "Nobody listens on port ", testkit.Patience)
			testkit.Eventually(t, "the last child has ended", func() bool { return h.children() == 0 })
			testkit.Eventually(t, "all descriptors are closed", func() bool { return h.descriptors() == before })
			h.wantFewEvents()
			if row.script == flooding {
				h.wantOmittedCount()
			}
		})
	}
}

// awaitNewAnswer waits for the answer to a request that is sent from now on: by
// then all that the server has sent before has been read.
func (h *harness) awaitNewAnswer() {
	h.t.Helper()
	for now := time.Now(); h.newest.API.AnsweredAt.Add(-h.newest.API.RTT).Before(now); {
		if !h.next(testkit.Patience) {
			h.t.Fatal("the API answers no more")
		}
	}
}

func TestMonitorOffMakesNoChildAndNoConnection(t *testing.T) {
	t.Parallel()
	h := newHarness(t, "monitor = false")
	h.await(supervisor.Down, "Nobody listens", testkit.Patience)
	before := h.settledDescriptors()
	g := h.startGateway("well")
	h.await(supervisor.Listening, "nobody is connected, and the monitor is off", testkit.Patience)
	seen := h.newest.EvidenceAt
	for h.newest.EvidenceAt.Sub(seen) < 3*policy.SettleTime { // a session would be there by then
		if !h.next(testkit.Patience) {
			t.Fatal("no more looks")
		}
		if n := h.children(); n != 0 {
			t.Fatalf("%d children", n)
		}
	}
	if n := len(g.connections()); n != 0 || h.newest.Listener.Backlog != 0 {
		t.Errorf("the server has seen %d connections, %d are waiting", n, h.newest.Listener.Backlog)
	}
	g.signal(syscall.SIGKILL)
	h.await(supervisor.Down, "Nobody listens on port ", testkit.Patience)
	testkit.Eventually(t, "all descriptors are closed", func() bool { return h.descriptors() == before })
}

// wantPauses checks the pauses between connections as the server saw them.
func wantPauses(t *testing.T, script string, accepted []time.Time) {
	for i := 1; i < len(accepted); i++ {
		least := policy.SessionRetry[i-1]
		if script == "326" {
			least = policy.SettleTime // with the next client id
		}
		if pause := accepted[i].Sub(accepted[i-1]); pause < least {
			t.Errorf("connection %d came %v after the one before, want %v", i+1, pause, least)
		}
	}
}

// wantNoBacklog checks that no other connections wait to be accepted. On a slow
// machine the newest look may have seen ours before it was.
func (h *harness) wantNoBacklog() {
	h.t.Helper()
	for h.newest.Listener != nil && h.newest.Listener.Backlog != 0 {
		if !h.next(testkit.Patience) {
			h.t.Fatalf("%d connections more are waiting to be accepted", h.newest.Listener.Backlog)
		}
	}
}

// wantNotTooEarly checks that an API that does not answer was given the time that
// the policy allows.
func (h *harness) wantNotTooEarly() {
	h.t.Helper()
	if h.newest.State != supervisor.Silent {
		return
	}
	waited := time.Since(h.newest.API.Since) - policy.HandshakeLate
	if h.newest.API.State == supervisor.SessionUp {
		waited = time.Since(h.newest.API.AnsweredAt) - policy.HeartbeatLate
	}
	if waited < 0 {
		h.t.Errorf("%q came %v too early", h.newest.Why, -waited)
	}
}

// settledDescriptors waits until their number has stayed the same for a while.
func (h *harness) settledDescriptors() int {
	n, same := h.descriptors(), 0
	testkit.Eventually(h.t, "the descriptors stay the same", func() bool {
		now := h.descriptors()
		if same++; now != n {
			n, same = now, 0
		}
		return same > 10
	})
	return n
}

// wantFewEvents: no Gateway can make the event log grow without limit.
func (h *harness) wantFewEvents() {
	log, err := os.ReadFile(h.events())
	if err != nil {
		h.t.Fatal(err)
	}
	if n := bytes.Count(log, []byte("\n")); n > 60 {
		h.t.Errorf("%d entries in the event log", n)
	}
}

// wantOmittedCount: of the 750,000 codes of the flood, in one line or, on a slow
// machine, in several.
func (h *harness) wantOmittedCount() {
	h.t.Helper()
	said := regexp.MustCompile(`sends too much: (\d+) messages? w[a-z]+ left out`)
	testkit.Eventually(h.t, "740,000 messages that were left out", func() bool {
		log, err := os.ReadFile(h.events())
		if err != nil {
			h.t.Fatal(err)
		}
		omitted := 0
		for _, m := range said.FindAllSubmatch(log, -1) {
			n, _ := strconv.Atoi(string(m[1]))
			omitted += n
		}
		if omitted > 750_000 {
			h.t.Fatalf("%d messages were left out, more than were sent", omitted)
		}
		return omitted >= 740_000
	})
}
