package e2e

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"image"
	"image/png"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"gatelight/assets"
	"gatelight/supervisor/settings"
	"gatelight/supervisor/simgateway"
	"gatelight/supervisor/status"
	"gatelight/supervisor/testkit"
	"gatelight/tray/fakedesktop"
)

// These tests run the program itself, on a real session bus with a panel that
// can be read back, against the simulated Gateway started through its
// ibcstart.sh like a real one.

// program is the built program; without the race detector, since the API
// library in its child process has races of its own.
var program = sync.OnceValues(func() (string, error) {
	if built := os.Getenv(testkit.BuiltProgram); built != "" {
		return built, nil
	}
	dir, err := os.MkdirTemp("", "gatelight-test-")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "gatelight")
	if out, err := exec.Command("go", "build", "-o", path, "gatelight").CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w: %s", err, out)
	}
	return path, nil
})

func TestMain(m *testing.M) {
	code := m.Run()
	if path, err := program(); err == nil && os.Getenv(testkit.BuiltProgram) == "" {
		os.RemoveAll(filepath.Dir(path))
	}
	os.Exit(code)
}

// A harness is one trader's machine: settings, folders, a simulated Gateway that
// is not running yet, and perhaps a desktop.
type harness struct {
	t       *testing.T
	exe     string
	dir     string
	sim     simgateway.Layout
	port    int
	desktop *fakedesktop.Desktop
	env     []string // of another desktop than screen
	path    string   // PATH of what is run, "" for ours
}

func newHarness(t *testing.T, o simgateway.Options) *harness {
	t.Helper()
	exe, err := program()
	if err != nil {
		t.Fatal(err)
	}
	dir := testkit.ShortDir(t)
	b := &harness{t: t, exe: exe, dir: dir}
	ports := []int{testkit.Port(t), testkit.Port(t)}
	b.port, o.APIPort, o.CommandServerPort = ports[0], ports[0], ports[1]
	o.LoginID, o.Password = "canary-login", "canary-password"
	if b.sim, err = simgateway.Install(filepath.Join(dir, "sim"), cmp.Or(os.Getenv(testkit.BuiltGateway), exe), o); err != nil {
		t.Fatal(err)
	}
	b.write("config.toml", fmt.Sprintf(`
[[gateway]]
name = "paper"
port = %d
[gateway.ibc]
path = %q
config = %q
config_source = %q
tws_path = %q
tws_settings_path = %q
`, b.port, b.sim.IBCPath, b.sim.Config, b.sim.Config, b.sim.TWSPath, b.sim.TWSSettingsPath))
	t.Cleanup(b.killAll)
	return b
}

func (b *harness) write(name, text string) {
	b.t.Helper()
	if err := os.WriteFile(filepath.Join(b.dir, name), []byte(text), 0o600); err != nil {
		b.t.Fatal(err)
	}
}

func (b *harness) socket() string { return b.paths().Socket() }

func (b *harness) paths() settings.Paths {
	return settings.Paths{State: filepath.Join(b.dir, "state"), Runtime: filepath.Join(b.dir, "run")}
}

func (b *harness) command(args ...string) *exec.Cmd {
	cmd := exec.Command(b.exe, args...)
	cmd.Dir = b.dir
	cmd.Env = append(os.Environ(),
		"GATELIGHT_CONFIG="+filepath.Join(b.dir, "config.toml"),
		"GATELIGHT_STATE_DIR="+filepath.Join(b.dir, "state"),
		"GATELIGHT_RUNTIME_DIR="+filepath.Join(b.dir, "run"),
		"NO_COLOR=1", "DISPLAY=", "WAYLAND_DISPLAY=", "DBUS_SESSION_BUS_ADDRESS=unix:path=/nonexistent")
	if b.path != "" {
		cmd.Env = append(cmd.Env, "PATH="+b.path)
	}
	if b.desktop != nil {
		cmd.Env = append(cmd.Env, b.desktop.Env()...)
	}
	cmd.Env = append(cmd.Env, b.env...)
	return cmd
}

// run runs a command to its end.
func (b *harness) run(args ...string) (output string, status int) {
	b.t.Helper()
	out, err := b.command(args...).CombinedOutput()
	if _, exited := err.(*exec.ExitError); err != nil && !exited {
		b.t.Fatal(err)
	}
	cmd := strings.Join(args, " ")
	b.t.Logf("gatelight %s: %s", cmd, out)
	if err != nil {
		return string(out), err.(*exec.ExitError).ExitCode()
	}
	return string(out), 0
}

// A running is a program that goes on until it is stopped.
type running struct {
	*exec.Cmd
	t      *testing.T
	output *output
	ended  chan struct{}
}

// An output can be read while it is written.
type output struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.String()
}

func (b *harness) start(args ...string) *running {
	b.t.Helper()
	r := &running{Cmd: b.command(args...), t: b.t, output: &output{}, ended: make(chan struct{})}
	r.Stdout, r.Stderr = r.output, r.output
	return r.begin()
}

// startOnTerminal is start for somebody who reads along.
func (b *harness) startOnTerminal(args ...string) *running {
	b.t.Helper()
	ours, theirs := terminal(b.t)
	r := &running{Cmd: b.command(args...), t: b.t, output: &output{}, ended: make(chan struct{})}
	r.Stdout, r.Stderr = theirs, theirs
	go io.Copy(r.output, ours) // ends when nobody has the terminal open any more
	r.begin()
	theirs.Close()
	return r
}

// terminal is a new pseudo-terminal: our end, and the one for a program.
func terminal(t *testing.T) (ours, theirs *os.File) {
	t.Helper()
	ours, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ours.Close() })
	if err := unix.IoctlSetPointerInt(int(ours.Fd()), unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	n, err := unix.IoctlGetInt(int(ours.Fd()), unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	theirs, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	return ours, theirs
}

func (r *running) begin() *running {
	r.t.Helper()
	if err := r.Start(); err != nil {
		r.t.Fatal(err)
	}
	go func() { defer close(r.ended); r.Wait() }()
	r.t.Cleanup(r.stop)
	return r
}

func (r *running) awaitOutput(want string) {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(r.t.Context(), testkit.Patience)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !strings.Contains(r.output.String(), want) {
		select {
		case <-tick.C:
		case <-ctx.Done():
			r.t.Fatalf("the output lacks %q:\n%s", want, r.output)
		}
	}
}

// stop ends it as Ctrl-C does, and insists on a clean end.
func (r *running) stop() {
	r.t.Helper()
	r.Process.Signal(syscall.SIGINT)
	r.Process.Signal(syscall.SIGCONT) // in case the test has frozen it
	r.awaitEnd()
}

// freeze stops the process where it stands, or lets it go on.
func (r *running) freeze(on bool) {
	r.t.Helper()
	s := syscall.SIGCONT
	if on {
		s = syscall.SIGSTOP
	}
	if err := r.Process.Signal(s); err != nil {
		r.t.Fatal(err)
	}
}

func (r *running) awaitEnd() {
	r.t.Helper()
	select {
	case <-r.ended:
	case <-time.After(testkit.Patience):
		r.Process.Signal(syscall.SIGQUIT)
		<-r.ended
		r.t.Errorf("%v did not end: %s", r.Args, r.output)
	}
	if s := r.ProcessState; s.ExitCode() != 0 {
		r.t.Errorf("%v ended with %v: %s", r.Args, s, r.output)
	}
}

// gateway is the state as a script would ask for it.
func (b *harness) gateway(ctx context.Context) (status.Gateway, error) {
	cmd := b.command("status", "--json")
	out, _ := cmd.Output() // the exit status is the state's
	var d status.Document
	if err := json.Unmarshal(out, &d); err != nil || len(d.Gateways) != 1 {
		return status.Gateway{}, fmt.Errorf("status --json: %v: %q", err, out)
	}
	return d.Gateways[0], nil
}

// await asks until the state is as wanted.
func (b *harness) await(what string, ok func(status.Gateway) bool) status.Gateway {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.t.Context(), testkit.Patience)
	defer cancel()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		g, err := b.gateway(ctx)
		if err == nil && ok(g) {
			return g
		}
		select {
		case <-ctx.Done():
			b.t.Fatalf("waited in vain for %s: %v %+v", what, err, g)
		case <-tick.C:
		}
	}
}

func in(state string) func(status.Gateway) bool {
	return func(g status.Gateway) bool { return string(g.State) == state }
}

func (b *harness) control(line string) string {
	b.t.Helper()
	answer, err := simgateway.Control(b.t.Context(), b.sim.Control, line)
	if err != nil {
		b.t.Fatal(err)
	}
	return answer
}

// killAll ends the Gateway that Gatelight rightly leaves running, and makes
// sure that no process of this test survives.
func (b *harness) killAll() {
	if b.t.Failed() {
		if log, err := os.ReadFile(filepath.Join(b.dir, "state", "events.jsonl")); err == nil {
			b.t.Logf("events:\n%s", log)
		}
	}
	for _, pid := range b.processes() {
		syscall.Kill(pid, syscall.SIGKILL)
	}
}

// processes are those whose command line names this test's folder.
func (b *harness) processes() []int {
	var pids []int
	files, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, f := range files {
		if line, err := os.ReadFile(f); err == nil && bytes.Contains(line, []byte(b.dir)) {
			if pid, err := strconv.Atoi(strings.Split(f, "/")[2]); err == nil {
				pids = append(pids, pid)
			}
		}
	}
	return pids
}

// sameIcon compares the panel's pixels with a committed picture.
func sameIcon(got image.Image, name string) bool {
	want, err := png.Decode(bytes.NewReader(assets.PNG(name, true)))
	return err == nil && fakedesktop.SameIcon(got, want)
}
