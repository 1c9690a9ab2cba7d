package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"gatelight/supervisor/settings"
	"gatelight/supervisor/simgateway"
	"gatelight/supervisor/testkit"
	"gatelight/tray/fakedesktop"
)

// The login of the simulated Gateways, which must never be seen outside of their
// config.ini.
const canary = "canary-8c1f"

// A world is one trader's machine: folders, a desktop, two Gateways, the program
// and some bystanders.
type world struct {
	*bench
	dir     string
	program string
	paths   settings.Paths
	desktop *fakedesktop.Desktop
	began   time.Time
	log     *report

	gateways   []*gateway
	bystanders []*bystander
	stream     *stream
	desk       *desk
	cancel     context.CancelFunc
	wg         sync.WaitGroup // what watches the world
	commands   sync.WaitGroup // the user's commands
	mayMount   bool
	mounted    bool // the state folder has a disk of its own
	mayCrash   bool // it was denied memory
	busAway    bool // it was killed, or stopped with SIGSTOP: nothing may wait for it
	undos      []undo
	atTheEnd   []func() // done when no fault is left

	mu         sync.Mutex // of what follows
	oracle     *oracle
	light      *light
	runner     *runner
	lives      int
	killed     map[int]bool // processes of the program that were killed
	blindUntil time.Time    // the program's looks may fail
	icon       string
	logBroken  bool        // the event log, or its folder, was damaged
	kills      []time.Time // of the program
	lockGone   bool        // the lock was removed: until the supervisor notices, a command may supervise beside it
	baseline   usage
}

// A gateway is one simulated Gateway, and what was done to it. The fields behind
// the first three are guarded by world.mu.
type gateway struct {
	name, dir string
	port      int
	layout    simgateway.Layout

	keepRunning, clearAuto bool // its settings

	pid            int // of its java, by the last sample
	mayEnd         map[int]bool
	endAsked       time.Time // of the last request by which it may end
	stopAsked      bool
	starts         []time.Time // the user's, each of which may need a login
	lastStart      time.Time   // of the user's, from which on the login budget counts
	loginsBefore   int         // before that
	forgotten      bool
	hung, linkDown int          // the java to which that was done
	touched        map[int]bool // the java that may have got connections without a word, by us
	unreachable    int          // the java that was told to leave connections alone
	monitorUntil   time.Time
	foreign        bool
}

// A light is one life of the program, or of what runs beside it.
type light struct {
	*exec.Cmd
	began time.Time
	ended chan struct{}
}

func (l *light) pid() int { return l.Process.Pid }

func (l *light) alive() bool {
	select {
	case <-l.ended:
		return false
	default:
		return true
	}
}

// newWorld makes everything but the program's process.
func newWorld(b *bench, dir, program string, log *report, r *rand.Rand) *world {
	w := &world{bench: b, dir: dir, program: filepath.Join(dir, "gatelight"), began: time.Now(), log: log,
		oracle: newOracle(), killed: map[int]bool{}}
	w.paths = settings.Paths{Settings: filepath.Join(dir, "config.toml"), State: filepath.Join(dir, "state"), Runtime: filepath.Join(dir, "run")}
	// A file of its own, by which its processes are found.
	w.must(copyFile(program, w.program))
	for _, name := range []string{"alpha", "beta"} {
		g := w.install(name)
		g.keepRunning, g.clearAuto = r.IntN(4) == 0, r.IntN(4) == 0
		log.say("      %s: keep_running %v, clear_zombies by itself %v", name, g.keepRunning, g.clearAuto)
		w.gateways = append(w.gateways, g)
	}
	w.must(os.WriteFile(w.paths.Settings, []byte(w.settings()), 0o600))
	w.desktop = fakedesktop.Start(b)
	w.stream = &stream{sockets: []string{w.paths.Socket(), w.paths.SpareSocket()}, canary: []byte(canary), told: map[string][]told{}}
	for i, g := range w.gateways {
		w.client(g)
		other := fmt.Sprintf("/home/other-%d/ibc/config.ini", i)
		w.decoy("java", "-Dibcsessionid=1", "ibcalpha.ibc.IbcGateway", other, "paper")
	}
	w.decoy("/bin/bash", "/opt/ibc/scripts/ibcstart.sh", "1045", "--gateway", "--mode=paper")
	w.decoy("gatelight", "monitor-child", "--port", fmt.Sprint(w.gateways[0].port), "--client-id", "7461")
	return w
}

func (w *world) decoy(argv ...string) {
	_, err := w.startBystander(0, argv...)
	w.must(err)
}

func (w *world) client(g *gateway) {
	_, err := w.startBystander(g.port, "python3", "trader-"+g.name+".py")
	w.must(err)
}

func (w *world) install(name string) *gateway {
	g := &gateway{name: name, dir: filepath.Join(w.dir, "sim-"+name), port: testkit.Port(w), mayEnd: map[int]bool{}, touched: map[int]bool{}}
	var err error
	o := simulated()
	o.APIPort, o.CommandServerPort = g.port, testkit.Port(w)
	o.LoginID, o.Password = canary+"-login", canary+"-password"
	g.layout, err = simgateway.Install(g.dir, w.program, o)
	w.must(err)
	return g
}

func (w *world) settings() string {
	var b strings.Builder
	for i, g := range w.gateways {
		l := g.layout
		clearZombies := "ask"
		if g.clearAuto {
			clearZombies = "auto"
		}
		fmt.Fprintf(&b, "[[gateway]]\nname = %q\nport = %d\nclient_id = %d\nkeep_running = %v\nclear_zombies = %q\n[gateway.ibc]\npath = %q\nconfig = %q\ntws_path = %q\ntws_settings_path = %q\n\n",
			g.name, g.port, 7461+10*i, g.keepRunning, clearZombies, l.IBCPath, l.Config, l.TWSPath, l.TWSSettingsPath)
	}
	return b.String()
}

func copyFile(from, to string) error {
	if os.Link(from, to) == nil {
		return nil
	}
	b, err := os.ReadFile(from) // of another file system
	if err == nil {
		err = os.WriteFile(to, b, 0o700)
	}
	return err
}

// command is a call of the program in this world.
func (w *world) command(args ...string) *exec.Cmd {
	cmd := exec.Command(w.program, args...)
	cmd.Dir = w.dir
	cmd.Env = append(os.Environ(), "GATELIGHT_CONFIG="+w.paths.Settings, "GATELIGHT_STATE_DIR="+w.paths.State,
		"GATELIGHT_RUNTIME_DIR="+w.paths.Runtime, "NO_COLOR=1")
	cmd.Env = append(cmd.Env, w.desktop.Env()...)
	return cmd
}

// startLight starts the program; its output goes to a file.
func (w *world) startLight(args ...string) *light {
	return w.run(w.command(args...), filepath.Join(w.dir, "light.out"))
}

// run starts a process whose output goes to a file.
func (w *world) run(cmd *exec.Cmd, file string) *light {
	out, err := os.OpenFile(file, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	w.must(err)
	defer out.Close()
	l := &light{Cmd: cmd, began: time.Now(), ended: make(chan struct{})}
	l.Stdout, l.Stderr = out, out
	w.must(l.Start())
	go func() { defer close(l.ended); l.Wait() }() // how it ended is judged at the end
	return l
}

// shine starts the program as the one that supervises, unless it runs.
func (w *world) shine() {
	if w.light != nil && w.light.alive() {
		return
	}
	l := w.startLight()
	w.mu.Lock()
	defer w.mu.Unlock()
	w.light = l
	w.lives++
}

func (w *world) must(err error) {
	if err != nil {
		w.Fatal(err)
	}
}

func (w *world) note(promise, text string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.oracle.note(time.Now(), promise, text)
}

// await waits for something that must come. It reports whether it did.
func (w *world) await(limit time.Duration, holds func() bool) bool {
	for late := time.Now().Add(limit); !holds(); time.Sleep(30 * time.Millisecond) {
		if time.Now().After(late) {
			return false
		}
	}
	return true
}

// control orders something from a simulated Gateway, which may not be there.
func (w *world) control(g *gateway, line string) error {
	if stateOf(w.find("java", g)) == 'T' {
		return errors.New("the Gateway stands still, and would do it later")
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	_, err := simgateway.Control(ctx, g.layout.Control, line)
	return err
}

// find is the java or the script of a Gateway, 0 for none.
func (w *world) find(role string, g *gateway) int {
	w.mu.Lock()
	known := g.pid
	w.mu.Unlock()
	pid := 0
	for _, p := range w.processes() {
		switch {
		case p.role != role || p.gateway != g.name:
		case p.pid == known: // and not one that it has just forked to become a probe
			return known
		default:
			pid = p.pid
		}
	}
	return pid
}

// logins are those that the Gateway has seen.
func (g *gateway) logins() int {
	b, err := os.ReadFile(g.layout.Scenes + ".logins")
	if errors.Is(err, fs.ErrNotExist) {
		return 0
	}
	return strings.Count(string(b), "\n")
}

// unattended are the logins since the user's last start that none of his requests
// explains. w.mu is held.
func (g *gateway) unattended() int {
	const late = 40 * time.Second // a request that was made so long before may lead to a login only then
	n := g.logins() - g.loginsBefore
	for _, at := range g.starts {
		if g.lastStart.Sub(at) < late {
			n--
		}
	}
	return max(n, 0)
}

// end removes the world: no process of it is left.
func (w *world) end() {
	for _, b := range w.bystanders {
		_ = b.Process.Kill() // it may have ended
		_ = b.Wait()         // killed
	}
	w.killAll()
}

// killAll ends all processes of the program in this world.
func (w *world) killAll() {
	for range 3 { // a process may start another one meanwhile
		for _, p := range w.processes() {
			_ = syscall.Kill(p.pid, syscall.SIGKILL) // it may have ended
		}
		time.Sleep(20 * time.Millisecond)
	}
}
