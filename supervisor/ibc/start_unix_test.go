//go:build unix

package ibc

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
	"testing"
	"time"

	"gatelight/supervisor"
	"gatelight/supervisor/simgateway"
)

func TestStartAndStop(t *testing.T) {
	r := install(t, simgateway.Options{CommandServerPort: freePort(t)})
	t.Parallel()
	g := r.follow()
	before := time.Now()
	g.act(supervisor.Start)
	events, _ := g.all() // a GatewaySeen comes before a successful start returns
	seen, ok := events[0].(supervisor.GatewaySeen)
	if !ok || seen.By != supervisor.ByGatelight || seen.PID == 0 || seen.StartedAt.Sub(before).Abs() > 3*time.Second {
		t.Fatalf("%+v", events)
	}
	g.sees("seen", "launching", "login", "LOGIN", "logged_in")
	eventually(t, "the API port is open", r.portIsOpen)

	g.refuses(supervisor.Start, "it runs already, as process "+strconv.Itoa(seen.PID))
	if group, err := syscall.Getpgid(seen.PID); err != nil || group != seen.PID {
		t.Errorf("process group %d, %v: our own signals would reach it", group, err)
	}
	if _, running := New(r.o).Running(); !running {
		t.Error("another driver does not know of it")
	}

	g.act(supervisor.Stop)
	g.sees("seen", "launching", "login", "LOGIN", "logged_in", "STOP", "ended 0: it closed normally")
	if left := r.processes(); len(left) != 0 || r.portIsOpen() {
		t.Errorf("still there: %q", left)
	}
	if _, running := New(r.o).Running(); running {
		t.Error("another driver still knows of it")
	}
	if _, err := os.Stat(g.runFile()); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the run file: %v", err)
	}

	g.act(supervisor.Start) // and it can be started again
	g.until(func(events []supervisor.Event) bool { return len(events) > 0 && g.pid() != seen.PID })
}

func TestStartAsksForAnApproval(t *testing.T) {
	r := install(t, simgateway.Options{TwoFactor: simgateway.Never})
	t.Parallel()
	g := r.follow()
	g.act(supervisor.Start) // does not wait for the human
	g.sees("seen", "launching", "login", "LOGIN", "two_factor")
	r.control("approve")
	g.sees("seen", "launching", "login", "LOGIN", "two_factor", "login", "logged_in")
}

func TestEveryLoginOfIBCsOwnLoopIsSeen(t *testing.T) {
	r := install(t, simgateway.Options{LoginResult: simgateway.LoginFailed})
	t.Parallel()
	g := r.follow()
	g.act(supervisor.Start)
	g.until(func(events []supervisor.Event) bool {
		logins := 0
		for _, e := range events {
			if _, ok := e.(supervisor.LoginSeen); ok {
				logins++
			}
		}
		return logins >= 3
	})
	if words := g.spelled(); !slices.Equal(words[:6], []string{"seen", "launching", "login", "LOGIN", "launching", "login"}) {
		t.Errorf("%q", words)
	}
	g.act(supervisor.Stop) // without a command server: by a signal, at whatever moment of the loop
	g.until(func(events []supervisor.Event) bool {
		_, ended := events[len(events)-1].(supervisor.GatewayEnded)
		return ended
	})
}

func TestStartOnATakenPort(t *testing.T) {
	r := install(t, simgateway.Options{})
	t.Parallel()
	l, err := net.Listen("tcp", ":"+strconv.Itoa(r.o.Port))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	g := r.follow()
	g.refuses(supervisor.Start, "port "+strconv.Itoa(r.o.Port)+" is taken by", "process "+strconv.Itoa(os.Getpid()))
	g.nothingHappened()
}

// nothingHappened: no process, no file, no event.
func (g *gatelight) nothingHappened() {
	g.r.t.Helper()
	if words, procs := g.spelled(), g.r.processes(); len(words) != 0 || len(procs) != 0 {
		g.r.t.Errorf("happened: %q; running: %q", words, procs)
	}
	for _, dir := range []string{g.r.o.LogDir, g.r.o.RunDir} {
		if _, err := os.Stat(dir); err == nil {
			g.r.t.Errorf("%s has come to be", dir)
		}
	}
}

// blind sees nothing, as after an update of the system.
type blind struct{ supervisor.SocketReader }

func (blind) Look(context.Context, []int) (supervisor.Table, error) {
	return supervisor.Table{}, errors.New("the table cannot be read")
}

// Unknown is not down, and not up either: without a look nothing is started,
// and nothing is stopped.
func TestNothingIsDoneBlindly(t *testing.T) {
	idle := install(t, simgateway.Options{})
	r := install(t, simgateway.Options{CommandServerPort: freePort(t)})
	t.Parallel()
	idle.o.Sockets = blind{idle.o.Sockets}
	g := idle.follow()
	g.refuses(supervisor.Start, "it is not known whether port", "the table cannot be read")
	g.nothingHappened()

	r.follow().start()
	r.o.Sockets = blind{r.o.Sockets}
	g = r.follow()
	g.refuses(supervisor.Stop, "it is not known whose command server there is", "the table cannot be read")
	g.refuses(supervisor.Restart, "it is not known whose command server there is")
	g.stillRuns()
}

// stillRuns checks that the Gateway that was seen is there, and that IBC is well.
func (g *gatelight) stillRuns() {
	g.r.t.Helper()
	g.r.control("counts")
	if !g.r.portIsOpen() || len(g.r.processes()) != 2 {
		g.r.t.Errorf("it does not run any more: %q", g.r.processes())
	}
}

func TestARunThatCannotBeRemembered(t *testing.T) {
	for _, tt := range []struct {
		name   string
		breaks func(r *rig)
	}{
		{"a file stands in the folder's place", func(r *rig) { write(t, r.o.RunDir, "") }},
		{"a folder stands in the file's place", func(r *rig) { write(t, filepath.Join(New(r.o).runFile(), "x"), "") }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := install(t, simgateway.Options{})
			tt.breaks(r)
			t.Parallel()
			g := r.follow()
			g.refuses(supervisor.Start, r.o.RunDir)
			eventually(t, "nothing runs", func() bool { return len(r.processes()) == 0 })
			if words := g.spelled(); len(words) != 0 {
				t.Errorf("%q", words)
			}
		})
	}
}

func TestStartWithSomethingMissing(t *testing.T) {
	r := install(t, simgateway.Options{})
	t.Parallel()
	r.o.Config = filepath.Join(r.dir, "nowhere.ini")
	g := r.follow()
	g.refuses(supervisor.Start, "there is no IBC config at "+r.o.Config)
	g.nothingHappened()
}

func TestActsThatAreNotIBCs(t *testing.T) {
	d := New(anIBC(t, "1045"))
	if err := d.Perform(t.Context(), supervisor.PerformAction{Action: "dance"}); err == nil || err.Error() != "dance is not something IBC can do" {
		t.Error(err)
	}
	d.o.ConfigSource = filepath.Join(t.TempDir(), "mine.ini")
	write(t, d.o.ConfigSource, "a=1\n")
	if err := d.Perform(t.Context(), supervisor.PerformAction{Action: supervisor.CopyConfig}); err != nil {
		t.Error(err)
	}
	if b, err := os.ReadFile(d.o.Config); err != nil || string(b) != "a=1\n" {
		t.Errorf("%q, %v", b, err)
	}
}
