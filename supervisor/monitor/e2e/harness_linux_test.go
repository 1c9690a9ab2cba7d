package e2e

import (
	"bufio"
	"bytes"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"gatelight/supervisor"
	"gatelight/supervisor/settings"
	"gatelight/supervisor/status"
	"gatelight/supervisor/testkit"
)

// program is the built program; without the race detector, since the API
// library in its child process has data races of its own. The times of its API
// sessions are divided by speed.
var program string

const speed = 4

// policy has the times of the built program's sessions.
var policy = func() supervisor.Policy {
	p := supervisor.DefaultPolicy()
	p.HeartbeatLate /= speed
	p.HandshakeLate /= speed
	p.SettleTime /= speed
	for i := range p.SessionRetry {
		p.SessionRetry[i] /= speed
	}
	return p
}()

func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == fakeGatewayCommand {
		os.Exit(fakeGatewayMain(os.Args[2:]))
	}
	os.Exit(withProgram(m))
}

func withProgram(m *testing.M) int {
	dir, err := os.MkdirTemp("", "gatelight-test-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	program = filepath.Join(dir, "gatelight")
	link := fmt.Sprint("-X gatelight/supervisor/cli.sessionSpeed=", speed)
	if out, err := exec.Command("go", "build", "-ldflags", link, "-o", program, "gatelight").CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "cannot build the program: %v\n%s", err, out)
		return 1
	}
	flag.Parse()
	flag.Set("test.parallel", "64") // the rows wait, and need little CPU time
	return m.Run()
}

// A harness is a Gatelight that supervises one port, and its control socket.
type harness struct {
	t        *testing.T
	port     int
	dir      string
	serve    *exec.Cmd    // gatelight serve
	output   bytes.Buffer // of serve; not to be read before it has ended
	statuses <-chan supervisor.Status
	newest   supervisor.Snapshot
}

func newHarness(t *testing.T, settings ...string) *harness {
	t.Helper()
	dir := testkit.ShortDir(t)
	h := &harness{t: t, port: testkit.Port(t), dir: dir}
	file := fmt.Sprintf("[[gateway]]\nport = %d\n%s\n", h.port, strings.Join(settings, "\n"))
	if err := os.WriteFile(filepath.Join(dir, "config.toml"), []byte(file), 0o600); err != nil {
		t.Fatal(err)
	}
	h.serve = exec.Command(program, "serve")
	h.serve.Env = append(os.Environ(),
		"GATELIGHT_CONFIG="+filepath.Join(dir, "config.toml"),
		"GATELIGHT_STATE_DIR="+filepath.Join(dir, "state"),
		"GATELIGHT_RUNTIME_DIR="+filepath.Join(dir, "run"))
	h.serve.Stdout, h.serve.Stderr = &h.output, &h.output
	if err := h.serve.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(h.end)
	h.watch()
	return h
}

func (h *harness) watch() {
	h.t.Helper()
	var remote *status.Remote
	testkit.Eventually(h.t, "the control socket is there", func() bool {
		var err error
		remote, err = status.Dial(h.t.Context(), settings.Paths{State: filepath.Join(h.dir, "state"), Runtime: filepath.Join(h.dir, "run")})
		return err == nil
	})
	h.statuses = remote.Watch(h.t.Context())
}

// end ends it as Ctrl-C does, and checks its exit status.
func (h *harness) end() {
	h.serve.Process.Signal(syscall.SIGINT)
	if err := h.serve.Wait(); err != nil || h.t.Failed() {
		events, _ := os.ReadFile(h.events())
		h.t.Logf("serve: %v: %s\n%s", err, &h.output, events)
	}
	if !h.serve.ProcessState.Success() {
		h.t.Errorf("serve ended with %v", h.serve.ProcessState)
	}
}

func (h *harness) events() string { return filepath.Join(h.dir, "state", "events.jsonl") }

// await waits for a state and a part of its reason.
func (h *harness) await(state supervisor.State, why string, within time.Duration) {
	h.t.Helper()
	for deadline := time.Now().Add(within); h.newest.State != state || !strings.Contains(h.newest.Why, why); {
		if !h.next(time.Until(deadline)) {
			h.t.Fatalf("after %v it is %s: %s; want %s: %s", within, h.newest.State, h.newest.Why, state, why)
		}
	}
}

// next takes the next snapshot, if one comes in time.
func (h *harness) next(within time.Duration) bool {
	select {
	case s := <-h.statuses:
		h.newest = s.Gateways[0]
		return true
	case <-time.After(within):
		return false
	}
}

// descriptors counts those of the supervising process.
func (h *harness) descriptors() int {
	entries, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", h.serve.Process.Pid))
	if err != nil {
		h.t.Fatal(err)
	}
	return len(entries)
}

// children counts its child processes, also those that have ended and that nobody
// has waited for.
func (h *harness) children() int {
	n := 0
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, f := range stats {
		stat, err := os.ReadFile(f)
		if err != nil {
			continue // it has ended
		}
		// pid (name) state ppid …, and a name may hold anything
		fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
		if fields[1] == strconv.Itoa(h.serve.Process.Pid) {
			n++
		}
	}
	return n
}

// A fakeGateway is a running server with a script, as told by its own output.
type fakeGateway struct {
	t   *testing.T
	cmd *exec.Cmd

	mu       sync.Mutex
	accepted []time.Time
	lines    []string
}

// startGateway starts one on the harness's port.
func (h *harness) startGateway(script string) *fakeGateway {
	h.t.Helper()
	self, err := os.Executable()
	if err != nil {
		h.t.Fatal(err)
	}
	g := &fakeGateway{t: h.t, cmd: exec.Command(self, fakeGatewayCommand, script, strconv.Itoa(h.port))}
	out, err := g.cmd.StdoutPipe()
	if err != nil {
		h.t.Fatal(err)
	}
	g.cmd.Stderr = os.Stderr
	if err := g.cmd.Start(); err != nil {
		h.t.Fatal(err)
	}
	read := make(chan struct{})
	go func() {
		defer close(read)
		for scanner := bufio.NewScanner(out); scanner.Scan(); {
			g.addLine(scanner.Text())
		}
	}()
	h.t.Cleanup(func() {
		g.cmd.Process.Kill()
		<-read
		g.cmd.Wait()
	})
	testkit.Eventually(h.t, "the fake Gateway listens", func() bool { return g.has("listening") })
	return g
}

func (g *fakeGateway) addLine(line string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.lines = append(g.lines, line)
	var ms int64
	if n, _ := fmt.Sscanf(line, "accepted %d", &ms); n == 1 {
		g.accepted = append(g.accepted, time.UnixMilli(ms))
	}
	if strings.HasPrefix(line, "error") {
		g.t.Errorf("the fake Gateway: %s", line)
	}
}

func (g *fakeGateway) has(line string) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, s := range g.lines {
		if s == line {
			return true
		}
	}
	return false
}

// connections are the times at which the server has accepted one.
func (g *fakeGateway) connections() []time.Time {
	g.mu.Lock()
	defer g.mu.Unlock()
	return append([]time.Time(nil), g.accepted...)
}

func (g *fakeGateway) signal(s syscall.Signal) {
	g.t.Helper()
	if err := g.cmd.Process.Signal(s); err != nil {
		g.t.Fatal(err)
	}
}
