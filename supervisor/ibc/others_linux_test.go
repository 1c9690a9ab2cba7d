package ibc

import (
	"fmt"
	"net"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"gatelight/supervisor"
	"gatelight/supervisor/simgateway"
	"gatelight/supervisor/testkit"
)

// IBKR counts the logins of an IBC that somebody else has started, too, and
// such a loop never listens.
func TestLoginsOfSomebodyElsesIBCAreCounted(t *testing.T) {
	for _, tt := range []struct {
		name   string
		sim    simgateway.Options
		logins int // at least
	}{
		{"refused again and again", simgateway.Options{LoginResult: simgateway.LoginFailed, RelaunchDelay: 100 * time.Millisecond}, 3},
		{"no server again and again", simgateway.Options{LoginResult: simgateway.LoginConnectionFailed, RelaunchDelay: 100 * time.Millisecond}, 3},
		{"waits for two-factor", simgateway.Options{TwoFactor: simgateway.Never}, 1},
		{"logged in", simgateway.Options{}, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := install(t, tt.sim)
			t.Parallel()
			write(t, h.handLog(), "") // appended to a log that has older logins
			script := h.byHand(h.o)
			h.othersInterval = 50 * time.Millisecond
			f := h.follow()
			f.waitFor(func(events []supervisor.Event) bool { return f.logins() >= tt.logins })
			events, _ := f.recorded()
			for _, e := range events {
				if login, ok := e.(supervisor.LoginSeen); ok && (login.Attended || time.Since(login.At) > time.Minute) {
					t.Errorf("%+v", login)
				}
			}
			if texts := f.progress(); len(texts) != 1 || !strings.Contains(texts[0], "somebody else runs IBC with this config.ini, as process ") ||
				!strings.Contains(texts[0], "its logins are counted, by "+h.handLog()) {
				t.Errorf("said: %q, of process %d", texts, script)
			}
			if counted := strings.Count(read(t, h.layout.Scenes+".logins"), "\n"); counted < f.logins() {
				t.Errorf("%d logins seen, there were %d", f.logins(), counted)
			}
		})
	}
}

// Who sends STOP to it wants it down: that is no drop.
func TestAStopOfSomebodyElsesIBCIsSeen(t *testing.T) {
	for _, listens := range []bool{true, false} {
		port := testkit.Port(t)
		sim := simgateway.Options{CommandServerPort: port, TwoFactor: simgateway.Never}
		if listens {
			sim.TwoFactor = 0
		}
		h := install(t, sim)
		h.byHand(h.o)
		h.othersInterval = 50 * time.Millisecond
		f := h.follow()
		f.waitFor(func([]supervisor.Event) bool { return f.logins() == 1 })
		if listens {
			testkit.Eventually(t, "the API port is open", h.portIsOpen)
			if _, ok := f.Identify(t.Context(), h.javaPID()); !ok {
				t.Fatal("not identified")
			}
		}
		conn, err := net.Dial("tcp4", fmt.Sprintf("127.0.0.1:%d", port))
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintln(conn, "STOP")
		testkit.Eventually(t, "nobody is left", func() bool { return len(h.processes()) == 0 })
		conn.Close()
		f.waitFor(func(events []supervisor.Event) bool {
			var whys []bool // whether it cannot be told what runs
			for _, e := range events {
				if u, ok := e.(supervisor.ProcessUnknown); ok {
					whys = append(whys, u.Why != "")
				}
			}
			return slices.Equal(whys, []bool{true, false})
		})
		if listens {
			f.waitFor(func([]supervisor.Event) bool { return slices.Contains(f.words(), "STOP") })
		} else if words := f.words(); slices.Contains(words, "STOP") {
			t.Errorf("%q, and nothing had listened", words)
		}
	}
}

// Where its output goes elsewhere, that is said, and nothing is made up.
func TestAnIBCWhoseOutputCannotBeReadIsReported(t *testing.T) {
	for _, to := range []string{"a pipe", "nowhere", "a deleted file"} {
		t.Run(to, func(t *testing.T) {
			h := install(t, simgateway.Options{TwoFactor: simgateway.Never})
			t.Parallel()
			cmd := h.command()
			switch to {
			case "a pipe":
				r, w, err := os.Pipe()
				if err != nil {
					t.Fatal(err)
				}
				defer r.Close()
				defer w.Close()
				cmd.Stdout = w
			case "a deleted file":
				w, err := os.Create(h.handLog())
				if err != nil {
					t.Fatal(err)
				}
				defer w.Close()
				cmd.Stdout = w
				os.Remove(h.handLog())
			}
			h.starts(cmd)
			h.othersInterval = 50 * time.Millisecond
			f := h.follow()
			testkit.Eventually(t, "it is reported", func() bool { return len(f.progress()) > 0 })
			if text := f.progress()[0]; !strings.Contains(text, "its logins cannot be counted, since it is not known where its output goes") {
				t.Errorf("said: %s", text)
			}
			if f.logins() != 0 {
				t.Errorf("%d logins", f.logins())
			}
		})
	}
}

// What is ours is nobody else's, at any moment of its life.
func TestOurOwnIBCIsNobodyElses(t *testing.T) {
	h := install(t, simgateway.Options{CommandServerPort: testkit.Port(t), LoginDelay: 100 * time.Millisecond})
	t.Parallel()
	h.othersInterval = 5 * time.Millisecond
	f := h.follow()
	for range 3 {
		f.performs(supervisor.Start)
		testkit.Eventually(t, "the API port is open", h.portIsOpen)
		f.performs(supervisor.Stop)
	}
	for _, text := range f.progress() {
		if strings.Contains(text, "somebody else") {
			t.Errorf("said: %s", text)
		}
	}
	if n := f.logins(); n != 3 {
		t.Errorf("%d logins, not 3", n)
	}
}

// logins is how many were seen.
func (f *follower) logins() (n int) {
	events, _ := f.recorded()
	for _, e := range events {
		if _, ok := e.(supervisor.LoginSeen); ok {
			n++
		}
	}
	return n
}

// The Gateway may have begun to listen, and was identified, since the last look at the
// processes.
func TestTheGatewayThatHasListenedIsKnownBetweenTwoLooks(t *testing.T) {
	look := time.Now()
	o := other{java: 7, at: look, path: "/tmp/ibc.log"}
	for name, c := range map[string]struct {
		f    foreignGateway
		want bool
	}{
		"seen by the look":                  {foreignGateway{pid: 7, at: look.Add(-time.Second)}, true},
		"another one's, before the look":    {foreignGateway{pid: 6, output: o.path, at: look.Add(-time.Second)}, false},
		"after the look, with this log":     {foreignGateway{pid: 8, output: o.path, at: look.Add(time.Second)}, true},
		"after the look, with another's":    {foreignGateway{pid: 8, output: "/tmp/other.log", at: look.Add(time.Second)}, false},
		"after the look, and no log at all": {foreignGateway{pid: 8, at: look.Add(time.Second)}, false},
	} {
		if got := o.isGateway(c.f); got != c.want {
			t.Errorf("%s: %t", name, got)
		}
	}
	if (other{}).isGateway(foreignGateway{pid: 8, at: look}) {
		t.Error("without a log")
	}
}
