package e2e

import (
	"bufio"
	"bytes"
	"flag"
	"fmt"
	"math/rand/v2"
	"net"
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
	"gatelight/supervisor/status"
)

// program is the built program; without the race detector, since the API
// library in its child process has races of its own.
var program string

func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == serverCommand {
		os.Exit(serverMain(os.Args[2:]))
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
	if out, err := exec.Command("go", "build", "-o", program, "gatelight").CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "cannot build the program: %v\n%s", err, out)
		return 1
	}
	flag.Parse()
	flag.Set("test.parallel", "64") // the rows wait, they do not work
	return m.Run()
}

// A machine is a Gatelight that supervises one port, and sees it from outside.
type machine struct {
	t      *testing.T
	port   int
	dir    string
	serve  *exec.Cmd // gatelight serve
	output bytes.Buffer
	worlds <-chan supervisor.Status
	newest supervisor.Snapshot
}

func newMachine(t *testing.T, settings ...string) *machine {
	t.Helper()
	dir, err := os.MkdirTemp("", "gl-") // not t.TempDir: its path is too long for a socket
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	m := &machine{t: t, port: freePort(t), dir: dir}
	file := fmt.Sprintf("[[gateway]]\nport = %d\n%s\n", m.port, strings.Join(settings, "\n"))
	if err := os.WriteFile(filepath.Join(dir, "config.toml"), []byte(file), 0o600); err != nil {
		t.Fatal(err)
	}
	m.serve = exec.Command(program, "serve")
	m.serve.Env = append(os.Environ(),
		"GATELIGHT_CONFIG="+filepath.Join(dir, "config.toml"),
		"GATELIGHT_STATE_DIR="+filepath.Join(dir, "state"),
		"GATELIGHT_RUNTIME_DIR="+filepath.Join(dir, "run"))
	m.serve.Stdout, m.serve.Stderr = &m.output, &m.output
	if err := m.serve.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(m.end)
	m.watch()
	return m
}

// freePort is one that no outgoing connection of another test can be given:
// Linux takes those from 32768 up.
func freePort(t *testing.T) int {
	t.Helper()
	for range 100 {
		port := 15000 + rand.IntN(17000)
		if l, err := net.Listen("tcp", fmt.Sprint("127.0.0.1:", port)); err == nil {
			l.Close()
			return port
		}
	}
	t.Fatal("no port is free")
	return 0
}

func (m *machine) watch() {
	m.t.Helper()
	var remote *status.Remote
	m.until("the control socket", func() bool {
		var err error
		remote, err = status.Dial(m.t.Context(), filepath.Join(m.dir, "run", "control.sock"))
		return err == nil
	})
	m.worlds = remote.Watch(m.t.Context())
}

// end ends it as Ctrl-C does, and insists on a clean end.
func (m *machine) end() {
	m.serve.Process.Signal(syscall.SIGINT)
	if err := m.serve.Wait(); err != nil || m.t.Failed() {
		events, _ := os.ReadFile(m.events())
		m.t.Logf("serve: %v: %s\n%s", err, &m.output, events)
	}
	if !m.serve.ProcessState.Success() {
		m.t.Errorf("serve ended with %v", m.serve.ProcessState)
	}
}

func (m *machine) events() string { return filepath.Join(m.dir, "state", "events.jsonl") }

// await follows the state until it is as wanted.
func (m *machine) await(state supervisor.State, why string, within time.Duration) {
	m.t.Helper()
	for deadline := time.Now().Add(within); m.newest.State != state || !strings.Contains(m.newest.Why, why); {
		if !m.next(time.Until(deadline)) {
			m.t.Fatalf("after %v it is %s: %s; want %s: %s", within, m.newest.State, m.newest.Why, state, why)
		}
	}
}

// next takes the next snapshot, if one comes in time.
func (m *machine) next(within time.Duration) bool {
	select {
	case w := <-m.worlds:
		m.newest = w.Gateways[0]
		return true
	case <-time.After(within):
		return false
	}
}

// until polls a condition that nobody announces.
func (m *machine) until(what string, ok func() bool) {
	m.t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(time.Minute); !ok(); <-tick.C { // a busy machine takes three times as long
		if time.Now().After(deadline) {
			m.t.Fatalf("waited in vain for %s: %s", what, &m.output)
		}
	}
}

// descriptors counts those of the supervising process.
func (m *machine) descriptors() int {
	entries, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", m.serve.Process.Pid))
	if err != nil {
		m.t.Fatal(err)
	}
	return len(entries)
}

// children counts its child processes, those that nobody has waited for included.
func (m *machine) children() int {
	n := 0
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, f := range stats {
		stat, err := os.ReadFile(f)
		if err != nil {
			continue // it has ended
		}
		// pid (name) state ppid …, and a name may hold anything
		fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
		if fields[1] == strconv.Itoa(m.serve.Process.Pid) {
			n++
		}
	}
	return n
}

// A gateway is a running scripted server, as seen by its own words.
type gateway struct {
	t   *testing.T
	cmd *exec.Cmd

	mu       sync.Mutex
	accepted []time.Time
	said     []string
}

// gateway starts one on the machine's port.
func (m *machine) gateway(script string) *gateway {
	m.t.Helper()
	self, err := os.Executable()
	if err != nil {
		m.t.Fatal(err)
	}
	g := &gateway{t: m.t, cmd: exec.Command(self, serverCommand, script, strconv.Itoa(m.port))}
	out, err := g.cmd.StdoutPipe()
	if err != nil {
		m.t.Fatal(err)
	}
	g.cmd.Stderr = os.Stderr
	if err := g.cmd.Start(); err != nil {
		m.t.Fatal(err)
	}
	heard := make(chan struct{})
	go func() {
		defer close(heard)
		for lines := bufio.NewScanner(out); lines.Scan(); {
			g.hear(lines.Text())
		}
	}()
	m.t.Cleanup(func() {
		g.cmd.Process.Kill()
		<-heard
		g.cmd.Wait()
	})
	m.until("the scripted server", func() bool { return g.has("listening") })
	return g
}

func (g *gateway) hear(line string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.said = append(g.said, line)
	var ms int64
	if n, _ := fmt.Sscanf(line, "accepted %d", &ms); n == 1 {
		g.accepted = append(g.accepted, time.UnixMilli(ms))
	}
	if strings.HasPrefix(line, "error") {
		g.t.Errorf("the scripted server: %s", line)
	}
}

func (g *gateway) has(line string) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, s := range g.said {
		if s == line {
			return true
		}
	}
	return false
}

// connections are the times at which the server has accepted one.
func (g *gateway) connections() []time.Time {
	g.mu.Lock()
	defer g.mu.Unlock()
	return append([]time.Time(nil), g.accepted...)
}

func (g *gateway) signal(s syscall.Signal) {
	g.t.Helper()
	if err := g.cmd.Process.Signal(s); err != nil {
		g.t.Fatal(err)
	}
}
