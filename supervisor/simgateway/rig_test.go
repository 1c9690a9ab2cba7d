//go:build unix

package simgateway

import (
	"bufio"
	"encoding/json"
	"io"
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
)

// patience is how long a test waits for what should take milliseconds.
const patience = 20 * time.Second

// A rig is a simulated Gateway in a process group of its own. Its output comes
// through a pipe that ends when the last process of the group has ended, which
// proves in every test that nothing is left behind.
type rig struct {
	t      *testing.T
	layout Layout
	opts   Options
	cmd    *exec.Cmd
	ended  chan struct{} // cmd was waited for

	mu      sync.Mutex
	changed *sync.Cond
	log     []string
	silent  bool // the pipe has ended
}

func launch(t *testing.T, o Options, arguments ...string) *rig {
	t.Helper()
	r := install(t, o)
	r.start(append([]string{r.layout.Version, "-g", "--tws-path=" + r.layout.TWSPath, "--tws-settings-path=" + r.layout.TWSSettingsPath,
		"--ibc-path=" + r.layout.IBCPath, "--ibc-ini=" + r.layout.Config, "--mode=", "--on2fatimeout=exit"}, arguments...)...)
	return r
}

func install(t *testing.T, o Options) *rig {
	t.Helper()
	o.APIPort, o.CommandServerPort = freePort(t), freePort(t)
	o.LoginID, o.Password = "canary-login", "canary-password"
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	l, err := Install(shortDir(t), exe, o)
	if err != nil {
		t.Fatal(err)
	}
	return newRig(t, l, o)
}

func newRig(t *testing.T, l Layout, o Options) *rig {
	r := &rig{t: t, layout: l, opts: o, ended: make(chan struct{})}
	r.changed = sync.NewCond(&r.mu)
	return r
}

func (r *rig) start(args ...string) {
	r.t.Helper()
	out, in, err := os.Pipe()
	if err != nil {
		r.t.Fatal(err)
	}
	r.cmd = exec.Command(filepath.Join(r.layout.IBCPath, "scripts", "ibcstart.sh"), args...)
	r.cmd.Env = []string{"HOME=" + filepath.Dir(r.layout.Scenes), "IBC_VRSN=" + ibcVersion,
		"GORACE=atexit_sleep_ms=0"} // or every process of a -race run ends a second late
	r.cmd.Stdout, r.cmd.Stderr = in, in
	r.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := r.cmd.Start(); err != nil {
		r.t.Fatal(err)
	}
	in.Close()
	go r.follow(out)
	go func() {
		_ = r.cmd.Wait() // the status is in ProcessState
		close(r.ended)
	}()
	r.t.Cleanup(r.finish)
}

func (r *rig) follow(out *os.File) {
	defer out.Close()
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		r.mu.Lock()
		r.log = append(r.log, lines.Text())
		r.changed.Broadcast()
		r.mu.Unlock()
	}
	r.mu.Lock()
	r.silent = true
	r.changed.Broadcast()
	r.mu.Unlock()
}

func (r *rig) finish() {
	_ = syscall.Kill(-r.cmd.Process.Pid, syscall.SIGKILL) // often all have ended
	r.until("all processes have ended", func() bool { return r.silent })
	<-r.ended
	text := r.text()
	if strings.Contains(text, "canary") {
		r.t.Error("a secret is in the log")
	}
	if strings.Contains(text, "DATA RACE") || strings.Contains(text, "panic") {
		r.t.Error("a process broke down")
	}
	if r.t.Failed() {
		r.t.Logf("the log:\n%s", text)
	}
}

func (r *rig) text() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return strings.Join(r.log, "\n")
}

// until waits for a condition on the log, with r.mu held.
func (r *rig) until(what string, holds func() bool) {
	r.t.Helper()
	late := false
	timer := time.AfterFunc(patience, func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		late = true
		r.changed.Broadcast()
	})
	defer timer.Stop()
	r.mu.Lock()
	defer r.mu.Unlock()
	for !holds() {
		if late {
			r.t.Errorf("waited in vain: %s\nlog:\n%s", what, strings.Join(r.log, "\n"))
			return
		}
		r.changed.Wait()
	}
}

// sees waits until text has been logged n times.
func (r *rig) sees(text string, n int) {
	r.t.Helper()
	r.until(strconv.Itoa(n)+" × "+text, func() bool { return strings.Count(strings.Join(r.log, "\n"), text) >= n })
	if r.t.Failed() {
		r.t.FailNow()
	}
}

const configured = "Configuration tasks completed"

// status waits for the launcher's end.
func (r *rig) status() int {
	r.t.Helper()
	select {
	case <-r.ended:
	case <-time.After(patience):
		r.t.Fatal("the launcher does not end")
	}
	r.until("the end of the log", func() bool { return r.silent })
	code, _ := exitCode(r.cmd.ProcessState)
	return code
}

// inOrder checks that the log holds these texts one after the other.
func (r *rig) inOrder(texts ...string) {
	r.t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	i := 0
	for _, line := range r.log {
		if i < len(texts) && strings.Contains(line, texts[i]) {
			i++
		}
	}
	if i < len(texts) {
		r.t.Errorf("the log does not go on with %q", texts[i])
	}
}

// control obeys at once, or the test ends.
func (r *rig) control(line string) string {
	r.t.Helper()
	answer, err := Control(r.t.Context(), r.layout.Control, line)
	if err != nil {
		r.t.Fatalf("%s: %v", line, err)
	}
	return answer
}

func (r *rig) counts() counts {
	r.t.Helper()
	var c counts
	if err := json.Unmarshal([]byte(r.control("counts")), &c); err != nil {
		r.t.Fatal(err)
	}
	return c
}

// command sends a line to the command server and returns all it says.
func (r *rig) command(line string) string {
	r.t.Helper()
	conn := dial(r.t, r.opts.CommandServerPort)
	if _, err := io.WriteString(conn, line); err != nil {
		r.t.Fatal(err)
	}
	answer, err := io.ReadAll(conn)
	if err != nil {
		r.t.Fatalf("%q: %v", line, err)
	}
	return string(answer)
}

// nextPort is where freePort goes on: below the range from which the kernel takes
// the ports of outgoing connections, which would otherwise be in the way.
var nextPort = 16000 + rand.IntN(16000) // another package's tests may run meanwhile

var portLock sync.Mutex

func freePort(t *testing.T) int {
	t.Helper()
	portLock.Lock()
	defer portLock.Unlock()
	for range 1000 {
		nextPort = 16000 + (nextPort-16000+1)%16000
		if l, err := net.Listen("tcp", ":"+strconv.Itoa(nextPort)); err == nil {
			l.Close()
			return nextPort
		}
	}
	t.Fatal("no free port")
	return 0
}

func dial(t *testing.T, port int) *net.TCPConn {
	t.Helper()
	conn, err := net.Dial("tcp4", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	return conn.(*net.TCPConn)
}

// eventually polls what no message announces.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	late := time.After(patience)
	for !holds() {
		select {
		case <-tick.C:
		case <-late:
			t.Fatalf("waited in vain: %s", what)
		}
	}
}
