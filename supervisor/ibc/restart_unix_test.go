//go:build unix

package ibc

import (
	"context"
	"syscall"
	"testing"
	"time"

	"gatelight/supervisor"
	"gatelight/supervisor/simgateway"
)

func TestRestartNeedsNoLogin(t *testing.T) {
	r := install(t, simgateway.Options{CommandServerPort: freePort(t), TwoFactor: time.Millisecond})
	t.Parallel()
	g := r.follow()
	g.act(supervisor.Start)
	first := []string{"seen", "launching", "login", "LOGIN", "two_factor", "login", "logged_in"}
	g.sees(first...)
	eventually(t, "the API port is open", r.portIsOpen)
	pid := g.pid()
	g.act(supervisor.Restart)
	g.sees(append(first, "restarting", "logged_in")...)
	if r, ok := New(r.o).Running(); !ok || r.PID != pid {
		t.Errorf("process %d, want %d still", r.PID, pid)
	}

	// How it ends now is not how the first java has ended.
	eventually(t, "the API port is open", r.portIsOpen)
	if err := syscall.Kill(-pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	g.sees(append(first, "restarting", "logged_in", "ended 137: it was killed")...)
}

// Without a command server a restart is a stop and a start, and a new login. The
// port of a Gateway that had to be killed becomes free a moment later.
func TestRestartWithoutACommandServer(t *testing.T) {
	for _, tt := range []struct {
		name  string
		sim   simgateway.Options
		grace Grace
		end   string
	}{
		{"SIGTERM", simgateway.Options{}, Grace{patience, patience}, "ended 143: it was asked to end by a signal"},
		{"SIGKILL", simgateway.Options{IgnoreTerm: true}, Grace{patience, 300 * time.Millisecond}, "ended 137: it was killed"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := install(t, tt.sim)
			t.Parallel()
			g := r.follow()
			g.o.Grace = tt.grace
			g.start()
			pid := g.pid()
			g.act(supervisor.Restart)
			g.sees("seen", "launching", "login", "LOGIN", "logged_in", tt.end, "seen", "launching", "login", "LOGIN", "logged_in")
			if g.pid() == pid {
				t.Errorf("still process %d", pid)
			}
		})
	}
}

// lingering shows a listener on the port in the second and third look.
type lingering struct {
	supervisor.SocketReader
	looks int
}

func (l *lingering) Look(ctx context.Context, ports []int) (supervisor.Table, error) {
	table, err := l.SocketReader.Look(ctx, ports)
	if l.looks++; l.looks == 2 || l.looks == 3 {
		table.Ports[ports[0]] = supervisor.PortView{Listener: &supervisor.Listener{}}
	}
	return table, err
}

func TestRestartWaitsForThePort(t *testing.T) {
	r := install(t, simgateway.Options{})
	t.Parallel()
	eyes := &lingering{SocketReader: r.o.Sockets}
	r.o.Sockets = eyes
	g := r.follow()
	g.start()
	g.act(supervisor.Restart)
	g.sees("seen", "launching", "login", "LOGIN", "logged_in", "ended 143: it was asked to end by a signal", "seen", "launching", "login", "LOGIN", "logged_in")
	if eyes.looks < 4 {
		t.Errorf("%d looks", eyes.looks)
	}
}
