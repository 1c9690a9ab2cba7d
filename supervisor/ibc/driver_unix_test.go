//go:build unix

package ibc

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
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
type blind struct{ supervisor.Eyes }

func (blind) Look(context.Context, []int) (supervisor.Table, error) {
	return supervisor.Table{}, errors.New("the table cannot be read")
}

// Unknown is not down, and not up either: without a look nothing is started,
// and nothing is stopped.
func TestNothingIsDoneBlindly(t *testing.T) {
	idle := install(t, simgateway.Options{})
	r := install(t, simgateway.Options{CommandServerPort: freePort(t)})
	t.Parallel()
	idle.o.Eyes = blind{idle.o.Eyes}
	g := idle.follow()
	g.refuses(supervisor.Start, "it is not known whether port", "the table cannot be read")
	g.nothingHappened()

	r.follow().start()
	r.o.Eyes = blind{r.o.Eyes}
	g = r.follow()
	g.refuses(supervisor.Stop, "it is not known whose command server port", "the table cannot be read")
	g.refuses(supervisor.Restart, "it is not known whose command server port")
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

func TestStopFromThePoliteToTheHarsh(t *testing.T) {
	const short = 300 * time.Millisecond
	for _, tt := range []struct {
		name    string
		sim     simgateway.Options
		command bool // there is a command server
		grace   grace
		want    []string
	}{
		{"STOP", simgateway.Options{}, true, grace{patience, patience}, []string{"STOP", "ended 0: it closed normally"}},
		{"STOP is ignored: SIGTERM", simgateway.Options{IgnoreStop: true}, true, grace{short, patience},
			[]string{"STOP", "ended 143: it was asked to end by a signal"}},
		{"SIGTERM is ignored too: SIGKILL", simgateway.Options{IgnoreStop: true, IgnoreTerm: true}, true, grace{short, short},
			[]string{"STOP", "ended 137: it was killed"}},
		{"no command server: SIGTERM", simgateway.Options{}, false, grace{patience, patience}, []string{"ended 143: it was asked to end by a signal"}},
		{"no command server, SIGTERM is ignored: SIGKILL", simgateway.Options{IgnoreTerm: true}, false, grace{patience, short},
			[]string{"ended 137: it was killed"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if tt.command {
				tt.sim.CommandServerPort = freePort(t)
			}
			r := install(t, tt.sim)
			t.Parallel()
			g := r.follow()
			g.grace = tt.grace
			g.start()
			g.act(supervisor.Stop)
			g.sees(append([]string{"seen", "launching", "login", "LOGIN", "logged_in"}, tt.want...)...)
			eventually(t, "nobody is left", func() bool { return len(r.processes()) == 0 })
		})
	}
}

// Quitting while a stop is under way must not make it harsher.
func TestStopThatIsGivenUp(t *testing.T) {
	for _, tt := range []struct {
		name string
		port bool // a command server
	}{{"after STOP", true}, {"after SIGTERM", false}} {
		t.Run(tt.name, func(t *testing.T) {
			sim := simgateway.Options{IgnoreStop: true, IgnoreTerm: !tt.port} // after STOP, a SIGTERM would be one too many
			if tt.port {
				sim.CommandServerPort = freePort(t)
			}
			r := install(t, sim)
			t.Parallel()
			g := r.follow()
			g.start()
			ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
			defer cancel()
			if err := g.Act(ctx, supervisor.Stop); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("%v, want %v", err, context.DeadlineExceeded)
			}
			g.stillRuns()
			r.control("crash") // and what ends it is this, not a signal of ours
			g.until(func(events []supervisor.Event) bool {
				ended, ok := events[len(events)-1].(supervisor.GatewayEnded)
				if ok && ended.Exit.Status != 137 {
					t.Errorf("ended %d, not 137", ended.Exit.Status)
				}
				return ok
			})
		})
	}
}

func TestStopThatWasGivenUpBefore(t *testing.T) {
	r := install(t, simgateway.Options{CommandServerPort: freePort(t)})
	t.Parallel()
	g := r.follow()
	g.start()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := g.Act(ctx, supervisor.Stop); err == nil {
		t.Error("it was stopped in no time")
	}
	g.stillRuns()
}

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
		grace grace
		end   string
	}{
		{"SIGTERM", simgateway.Options{}, grace{patience, patience}, "ended 143: it was asked to end by a signal"},
		{"SIGKILL", simgateway.Options{IgnoreTerm: true}, grace{patience, 300 * time.Millisecond}, "ended 137: it was killed"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := install(t, tt.sim)
			t.Parallel()
			g := r.follow()
			g.grace = tt.grace
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
	supervisor.Eyes
	looks int
}

func (l *lingering) Look(ctx context.Context, ports []int) (supervisor.Table, error) {
	table, err := l.Eyes.Look(ctx, ports)
	if l.looks++; l.looks == 2 || l.looks == 3 {
		table.Ports[ports[0]] = supervisor.PortView{Listener: &supervisor.Listener{}}
	}
	return table, err
}

func TestRestartWaitsForThePort(t *testing.T) {
	r := install(t, simgateway.Options{})
	t.Parallel()
	eyes := &lingering{Eyes: r.o.Eyes}
	r.o.Eyes = eyes
	g := r.follow()
	g.start()
	g.act(supervisor.Restart)
	g.sees("seen", "launching", "login", "LOGIN", "logged_in", "ended 143: it was asked to end by a signal", "seen", "launching", "login", "LOGIN", "logged_in")
	if eyes.looks < 4 {
		t.Errorf("%d looks", eyes.looks)
	}
}

func TestCrash(t *testing.T) {
	r := install(t, simgateway.Options{})
	t.Parallel()
	g := r.follow()
	g.start()
	before := time.Now()
	r.control("crash")
	g.sees("seen", "launching", "login", "LOGIN", "logged_in", "ended 137: it was killed")
	events, _ := g.all()
	if at := events[len(events)-1].(supervisor.GatewayEnded).Exit.At; at.Before(before.Add(-time.Second)) || at.After(time.Now()) {
		t.Errorf("it ended at %s", at)
	}
}

func TestAnExitStatusOfIBCsOwn(t *testing.T) {
	r := install(t, simgateway.Options{LoginResult: simgateway.LoginStuck, TwoFactor: time.Millisecond})
	t.Parallel()
	g := r.follow()
	g.act(supervisor.Start)
	g.sees("seen", "launching", "login", "LOGIN", "two_factor", "login", "ended 87: two-factor approval timed out")
}

// A script that ends before it has done anything is an end like any other.
func TestAScriptThatFailsAtOnce(t *testing.T) {
	r := install(t, simgateway.Options{})
	t.Parallel()
	r.o.Version = "1019"
	g := r.follow()
	g.act(supervisor.Start)
	g.until(func(events []supervisor.Event) bool {
		ended, ok := events[len(events)-1].(supervisor.GatewayEnded)
		return ok && ended.Exit.Status == 4
	})
}

// The Gateway outlives Gatelight, and the next one takes it up where it is.
func TestAdopt(t *testing.T) {
	r := install(t, simgateway.Options{CommandServerPort: freePort(t), TwoFactor: simgateway.Never})
	t.Parallel()
	first := r.follow()
	first.act(supervisor.Start)
	first.sees("seen", "launching", "login", "LOGIN", "two_factor")
	first.quit()
	pid := first.pid()

	second := r.follow()
	second.sees("seen", "launching", "login", "LOGIN", "two_factor")
	events, _ := second.all()
	if seen := events[0].(supervisor.GatewaySeen); seen.PID != pid || seen.By != supervisor.ByGatelight || seen.StartedAt.IsZero() {
		t.Errorf("%+v, want process %d", seen, pid)
	}
	second.refuses(supervisor.Start, "it runs already, as process "+strconv.Itoa(pid))
	r.control("approve")
	second.sees("seen", "launching", "login", "LOGIN", "two_factor", "login", "logged_in")
	eventually(t, "the API port is open", r.portIsOpen)
	second.act(supervisor.Stop)
	second.sees("seen", "launching", "login", "LOGIN", "two_factor", "login", "logged_in", "STOP", "ended 0: it closed normally")
	if got := first.spelled(); len(got) != 5 {
		t.Errorf("the first goes on: %q", got)
	}
}

func TestAdoptedAndKilled(t *testing.T) {
	r := install(t, simgateway.Options{})
	t.Parallel()
	first := r.follow()
	first.start()
	first.quit()
	second := r.follow()
	second.sees("seen", "launching", "login", "LOGIN", "logged_in")
	second.act(supervisor.Stop) // by SIGTERM: an adopted one is proven ours, too
	second.sees("seen", "launching", "login", "LOGIN", "logged_in", "ended 143: it was asked to end by a signal")
}

// A start that comes before the adoption is through must not log in twice.
func TestStartBeforeTheAdoption(t *testing.T) {
	r := install(t, simgateway.Options{TwoFactor: simgateway.Never})
	t.Parallel()
	first := r.follow()
	first.act(supervisor.Start)
	first.sees("seen", "launching", "login", "LOGIN", "two_factor")
	first.quit()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	err := New(r.o).Act(ctx, supervisor.Start) // nobody follows yet
	if err == nil || !strings.Contains(err.Error(), "it runs already, as process "+strconv.Itoa(first.pid())) {
		t.Errorf("%v", err)
	}
	if n := len(r.processes()); n != 2 {
		t.Errorf("%d processes, not 2: %q", n, r.processes())
	}
}

// A pid proves nothing: start time and command line must be right as well. What
// is not proven is neither adopted nor signalled.
func TestWhatIsNotAdopted(t *testing.T) {
	r := install(t, simgateway.Options{})
	bystander := install(t, simgateway.Options{})
	t.Parallel()
	real := r.follow()
	real.start()
	right := real.running()
	real.quit()
	other := bystander.follow()
	other.start()
	its := other.running()
	content, err := os.ReadFile(right.file)
	if err != nil {
		t.Fatal(err)
	}
	text := func(pid int, started time.Time, args []string) string {
		return fmt.Sprintf(`{"pid":%d,"started_at":%q,"args":["%s"],"log":%q}`, pid, started.Format(time.RFC3339Nano), strings.Join(args, `","`), right.Log)
	}
	for _, tt := range []struct{ name, file string }{
		{"a start time that is wrong", text(right.PID, right.StartedAt.Add(-time.Hour), right.Args)},
		{"no start time", text(right.PID, time.Time{}, right.Args)},
		{"a pid that was given to another", text(its.PID, its.StartedAt, right.Args)},
		{"no arguments", text(right.PID, right.StartedAt, nil)},
		{"fewer arguments", text(right.PID, right.StartedAt, right.Args[:2])},
		{"this process", text(os.Getpid(), right.StartedAt, os.Args)},
		{"init", text(1, right.StartedAt, right.Args)},
		{"nobody", text(0, right.StartedAt, right.Args)},
		{"a group", text(-right.PID, right.StartedAt, right.Args)},
		{"a pid that does not exist", text(1<<30, right.StartedAt, right.Args)},
		{"half a file", string(content[:len(content)/2])},
		{"an empty file", ""},
		{"not what it should be", `[]`},
	} {
		write(t, right.file, tt.file)
		g := r.follow()
		if seen, ok := g.Running(); ok {
			t.Errorf("%s: adopted as %+v", tt.name, seen)
		}
		g.refuses(supervisor.Stop, "it was not started by Gatelight, so no signal is sent to it")
		g.refuses(supervisor.Start, "port "+strconv.Itoa(r.o.Port)+" is taken by")
		g.quit()
		if words := g.spelled(); len(words) != 0 {
			t.Errorf("%s: %q", tt.name, words)
		}
		real.stillRuns()
		other.stillRuns()
	}
	write(t, right.file, string(content)) // and the right one is
	r.follow().sees("seen", "launching", "login", "LOGIN", "logged_in")
}

// identified waits for the command line, which is empty for a moment after a start.
func identified(t *testing.T, pid int) (started time.Time, argv []string) {
	t.Helper()
	eventually(t, "the command line", func() (there bool) {
		var err error
		started, argv, err = identity(pid)
		return err == nil && len(argv) > 1
	})
	return started, argv
}

// Signals go to a group of its own or to nobody.
func TestSignalsReachOnlyAProvenGroup(t *testing.T) {
	cmd := exec.Command("sleep", "60")
	if err := cmd.Start(); err != nil { // in our own group
		t.Fatal(err)
	}
	defer func() { _ = cmd.Process.Kill(); _ = cmd.Wait() }()
	started, argv := identified(t, cmd.Process.Pid)
	for _, tt := range []struct {
		name string
		r    run
		says string // "" for nothing to do
	}{
		{"it does not lead a group", run{PID: cmd.Process.Pid, StartedAt: started, Args: argv[1:]}, "it does not lead a process group of its own"},
		{"another start time", run{PID: cmd.Process.Pid, StartedAt: started.Add(time.Minute), Args: argv[1:]}, ""},
		{"another command line", run{PID: cmd.Process.Pid, StartedAt: started, Args: []string{"61"}}, ""},
	} {
		for _, signal := range []func(run) error{terminate, kill} {
			if err := signal(tt.r); (err == nil) != (tt.says == "") || err != nil && err.Error() != tt.says {
				t.Errorf("%s: %v, want %q", tt.name, err, tt.says)
			}
		}
		if _, as := reap(cmd.Process.Pid); as != running {
			t.Fatalf("%s: killed", tt.name)
		}
	}
}

// A child is over when the kernel says so: a clock that was set makes its start
// time another, but ends nothing.
func TestOver(t *testing.T) {
	cmd := exec.Command("sleep", "60")
	detach(cmd)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = cmd.Process.Kill(); _ = cmd.Process.Release() }()
	started, argv := identified(t, cmd.Process.Pid)
	right := run{PID: cmd.Process.Pid, StartedAt: started, Args: argv[1:]}
	shifted := right
	shifted.StartedAt = started.Add(-time.Hour)
	for _, r := range []run{right, shifted} {
		if status, over := r.over(); over {
			t.Errorf("it lives, yet %+v has ended with %d", r, status)
		}
	}
	strangers := right
	strangers.PID = os.Getppid()
	if status, over := strangers.over(); !over || status != -1 {
		t.Errorf("the pid is another's: status %d, over %t", status, over)
	}
	if err := kill(right); err != nil {
		t.Fatal(err)
	}
	eventually(t, "it has ended", func() bool {
		status, over := right.over()
		if over && status != 137 {
			t.Errorf("status %d, not 137", status)
		}
		return over
	})
	if status, over := right.over(); !over || status != -1 {
		t.Errorf("afterwards: status %d, over %t", status, over)
	}
}

// Where two Gateways have one command port, the first has the server: a STOP
// that is meant for the second would stop the first.
func TestTwoGatewaysWithOneCommandPort(t *testing.T) {
	port := freePort(t)
	one := install(t, simgateway.Options{CommandServerPort: port})
	two := install(t, simgateway.Options{CommandServerPort: port})
	t.Parallel()
	first, second := one.follow(), two.follow()
	first.start()
	second.start()
	server := "port " + strconv.Itoa(port)
	second.refuses(supervisor.Stop, server, "is not proven to be this Gateway's; nothing was sent")
	second.refuses(supervisor.Restart, server, "is not proven to be this Gateway's; nothing was sent")
	first.stillRuns()
	second.stillRuns()
	for _, r := range []*rig{one, two} {
		if log, err := os.ReadFile(r.logFile()); err != nil || bytes.Contains(log, []byte("received command")) {
			t.Errorf("a command arrived: %v", err)
		}
	}
	first.act(supervisor.Stop)
	first.sees("seen", "launching", "login", "LOGIN", "logged_in", "STOP", "ended 0: it closed normally")
	second.stillRuns()
}

// A Gateway that a person has started can be stopped through its own command
// server, which needs no signal.
func TestAGatewayOfSomebodyElse(t *testing.T) {
	for _, command := range []bool{true, false} {
		t.Run(fmt.Sprintf("command server %t", command), func(t *testing.T) {
			sim := simgateway.Options{}
			if command {
				sim.CommandServerPort = freePort(t)
			}
			r := install(t, sim)
			t.Parallel()
			hand := New(r.o)
			argv, err := hand.argv()
			if err != nil {
				t.Fatal(err)
			}
			cmd := exec.Command(argv[0], argv[1:]...)
			detach(cmd)
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			r.pids = append(r.pids, cmd.Process.Pid)
			eventually(t, "the API port is open", r.portIsOpen)
			g := r.follow()
			if command {
				g.act(supervisor.Stop)
				eventually(t, "it has ended", func() bool { return len(r.processes()) == 0 })
			} else {
				g.refuses(supervisor.Stop, "it was not started by Gatelight, so no signal is sent to it; close it by hand")
				g.stillRuns()
			}
			if words := g.spelled(); len(words) != 0 {
				t.Errorf("%q", words)
			}
		})
	}
}

// What cannot be remembered could not be known again: it would run unwatched,
// and a second one be started beside it.
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
	if err := d.Act(t.Context(), "dance"); err == nil || err.Error() != "dance is not something IBC can do" {
		t.Error(err)
	}
	d.o.ConfigSource = filepath.Join(t.TempDir(), "mine.ini")
	write(t, d.o.ConfigSource, "a=1\n")
	if err := d.Act(t.Context(), supervisor.CopyConfig); err != nil {
		t.Error(err)
	}
	if b, err := os.ReadFile(d.o.Config); err != nil || string(b) != "a=1\n" {
		t.Errorf("%q, %v", b, err)
	}
}
