package ibc

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/shirou/gopsutil/v3/process"

	"gatelight/supervisor"
	"gatelight/supervisor/simgateway"
	"gatelight/supervisor/sockets"
	"gatelight/supervisor/testkit"
)

// A harness is a simulated Gateway with IBC, installed and not yet running.
type harness struct {
	t      *testing.T
	dir    string
	layout simgateway.Layout
	sim    simgateway.Options
	o      Options

	othersInterval time.Duration // of the drivers; theirs if zero

	mu   sync.Mutex
	pids []int // of the scripts that ran
}

// install writes a simulated IBC and Gateway to a folder. Whatever runs when
// the test ends is killed then. It is called before t.Parallel: a script that
// is written while another test starts a process cannot be started itself
// ("text file busy").
func install(t *testing.T, sim simgateway.Options) *harness {
	t.Helper()
	dir, err := os.MkdirTemp("", "ibc") // short, for the control socket
	if err != nil {
		t.Fatal(err)
	}
	if sim.APIPort == 0 {
		sim.APIPort = testkit.Port(t)
	}
	sim.LoginID, sim.Password = canary+"-login", canary+"-password"
	l, err := simgateway.Install(dir, testkit.Gateway(t), sim)
	if err != nil {
		t.Fatal(err)
	}
	h := &harness{t: t, dir: dir, layout: l, sim: sim, o: Options{Gateway: "paper", Port: sim.APIPort, Program: "gateway",
		Path: l.IBCPath, Config: l.Config, TWSPath: l.TWSPath, TWSSettingsPath: l.TWSSettingsPath, Version: "auto", Mode: "paper",
		TwoFactorTimeout: "exit", LogDir: filepath.Join(dir, "log"), RunDir: filepath.Join(dir, "run"), Sockets: sockets.New()}}
	t.Cleanup(h.cleanUp)
	return h
}

// cleanUp ends every process, and checks that none is left.
func (h *harness) cleanUp() {
	h.mu.Lock()
	pids := slices.Clone(h.pids)
	h.mu.Unlock()
	defer func() {
		if h.t.Failed() {
			log, err := os.ReadFile(h.logFile())
			h.t.Logf("IBC's log: %v\n%s", err, log)
		}
		os.RemoveAll(h.dir)
	}()
	for _, pid := range pids {
		endRun(pid)
	}
	testkit.Eventually(h.t, "all processes have ended", func() bool { return len(h.processes()) == 0 })
}

// runFile is what a driver remembers of the run.
func (h *harness) runFile() string { return filepath.Join(h.o.RunDir, h.o.Gateway+".json") }

func (h *harness) logFile() string { return filepath.Join(h.o.LogDir, "ibc-"+h.o.Gateway+".log") }

// processes are those that run: each has the folder on its command line.
func (h *harness) processes() []string {
	h.t.Helper()
	pids, err := process.Pids()
	if err != nil {
		h.t.Fatal(err)
	}
	var found []string
	for _, pid := range pids {
		p := process.Process{Pid: pid}
		if line, err := p.Cmdline(); err == nil && strings.Contains(line, h.dir) {
			found = append(found, fmt.Sprintf("%d %s", pid, line))
		}
	}
	return found
}

// command calls IBC as a person does in a terminal.
func (h *harness) command() *exec.Cmd {
	h.t.Helper()
	argv, _, err := h.o.argv(thisMachine(h.t))
	if err != nil {
		h.t.Fatal(err)
	}
	return exec.Command(argv[0], argv[1:]...)
}

// control sends a line to the simulated Gateway's control socket.
func (h *harness) control(line string) {
	h.t.Helper()
	if _, err := simgateway.Control(h.t.Context(), h.layout.Control, line); err != nil {
		h.t.Fatalf("%s: %v", line, err)
	}
}

func (h *harness) portIsOpen() bool {
	h.t.Helper()
	return h.listener() != nil
}

// listener is who listens on the API port.
func (h *harness) listener() *supervisor.Listener {
	h.t.Helper()
	table, err := sockets.New().Look(h.t.Context(), []int{h.o.Port})
	if err != nil {
		h.t.Fatal(err)
	}
	return table.Ports[h.o.Port].Listener
}

// javaPID is the process that listens on the API port.
func (h *harness) javaPID() int {
	h.t.Helper()
	l := h.listener()
	if l == nil {
		h.t.Fatal("nobody listens")
	}
	return l.Process.PID
}

// A follower is a driver and the events that it emits to Follow's caller, which
// is the engine otherwise.
type follower struct {
	*Driver
	h    *harness
	quit func() // ends Follow, and waits for it

	mu      sync.Mutex
	events  []supervisor.Event
	changed chan struct{} // replaced at every event
}

// follow starts a driver for the Gateway, which may be running already.
func (h *harness) follow() *follower {
	testkit.Slot(h.t)
	ctx, cancel := context.WithCancel(context.Background())
	h.o.Grace = cmp.Or(h.o.Grace, Grace{Stop: testkit.Patience, Term: testkit.Patience})
	f := &follower{Driver: New(h.o), h: h, changed: make(chan struct{})}
	f.othersInterval = cmp.Or(h.othersInterval, f.othersInterval)
	done := make(chan struct{})
	go func() { defer close(done); f.Follow(ctx, f.add) }()
	f.quit = func() { cancel(); <-done }
	h.t.Cleanup(f.quit)
	return f
}

func (f *follower) add(e supervisor.Event) {
	if seen, ok := e.(supervisor.GatewaySeen); ok {
		f.h.mu.Lock()
		f.h.pids = append(f.h.pids, seen.PID)
		f.h.mu.Unlock()
	}
	if _, ended := e.(supervisor.GatewayEnded); ended {
		if r := f.running(); r != nil && r.PID == f.pid() {
			f.h.t.Error("its end is reported before it can be started again")
		}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.events = append(f.events, e)
	close(f.changed)
	f.changed = make(chan struct{})
}

func (f *follower) recorded() ([]supervisor.Event, <-chan struct{}) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.events), f.changed
}

// words lists the events so far, one that is repeated at once only once.
func (f *follower) words() []string {
	events, _ := f.recorded()
	var words []string
	for _, e := range events {
		word := ""
		switch e := e.(type) {
		case supervisor.ActionProgressed, supervisor.ProcessUnknown, supervisor.LaunchSeen, supervisor.LoginProblemSeen:
			continue
		case supervisor.GatewaySeen:
			word = "seen"
		case supervisor.PhaseSeen:
			word = string(e.Phase)
		case supervisor.LoginSeen:
			word = "LOGIN"
		case supervisor.PlannedEndSeen:
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

// lastEnd is the newest end of the Gateway, nil before the first one. What the
// driver tells of its action may come after it.
func lastEnd(events []supervisor.Event) *supervisor.GatewayEnded {
	for _, e := range slices.Backward(events) {
		if end, ok := e.(supervisor.GatewayEnded); ok {
			return &end
		}
	}
	return nil
}

// expects waits until these have happened, and nothing else.
func (f *follower) expects(words ...string) {
	f.h.t.Helper()
	f.waitFor(func([]supervisor.Event) bool { return len(f.words()) >= len(words) })
	if got := f.words(); !slices.Equal(got, words) {
		f.h.t.Fatalf("happened: %q, want %q", got, words)
	}
}

func (f *follower) waitFor(holds func([]supervisor.Event) bool) {
	f.h.t.Helper()
	late := time.After(testkit.Patience)
	for {
		events, changed := f.recorded()
		if holds(events) {
			return
		}
		select {
		case <-changed:
		case <-late:
			f.h.t.Fatalf("waited in vain; happened: %q", f.words())
		}
	}
}

// pid is the newest script's.
func (f *follower) pid() int {
	f.h.t.Helper()
	pid := 0
	events, _ := f.recorded()
	for _, e := range events {
		if seen, ok := e.(supervisor.GatewaySeen); ok {
			pid = seen.PID
		}
	}
	return pid
}

// performs does an action, which must succeed.
func (f *follower) performs(a supervisor.Action) {
	f.h.t.Helper()
	ctx, cancel := context.WithTimeout(f.h.t.Context(), 2*testkit.Patience)
	defer cancel()
	if err := f.Perform(ctx, supervisor.PerformAction{Action: a}); err != nil {
		f.h.t.Fatalf("%s: %v", a, err)
	}
}

// refuses does an action, which must fail for this reason; "" for a failure
// without a reason of its own.
func (f *follower) refuses(a supervisor.Action, reason supervisor.Reason, says ...string) {
	f.h.t.Helper()
	ctx, cancel := context.WithTimeout(f.h.t.Context(), testkit.Patience)
	defer cancel()
	err := f.Perform(ctx, supervisor.PerformAction{Action: a})
	refused := &supervisor.ActionError{Action: a, Gateway: f.h.o.Gateway}
	errors.As(err, &refused)
	if refused.Action != a || refused.Gateway != f.h.o.Gateway || refused.Reason != reason {
		f.h.t.Errorf("%s: %+v, want the reason %q", a, refused, reason)
	}
	for _, s := range says {
		if err == nil || !strings.Contains(err.Error(), s) {
			f.h.t.Errorf("%s: %v; want %q", a, err, s)
		}
	}
}

// startsAndLogsIn starts, and waits for the login.
func (f *follower) startsAndLogsIn() {
	f.h.t.Helper()
	f.performs(supervisor.Start)
	f.expects("seen", "launching", "login", "LOGIN", "logged_in")
	testkit.Eventually(f.h.t, "the API port is open", f.h.portIsOpen)
}
