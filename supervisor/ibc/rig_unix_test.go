//go:build unix

package ibc

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/shirou/gopsutil/v3/process"

	"gatelight/supervisor"
	"gatelight/supervisor/simgateway"
	"gatelight/supervisor/sockets"
)

// patience is how long a test waits for what should take a second at most.
const patience = 20 * time.Second

// A rig is a simulated Gateway with IBC, installed and not yet running.
type rig struct {
	t      *testing.T
	dir    string
	layout simgateway.Layout
	sim    simgateway.Options
	o      Options

	mu   sync.Mutex
	pids []int // of the scripts that ran
}

// install lays a Gateway out. Whatever runs when the test ends is killed then.
// It is called before t.Parallel: a script that is written while another test
// starts a process cannot be started itself ("text file busy").
func install(t *testing.T, sim simgateway.Options) *rig {
	t.Helper()
	dir, err := os.MkdirTemp("", "ibc") // short, for the control socket
	if err != nil {
		t.Fatal(err)
	}
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if sim.APIPort == 0 {
		sim.APIPort = freePort(t)
	}
	sim.LoginID, sim.Password = canary+"-login", canary+"-password"
	l, err := simgateway.Install(dir, exe, sim)
	if err != nil {
		t.Fatal(err)
	}
	r := &rig{t: t, dir: dir, layout: l, sim: sim, o: Options{Gateway: "paper", Port: sim.APIPort, Program: "gateway",
		Path: l.IBCPath, Config: l.Config, TWSPath: l.TWSPath, TWSSettingsPath: l.TWSSettingsPath, Version: "auto", Mode: "paper",
		TwoFactorTimeout: "exit", LogDir: filepath.Join(dir, "log"), RunDir: filepath.Join(dir, "run"), Sockets: sockets.New()}}
	t.Cleanup(r.finish)
	return r
}

// finish leaves nothing behind, and proves it.
func (r *rig) finish() {
	r.mu.Lock()
	pids := slices.Clone(r.pids)
	r.mu.Unlock()
	for _, pid := range pids {
		_ = syscall.Kill(-pid, syscall.SIGKILL) // often all have ended
		_, _ = syscall.Wait4(pid, nil, 0, nil)  // often reaped by the driver
	}
	eventually(r.t, "all processes have ended", func() bool { return len(r.processes()) == 0 })
	if r.t.Failed() {
		log, err := os.ReadFile(r.logFile())
		r.t.Logf("IBC's log: %v\n%s", err, log)
	}
	os.RemoveAll(r.dir)
}

func (r *rig) logFile() string { return filepath.Join(r.o.LogDir, "ibc-"+r.o.Gateway+".log") }

// processes are the living ones of this rig: each has its folder on its command line.
func (r *rig) processes() []string {
	r.t.Helper()
	pids, err := process.Pids()
	if err != nil {
		r.t.Fatal(err)
	}
	var found []string
	for _, pid := range pids {
		p := process.Process{Pid: pid}
		if line, err := p.Cmdline(); err == nil && strings.Contains(line, r.dir) {
			found = append(found, fmt.Sprintf("%d %s", pid, line))
		}
	}
	return found
}

// control obeys at once, or the test ends.
func (r *rig) control(line string) {
	r.t.Helper()
	if _, err := simgateway.Control(r.t.Context(), r.layout.Control, line); err != nil {
		r.t.Fatalf("%s: %v", line, err)
	}
}

func (r *rig) portIsOpen() bool {
	r.t.Helper()
	table, err := sockets.New().Look(r.t.Context(), []int{r.o.Port})
	if err != nil {
		r.t.Fatal(err)
	}
	return table.Ports[r.o.Port].Listener != nil
}

// javaPID is the process that listens on the API port.
func (r *rig) javaPID() int {
	r.t.Helper()
	table, err := sockets.New().Look(r.t.Context(), []int{r.o.Port})
	if err != nil || table.Ports[r.o.Port].Listener == nil {
		r.t.Fatalf("nobody listens: %v", err)
	}
	return table.Ports[r.o.Port].Listener.Process.PID
}

// A gatelight is a driver with somebody who follows it, as the engine does.
type gatelight struct {
	*Driver
	r    *rig
	quit func() // returns when Follow has

	mu      sync.Mutex
	events  []supervisor.Event
	changed chan struct{} // replaced at every event
}

// follow starts a driver on the rig, which may be running already.
func (r *rig) follow() *gatelight {
	ctx, cancel := context.WithCancel(context.Background())
	r.o.Grace = Grace{Stop: patience, Term: patience}
	g := &gatelight{Driver: New(r.o), r: r, changed: make(chan struct{})}
	done := make(chan struct{})
	go func() { defer close(done); g.Follow(ctx, g.add) }()
	g.quit = func() { cancel(); <-done }
	r.t.Cleanup(g.quit)
	return g
}

func (g *gatelight) add(e supervisor.Event) {
	if seen, ok := e.(supervisor.GatewaySeen); ok {
		g.r.mu.Lock()
		g.r.pids = append(g.r.pids, seen.PID)
		g.r.mu.Unlock()
	}
	if _, ended := e.(supervisor.GatewayEnded); ended {
		if r := g.running(); r != nil && r.PID == g.pid() {
			g.r.t.Error("told of its end before it could be started again")
		}
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.events = append(g.events, e)
	close(g.changed)
	g.changed = make(chan struct{})
}

func (g *gatelight) all() ([]supervisor.Event, <-chan struct{}) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return slices.Clone(g.events), g.changed
}

// spelled lists the events so far, a phase that is told again only once.
func (g *gatelight) spelled() []string {
	events, _ := g.all()
	var words []string
	for _, e := range events {
		word := ""
		switch e := e.(type) {
		case supervisor.ActionProgressed, supervisor.LaunchSeen, supervisor.LoginProblemSeen:
			continue
		case supervisor.GatewaySeen:
			word = "seen"
		case supervisor.PhaseSeen:
			word = string(e.Phase)
		case supervisor.LoginSeen:
			word = "LOGIN"
		case supervisor.StopCommandSeen:
			word = "STOP"
		case supervisor.GatewayEnded:
			word = fmt.Sprintf("ended %d: %s", e.Exit.Status, e.Exit.Why)
		}
		if len(words) == 0 || words[len(words)-1] != word {
			words = append(words, word)
		}
	}
	return words
}

// sees waits until these have happened, and nothing else.
func (g *gatelight) sees(words ...string) {
	g.r.t.Helper()
	g.until(func([]supervisor.Event) bool { return len(g.spelled()) >= len(words) })
	if got := g.spelled(); !slices.Equal(got, words) {
		g.r.t.Fatalf("happened: %q, want %q", got, words)
	}
}

func (g *gatelight) until(holds func([]supervisor.Event) bool) {
	g.r.t.Helper()
	late := time.After(patience)
	for {
		events, changed := g.all()
		if holds(events) {
			return
		}
		select {
		case <-changed:
		case <-late:
			g.r.t.Fatalf("waited in vain; happened: %q", g.spelled())
		}
	}
}

// pid is the newest script's.
func (g *gatelight) pid() int {
	g.r.t.Helper()
	pid := 0
	events, _ := g.all()
	for _, e := range events {
		if seen, ok := e.(supervisor.GatewaySeen); ok {
			pid = seen.PID
		}
	}
	return pid
}

// act must go well.
func (g *gatelight) act(a supervisor.Action) {
	g.r.t.Helper()
	ctx, cancel := context.WithTimeout(g.r.t.Context(), 2*patience)
	defer cancel()
	if err := g.Perform(ctx, supervisor.PerformAction{Action: a}); err != nil {
		g.r.t.Fatalf("%s: %v", a, err)
	}
}

// refuses is for an action that must not go well.
func (g *gatelight) refuses(a supervisor.Action, says ...string) {
	g.r.t.Helper()
	ctx, cancel := context.WithTimeout(g.r.t.Context(), patience)
	defer cancel()
	err := g.Perform(ctx, supervisor.PerformAction{Action: a})
	for _, s := range says {
		if err == nil || !strings.Contains(err.Error(), s) {
			g.r.t.Errorf("%s: %v; want %q", a, err, s)
		}
	}
}

// start starts, and waits for the login.
func (g *gatelight) start() {
	g.r.t.Helper()
	g.act(supervisor.Start)
	g.sees("seen", "launching", "login", "LOGIN", "logged_in")
	eventually(g.r.t, "the API port is open", g.r.portIsOpen)
}

// nextPort is where freePort goes on: below the range from which the kernel takes
// the ports of outgoing connections, and apart from other tests' ports.
var nextPort = 10000 + rand.IntN(5000)

func freePort(t *testing.T) int {
	t.Helper()
	for range 1000 {
		nextPort = 10000 + (nextPort-10000+1)%5000
		if l, err := net.Listen("tcp", ":"+strconv.Itoa(nextPort)); err == nil {
			l.Close()
			return nextPort
		}
	}
	t.Fatal("no free port")
	return 0
}

// eventually polls what no message announces.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	late := time.After(patience)
	for !holds() {
		select {
		case <-tick.C:
		case <-late:
			t.Errorf("waited in vain: %s", what)
			return
		}
	}
}
