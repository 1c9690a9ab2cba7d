//go:build unix

package ibc

import (
	"context"
	"os"
	"syscall"
	"testing"
	"time"

	"gatelight/supervisor"
	"gatelight/supervisor/simgateway"
	"gatelight/supervisor/testkit"
)

func TestRestartNeedsNoLogin(t *testing.T) {
	h := install(t, simgateway.Options{CommandServerPort: testkit.Port(t), TwoFactor: time.Millisecond})
	t.Parallel()
	f := h.follow()
	f.performs(supervisor.Start)
	first := []string{"seen", "launching", "login", "LOGIN", "two_factor", "login", "logged_in"}
	f.expects(first...)
	testkit.Eventually(t, "the API port is open", h.portIsOpen)
	pid := f.pid()
	f.performs(supervisor.Restart)
	f.expects(append(first, "restarting", "logged_in")...)
	if seen, _ := New(h.o).Running().(supervisor.GatewaySeen); seen.PID != pid {
		t.Errorf("process %d, want %d still", seen.PID, pid)
	}

	// How it ends now is not how the first java has ended.
	testkit.Eventually(t, "the API port is open", h.portIsOpen)
	if err := syscall.Kill(-pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	f.expects(append(first, "restarting", "logged_in", "ended 137: it was killed")...)
}

// A person who asks for a restart during a login wants a new one, with a new
// request for approval. IBC would wait for the old one.
func TestRestartDuringALoginLogsInAnew(t *testing.T) {
	h := install(t, simgateway.Options{CommandServerPort: testkit.Port(t), TwoFactor: simgateway.Never})
	t.Parallel()
	f := h.follow()
	f.performs(supervisor.Start)
	waits := []string{"seen", "launching", "login", "LOGIN", "two_factor"}
	f.expects(waits...)
	f.performs(supervisor.Restart)
	f.expects(append(append(waits, "STOP", "ended 0: it closed normally"), waits...)...)
}

// The same with a log that somebody has removed, so that nobody knows of the login.
func TestRestartOfAGatewayWithoutItsLogAndPortLogsInAnew(t *testing.T) {
	h := install(t, simgateway.Options{CommandServerPort: testkit.Port(t), TwoFactor: simgateway.Never})
	t.Parallel()
	first := h.follow()
	first.performs(supervisor.Start)
	first.expects("seen", "launching", "login", "LOGIN", "two_factor")
	first.quit()
	if err := os.Remove(h.logFile()); err != nil {
		t.Fatal(err)
	}
	second := h.follow()
	second.expects("seen")
	pid := second.pid()
	second.performs(supervisor.Restart)
	testkit.Eventually(t, "it logs in anew", func() bool {
		words := second.words()
		return second.pid() != pid && len(words) > 0 && words[len(words)-1] == "two_factor"
	})
}

// Without a command server a restart is a stop and a start, and a new login.
// The port of a Gateway that had to be killed becomes free a moment later.
func TestRestartWithoutACommandServerLogsInAnew(t *testing.T) {
	for _, tt := range []struct {
		name  string
		sim   simgateway.Options
		grace Grace
		end   string
	}{
		{"SIGTERM", simgateway.Options{}, Grace{testkit.Patience, testkit.Patience}, "ended 143: SIGTERM"},
		{"SIGKILL", simgateway.Options{IgnoreTerm: true}, Grace{testkit.Patience, 300 * time.Millisecond}, "ended 137: it was killed"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := install(t, tt.sim)
			t.Parallel()
			h.o.Grace = tt.grace
			f := h.follow()
			f.startsAndLogsIn()
			pid := f.pid()
			f.performs(supervisor.Restart)
			f.expects("seen", "launching", "login", "LOGIN", "logged_in", tt.end, "seen", "launching", "login", "LOGIN", "logged_in")
			if f.pid() == pid {
				t.Errorf("still process %d", pid)
			}
		})
	}
}

// lingeringListener shows a listener on the port at the second and third look.
type lingeringListener struct {
	supervisor.SocketReader
	looks int
}

func (l *lingeringListener) Look(ctx context.Context, ports []int) (supervisor.Table, error) {
	table, err := l.SocketReader.Look(ctx, ports)
	if l.looks++; l.looks == 2 || l.looks == 3 {
		table.Ports[ports[0]] = supervisor.PortView{Listener: &supervisor.Listener{}}
	}
	return table, err
}

func TestRestartWaitsForThePort(t *testing.T) {
	h := install(t, simgateway.Options{})
	t.Parallel()
	reader := &lingeringListener{SocketReader: h.o.Sockets}
	h.o.Sockets = reader
	f := h.follow()
	f.startsAndLogsIn()
	f.performs(supervisor.Restart)
	f.expects("seen", "launching", "login", "LOGIN", "logged_in", "ended 143: SIGTERM", "seen", "launching", "login", "LOGIN", "logged_in")
	if reader.looks < 4 {
		t.Errorf("%d looks", reader.looks)
	}
}
