//go:build unix

package simgateway

import (
	"bufio"
	"encoding/json"
	"io"
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

	"gatelight/supervisor/testkit"
)

// A harness is a simulated Gateway in a process group of its own. Its output
// comes through a pipe that ends with the last process of the group: each test
// so proves that no process is left.
type harness struct {
	t      *testing.T
	layout Layout
	opts   Options
	cmd    *exec.Cmd
	ended  chan struct{} // cmd was waited for

	mu       sync.Mutex
	changed  *sync.Cond
	log      []string
	logEnded bool // the pipe has ended
}

func launch(t *testing.T, o Options, arguments ...string) *harness {
	t.Helper()
	h := install(t, o)
	h.start(append([]string{h.layout.Version, "-g", "--tws-path=" + h.layout.TWSPath, "--tws-settings-path=" + h.layout.TWSSettingsPath,
		"--ibc-path=" + h.layout.IBCPath, "--ibc-ini=" + h.layout.Config, "--mode=", "--on2fatimeout=exit"}, arguments...)...)
	return h
}

// launchAndLogIn launches a Gateway, and waits until it has logged in and is
// configured.
func launchAndLogIn(t *testing.T, o Options) *harness {
	t.Helper()
	h := launch(t, o)
	h.waitForLog(configured, 1)
	return h
}

func install(t *testing.T, o Options) *harness {
	t.Helper()
	o.APIPort, o.CommandServerPort = testkit.Port(t), testkit.Port(t)
	o.LoginID, o.Password = "canary-login", "canary-password"
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	// A fork while the script is open for writing would keep it open in the
	// child, and the script could not be run until that has called exec ("text
	// file busy").
	syscall.ForkLock.RLock()
	l, err := Install(testkit.ShortDir(t), exe, o)
	syscall.ForkLock.RUnlock()
	if err != nil {
		t.Fatal(err)
	}
	return newHarness(t, l, o)
}

func newHarness(t *testing.T, l Layout, o Options) *harness {
	h := &harness{t: t, layout: l, opts: o, ended: make(chan struct{})}
	h.changed = sync.NewCond(&h.mu)
	return h
}

func (h *harness) start(args ...string) {
	h.t.Helper()
	out, in, err := os.Pipe()
	if err != nil {
		h.t.Fatal(err)
	}
	h.cmd = exec.Command(filepath.Join(h.layout.IBCPath, "scripts", "ibcstart.sh"), args...)
	h.cmd.Env = []string{"HOME=" + filepath.Dir(h.layout.Scenes), "IBC_VRSN=" + ibcVersion,
		"GORACE=atexit_sleep_ms=0"} // or every process of a -race run ends a second late
	h.cmd.Stdout, h.cmd.Stderr = in, in
	h.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := h.cmd.Start(); err != nil {
		h.t.Fatal(err)
	}
	in.Close()
	go h.follow(out)
	go func() {
		_ = h.cmd.Wait() // the status is in ProcessState
		close(h.ended)
	}()
	h.t.Cleanup(h.cleanUp)
}

func (h *harness) follow(out *os.File) {
	defer out.Close()
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		h.mu.Lock()
		h.log = append(h.log, lines.Text())
		h.changed.Broadcast()
		h.mu.Unlock()
	}
	h.mu.Lock()
	h.logEnded = true
	h.changed.Broadcast()
	h.mu.Unlock()
}

func (h *harness) cleanUp() {
	_ = syscall.Kill(-h.cmd.Process.Pid, syscall.SIGKILL) // often all have ended
	h.waitFor("all processes have ended", func() bool { return h.logEnded })
	<-h.ended
	text := h.text()
	if strings.Contains(text, "canary") {
		h.t.Error("a secret is in the log")
	}
	if strings.Contains(text, "DATA RACE") || strings.Contains(text, "panic") {
		h.t.Error("a process has crashed")
	}
	if h.t.Failed() {
		h.t.Logf("the log:\n%s", text)
	}
}

func (h *harness) text() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return strings.Join(h.log, "\n")
}

// waitFor waits for a condition on the log, with h.mu held.
func (h *harness) waitFor(what string, holds func() bool) {
	h.t.Helper()
	late := false
	timer := time.AfterFunc(testkit.Patience, func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		late = true
		h.changed.Broadcast()
	})
	defer timer.Stop()
	h.mu.Lock()
	defer h.mu.Unlock()
	for !holds() {
		if late {
			h.t.Errorf("waited in vain: %s\nlog:\n%s", what, strings.Join(h.log, "\n"))
			return
		}
		h.changed.Wait()
	}
}

// waitForLog waits until text has been logged n times.
func (h *harness) waitForLog(text string, n int) {
	h.t.Helper()
	h.waitFor(strconv.Itoa(n)+" × "+text, func() bool { return strings.Count(strings.Join(h.log, "\n"), text) >= n })
	if h.t.Failed() {
		h.t.FailNow()
	}
}

const configured = "Configuration tasks completed"

// status waits for the launcher's end.
func (h *harness) status() int {
	h.t.Helper()
	select {
	case <-h.ended:
	case <-time.After(testkit.Patience):
		h.t.Fatal("the launcher does not end")
	}
	h.waitFor("the end of the log", func() bool { return h.logEnded })
	code, _ := exitCode(h.cmd.ProcessState)
	return code
}

func (h *harness) wantStatus(want int) {
	h.t.Helper()
	if code := h.status(); code != want {
		h.t.Errorf("exit status %d, not %d", code, want)
	}
}

// wantInOrder checks that the log has these texts, in this order.
func (h *harness) wantInOrder(texts ...string) {
	h.t.Helper()
	h.mu.Lock()
	defer h.mu.Unlock()
	i := 0
	for _, line := range h.log {
		if i < len(texts) && strings.Contains(line, texts[i]) {
			i++
		}
	}
	if i < len(texts) {
		h.t.Errorf("the log does not go on with %q", texts[i])
	}
}

// control sends a line to the control socket, and returns the answer.
func (h *harness) control(line string) string {
	h.t.Helper()
	answer, err := Control(h.t.Context(), h.layout.Control, line)
	if err != nil {
		h.t.Fatalf("%s: %v", line, err)
	}
	return answer
}

func (h *harness) counts() counts {
	h.t.Helper()
	var c counts
	if err := json.Unmarshal([]byte(h.control("counts")), &c); err != nil {
		h.t.Fatal(err)
	}
	return c
}

// command sends a line to the command server and returns all it says.
func (h *harness) command(line string) string {
	h.t.Helper()
	conn := dial(h.t, h.opts.CommandServerPort)
	if _, err := io.WriteString(conn, line); err != nil {
		h.t.Fatal(err)
	}
	answer, err := io.ReadAll(conn)
	if err != nil {
		h.t.Fatalf("%q: %v", line, err)
	}
	return string(answer)
}

func dial(t *testing.T, port int) *net.TCPConn {
	t.Helper()
	conn, err := net.Dial("tcp4", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(testkit.Patience)); err != nil {
		t.Fatal(err)
	}
	return conn.(*net.TCPConn)
}
