package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
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
	"gatelight/supervisor/ibc"
	"gatelight/supervisor/settings"
	"gatelight/supervisor/simgateway"
	"gatelight/supervisor/sockets"
	"gatelight/supervisor/status"
)

// A stage is a simulated Gateway with IBC, and the whole of Gatelight but its
// face in front of it: real processes, sockets, logs and sessions.
type stage struct {
	t       *testing.T
	dir     string
	sim     simgateway.Layout
	port    int
	command int
	more    string // settings
	tune    func(*supervisor.Policy)
	grace   ibc.Grace
	app     *app
}

// nextPort is where the stages' ports go on: below those that the kernel gives to
// connections, and apart from other packages' tests.
var nextPort = 20000 + rand.IntN(10000)

func freePort(t *testing.T) int {
	t.Helper()
	for range 1000 {
		nextPort = 20000 + (nextPort-20000+1)%12000
		if l, err := net.Listen("tcp", ":"+strconv.Itoa(nextPort)); err == nil {
			l.Close()
			return nextPort
		}
	}
	t.Fatal("no free port")
	return 0
}

func newStage(t *testing.T, o simgateway.Options) *stage {
	t.Helper()
	dir, err := os.MkdirTemp("", "gl-") // short enough for a socket
	if err != nil {
		t.Fatal(err)
	}
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	s := &stage{t: t, dir: dir, tune: func(*supervisor.Policy) {}, grace: ibc.Grace{Stop: 20 * time.Second, Term: 20 * time.Second}}
	s.port, s.command = freePort(t), freePort(t)
	o.APIPort = s.port
	switch o.CommandServerPort {
	case 0:
		o.CommandServerPort = s.command
	case off:
		o.CommandServerPort = 0
	}
	o.LoginID, o.Password = canary+"-login", canary+"-password"
	if s.sim, err = simgateway.Install(filepath.Join(dir, "sim"), exe, o); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.clear)
	return s
}

// off is a command server that is switched off.
const off = -1

func (s *stage) settings() string {
	return fmt.Sprintf("[[gateway]]\nport = %d\n%s\n[gateway.ibc]\npath = %q\nconfig = %q\ntws_path = %q\ntws_settings_path = %q\nversion = %q\n",
		s.port, s.more, s.sim.IBCPath, s.sim.Config, s.sim.TWSPath, s.sim.TWSSettingsPath, s.sim.Version)
}

func (s *stage) paths() settings.Paths {
	return settings.Paths{State: filepath.Join(s.dir, "state"), Runtime: filepath.Join(s.dir, "run")}
}

// open brings Gatelight up.
func (s *stage) open() {
	s.t.Helper()
	file, err := settings.Parse("config.toml", []byte(s.settings()))
	if err != nil {
		s.t.Fatal(err)
	}
	s.app, err = open(s.t.Context(), build{file: file, paths: s.paths(), eyes: sockets.New(), grace: s.grace, tune: func(p *supervisor.Policy) {
		p.LookFast, p.LookSlow, p.SettleTime = 20*time.Millisecond, 50*time.Millisecond, 50*time.Millisecond
		p.ZombieAfter, p.FlapAfter = 300*time.Millisecond, 300*time.Millisecond
		p.SessionRetry = []time.Duration{100 * time.Millisecond}
		s.tune(p)
	}})
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { s.app.close() })
	if err := s.app.looked(s.t.Context()); err != nil {
		s.t.Fatal(err)
	}
}

// clear kills what is left, and makes sure that it was all.
func (s *stage) clear() {
	for _, pid := range s.processes() {
		_ = syscall.Kill(pid, syscall.SIGKILL) // it may have ended
	}
	if s.t.Failed() {
		log, _ := os.ReadFile(filepath.Join(s.paths().Logs(), "ibc-paper.log"))
		events, _ := os.ReadFile(s.paths().Events())
		s.t.Logf("IBC's log:\n%s\nevents:\n%s", tailOf(log), tailOf(events))
	}
	os.RemoveAll(s.dir)
}

func tailOf(b []byte) []byte { return b[max(0, len(b)-3000):] }

// processes are those of the Gateway: its folder is on their command lines.
func (s *stage) processes() []int {
	var pids []int
	files, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, f := range files {
		line, err := os.ReadFile(f)
		pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(f)))
		if err == nil && pid != os.Getpid() && bytes.Contains(line, []byte(s.dir)) {
			pids = append(pids, pid)
		}
	}
	return pids
}

func (s *stage) control(line string) {
	s.t.Helper()
	var err error
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); {
		if _, err = simgateway.Control(s.t.Context(), s.sim.Control, line); err == nil || !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, syscall.ECONNREFUSED) {
			break
		}
	}
	if err != nil {
		s.t.Fatalf("%s: %v", line, err)
	}
}

func (s *stage) do(a supervisor.Action) error {
	ctx, cancel := context.WithTimeout(s.t.Context(), 60*time.Second)
	defer cancel()
	return s.app.engine.Do(ctx, "", a)
}

func (s *stage) must(a supervisor.Action) {
	s.t.Helper()
	if err := s.do(a); err != nil {
		s.t.Fatalf("%s: %v", a, err)
	}
}

// refused does what must not be done, and gives the reason.
func (s *stage) refused(a supervisor.Action) string {
	s.t.Helper()
	err := s.do(a)
	if err == nil {
		s.t.Fatalf("%s was done", a)
	}
	return err.Error()
}

// is waits for a state, and a phase where one is named.
func (s *stage) is(state supervisor.State, phase supervisor.Phase) supervisor.Snapshot {
	s.t.Helper()
	return await(s.t, s.app, fmt.Sprint(state, " ", phase), func(g supervisor.Snapshot) bool { return g.State == state && (phase == "" || g.Phase == phase) })
}

// logins that the Gateway has seen, over all its starts.
func (s *stage) logins() int {
	b, err := os.ReadFile(s.sim.Scenes + ".logins")
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		s.t.Fatal(err)
	}
	return bytes.Count(b, []byte("\n"))
}

// signals that were sent, by the event log.
func (s *stage) signals() []string {
	b, err := os.ReadFile(s.paths().Events())
	if err != nil {
		s.t.Fatal(err)
	}
	sent := []string{}
	for line := range bytes.Lines(b) {
		var e supervisor.Entry
		if err := json.Unmarshal(line, &e); err != nil {
			s.t.Fatal(err)
		}
		for _, name := range []string{"SIGTERM", "SIGKILL"} {
			if strings.Contains(e.Text, name) {
				sent = append(sent, name)
			}
		}
	}
	return sent
}

// An outcome is what a scene comes to.
type outcome struct {
	state     supervisor.State
	phase     supervisor.Phase
	why       string // a part of it
	signals   []string
	processes int
	logins    int
}

func (s *stage) wants(o outcome) {
	s.t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		g := s.app.engine.Latest().Gateways[0]
		signals, processes, logins := s.signals(), s.processes(), s.logins()
		if g.State == o.state && g.Phase == o.phase && strings.Contains(g.Why, o.why) && slices.Equal(signals, append([]string{}, o.signals...)) &&
			len(processes) == o.processes && logins == o.logins {
			break
		}
		if time.Now().After(deadline) {
			s.t.Fatalf("%s %s, %q; signals %v, %d processes, %d logins\nwant %+v", g.State, g.Phase, g.Why, signals, len(processes), logins, o)
		}
		<-tick.C
	}
	s.noSecret()
}

// noSecret looks for the canary wherever something may have been left of it.
func (s *stage) noSecret() {
	s.t.Helper()
	clean := func(where string, b []byte) {
		if bytes.Contains(b, []byte(canary)) {
			s.t.Errorf("a secret is in %s", where)
		}
	}
	looked := 0
	for _, pid := range s.processes() {
		for _, name := range []string{"cmdline", "environ"} {
			b, err := os.ReadFile(fmt.Sprintf("/proc/%d/%s", pid, name))
			if err == nil {
				clean(fmt.Sprintf("the %s of process %d", name, pid), b)
			}
		}
	}
	err := filepath.WalkDir(filepath.Join(s.dir, "state"), func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		clean(path, b)
		looked++
		info, _ := e.Info()
		if err == nil && info.Mode().Perm()&0o077 != 0 {
			s.t.Errorf("%s can be read by others: %v", path, info.Mode())
		}
		return err
	})
	if err != nil || looked == 0 {
		s.t.Errorf("looked at %d files: %v", looked, err)
	}
	w := s.app.engine.Latest()
	document, err := json.Marshal(status.Encode(w, time.Now()))
	if err != nil {
		s.t.Error(err)
	}
	clean("the status", document)
	clean("the snapshot", fmt.Appendf(nil, "%+v", w))
	configs, _ := filepath.Glob(s.sim.Config + "*")
	for _, path := range configs {
		if info, err := os.Stat(path); err == nil && info.Mode().Perm() != 0o600 {
			s.t.Errorf("%s: %v", path, info.Mode())
		}
	}
}

// elsewhere starts Gatelight as a process of its own, on the same folders.
func (s *stage) elsewhere() (*exec.Cmd, *status.Remote) {
	s.t.Helper()
	exe, err := os.Executable()
	if err != nil {
		s.t.Fatal(err)
	}
	file := filepath.Join(s.dir, "config.toml")
	if err := os.WriteFile(file, []byte(s.settings()), 0o600); err != nil {
		s.t.Fatal(err)
	}
	cmd := exec.Command(exe, asGatelight, "serve")
	cmd.Env = append(os.Environ(), "GATELIGHT_CONFIG="+file, "GATELIGHT_STATE_DIR="+s.paths().State, "GATELIGHT_RUNTIME_DIR="+s.paths().Runtime)
	if err := cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { // most tests have killed it by then
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	var remote *status.Remote
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(20 * time.Second); ; <-tick.C {
		if remote, err = status.Dial(s.t.Context(), s.paths().Socket()); err == nil {
			return cmd, remote
		}
		if time.Now().After(deadline) {
			s.t.Fatal(err)
		}
	}
}
