package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"gatelight/supervisor"
	"gatelight/supervisor/settings"
	"gatelight/supervisor/status"
)

// A desk is another machine of the same trader. Its Gatelight supervises nothing: it
// watches the world through a command, as through ssh, and that can go wrong.
type desk struct {
	dir, program string
	paths        settings.Paths
	stream       *stream
	light        *light
	lineBad      time.Time // until when the line, or what is at its ends, may not work; world.mu guards it
}

const (
	hostName     = "host"       // of the world, in the settings of the desk
	lineVariable = "CHAOS_LINE" // in the environment of all that belongs to the desk: its folder
)

// line is the command by which the desk reaches the world. The file mode says what
// comes over it.
const line = `#!/bin/sh
case $(cat %[1]q/mode) in
refused) echo 'connect to host port 22: Connection refused' >&2; exit 255 ;;
garbage) exec head -c 100000 /dev/urandom ;;
flood) exec yes 'HTTP/1.1 200 OK' ;;
other) printf 'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n%%s\n\n' 'data: {"schema":99,"gateways":[{"name":"alpha","state":"connected","verified":true}]}'
  exec sleep 60 ;;
silent) exec sleep 60 ;;
slow) sleep 1 ;;
esac
export GATELIGHT_CONFIG=%[2]q GATELIGHT_STATE_DIR=%[3]q GATELIGHT_RUNTIME_DIR=%[4]q
exec %[5]q dial-stdio
`

// badLines are the modes of a line that does not work, or works slowly.
var badLines = []string{"refused", "garbage", "flood", "other", "silent", "slow"}

// How long the desk may show something wrong after the line has failed (12 s, see
// supervisor/status/link.go) and how long it may take to come back: the pauses between
// its tries are up to 10 s by then.
const (
	deskDeadline = 12*time.Second + deadline
	deskReturns  = 45 * time.Second
	lineSettles  = 10 * time.Second
)

// openDesk makes the desk, and has it watch until ctx ends.
func (w *world) openDesk(ctx context.Context) {
	dir := filepath.Join(w.dir, "desk")
	d := &desk{dir: dir, program: filepath.Join(dir, "gatelight"),
		paths: settings.Paths{Settings: filepath.Join(dir, "config.toml"), State: filepath.Join(dir, "state"), Runtime: filepath.Join(dir, "run")}}
	w.must(os.Mkdir(dir, 0o700))
	w.must(copyFile(w.program, d.program)) // its processes are none of the world's
	w.must(os.WriteFile(filepath.Join(dir, "line"), fmt.Appendf(nil, line, dir, w.paths.Settings, w.paths.State, w.paths.Runtime, w.program), 0o700))
	w.must(os.WriteFile(d.paths.Settings, fmt.Appendf(nil, "[[remote]]\nname = %q\ncommand = [%q]\n", hostName, filepath.Join(dir, "line")), 0o600))
	d.stream = &stream{sockets: []string{d.paths.Socket(), d.paths.SpareSocket()}, canary: []byte(canary), told: map[string][]told{}}
	d.lineBad = time.Now().Add(lineSettles)
	w.desk = d
	w.setLine("open")
	w.startDesk()
	w.wg.Go(func() { d.stream.run(ctx) })
}

func (w *world) setLine(mode string) {
	w.must(os.WriteFile(filepath.Join(w.desk.dir, "mode"), []byte(mode), 0o600))
}

// onDesk is a call of the program on the desk.
func (w *world) onDesk(args ...string) *exec.Cmd {
	d := w.desk
	cmd := exec.Command(d.program, args...)
	cmd.Dir = d.dir
	cmd.Env = append(os.Environ(), "GATELIGHT_CONFIG="+d.paths.Settings, "GATELIGHT_STATE_DIR="+d.paths.State,
		"GATELIGHT_RUNTIME_DIR="+d.paths.Runtime, "NO_COLOR=1", lineVariable+"="+d.dir)
	return cmd
}

func (w *world) startDesk() {
	l := w.run(w.onDesk("serve"), filepath.Join(w.dir, "desk.out"))
	w.mu.Lock()
	defer w.mu.Unlock()
	w.desk.light = l
}

// endsOfTheLine are the faults by which the world may not answer, beside those of the
// line itself.
var endsOfTheLine = slices.Concat(lightFaults, fileFaults, systemFaults)

// lineFails notes that the line, or what is at its ends, may not work for so long.
func (w *world) lineFails(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if until := time.Now().Add(d + lineSettles); w.desk != nil && until.After(w.desk.lineBad) {
		w.desk.lineBad = until
	}
}

// connections sends a signal to what serves the desk in the world.
func (w *world) connections(s syscall.Signal) string {
	var said []string
	for _, p := range w.processes() {
		if len(p.args) > 1 && p.args[1] == "dial-stdio" {
			said = append(said, send(p.pid, s))
		}
	}
	return fmt.Sprintf("%d connections: %s", len(said), strings.Join(said, ", "))
}

// What goes wrong with the desk and its line, and what its user does.
var deskFaults = []*fault{
	{"the line is cut", 3, func(w *world, _ *gateway, _ step, _ *rand.Rand) string {
		w.lineFails(0)
		return w.connections(syscall.SIGKILL)
	}},
	{"the line stands still", 2, func(w *world, _ *gateway, s step, _ *rand.Rand) string {
		w.lineFails(s.hold)
		w.later("the line stands still", s.hold, func() { w.connections(syscall.SIGCONT) })
		return w.connections(syscall.SIGSTOP)
	}},
	{"the line is bad", 3, func(w *world, _ *gateway, s step, r *rand.Rand) string {
		mode := badLines[r.IntN(len(badLines))]
		w.setLine(mode)
		w.lineFails(s.hold + 20*time.Second) // who is silent is given up after that time only
		w.later("the line is bad", s.hold, func() { w.setLine("open") })
		return mode + ", " + w.connections(syscall.SIGKILL)
	}},
	{"the desk's Gatelight is killed", 2, func(w *world, _ *gateway, s step, _ *rand.Rand) string {
		l := w.desk.light
		_ = l.Process.Kill() // it may have ended
		<-l.ended
		w.lineFails(s.hold)
		w.later("no Gatelight on the desk", s.hold/3, func() {
			if !w.desk.light.alive() {
				w.startDesk()
			}
		})
		return "killed"
	}},
	{"asked from the desk", 4, func(w *world, g *gateway, _ step, r *rand.Rand) string {
		verb := []string{"start", "start", "stop", "restart"}[r.IntN(4)]
		w.userOf(w.onDesk(verb, "--gateway", hostName+"/"+g.name), g, verb)
		return verb
	}},
	{"somebody waits", 3, func(w *world, g *gateway, _ step, _ *rand.Rand) string { w.waitFor(g); return "waits" }},
}

// deskRules hold for what the desk shows.
var deskRules = []stateRule{
	{"the desk shows as usable what nobody listens for", func(t truth, g status.Gateway) bool {
		return g.State == supervisor.Connected && !t.monitorFrozen && !t.listens()
	}},
	{"the desk shows as down what can be used", func(t truth, g status.Gateway) bool {
		return g.State == supervisor.Down && t.healthy()
	}},
}

// checkDesk checks what the desk shows.
func (o *oracle) checkDesk(s sample) {
	for _, t := range s.gateway {
		there, known := s.desk[hostName+"/"+t.name]
		for _, r := range deskRules {
			o.lasting(s, "the desk is right", t.name+" "+r.name, deskDeadline, known && r.lie(t, there), func() string {
				return fmt.Sprintf("%s: %s; shown is %s %s (%s), true is %+v", t.name, r.name, there.State, there.Phase, there.Why, t)
			})
		}
		here, supervised := s.shown[t.name]
		differs := s.lineOK && s.supervised && supervised && (!known || there.State != here.State)
		o.lasting(s, "the desk is right", t.name+" differs", deadline, differs, func() string {
			return fmt.Sprintf("%s: the desk shows %s (%s), and the machine itself %s", t.name, there.State, there.Why, here.State)
		})
	}
	for name := range s.desk {
		known := name == hostName
		for _, t := range s.gateway {
			known = known || name == hostName+"/"+t.name
		}
		if !known && !o.told[name] {
			o.told[name] = true
			o.note(s.at, "the desk is right", "it shows "+name+", which there is not")
		}
	}
}

// checkDeskReturns checks that the desk shows both Gateways again.
func (w *world) checkDeskReturns() {
	var shown map[string]status.Gateway
	ok := w.await(deskReturns, func() bool {
		shown = w.desk.stream.shown(time.Now())
		for _, g := range w.gateways {
			if s := shown[hostName+"/"+g.name]; s.State != supervisor.Connected || !s.Verified {
				return false
			}
		}
		return true
	})
	if !ok && w.bothAre("connected") { // else that was noted
		w.note("the desk comes back", fmt.Sprintf("after %v it shows %+v", deskReturns, shown))
	}
}

// closeDesk ends the Gatelight of the desk. Nothing of it is left then.
func (w *world) closeDesk() {
	d := w.desk
	_ = d.light.Process.Signal(syscall.SIGINT) // it may have ended
	select {
	case <-d.light.ended:
		if code := d.light.ProcessState.ExitCode(); code != 0 {
			w.note("quitting ends it", "the Gatelight of the desk ended with "+d.light.ProcessState.String())
		}
	case <-time.After(15 * time.Second):
		w.note("quitting ends it", "the Gatelight of the desk has not ended 15 s after SIGINT")
		_ = d.light.Process.Signal(syscall.SIGQUIT)
		<-d.light.ended
	}
	var left []string
	if !w.await(10*time.Second, func() bool { left = processesWith(lineVariable + "=" + d.dir); return len(left) == 0 }) {
		w.note("nothing is left", "of the desk: "+strings.Join(left, ", "))
	}
	if out, err := os.ReadFile(filepath.Join(w.dir, "desk.out")); err == nil {
		w.checkOutput("the program of the desk", string(out))
	}
}

// processesWith are those with this in their environment, by their command lines.
func processesWith(variable string) (found []string) {
	entries, _ := os.ReadDir("/proc")
	for _, e := range entries {
		env, err := os.ReadFile("/proc/" + e.Name() + "/environ")
		if err != nil || !strings.Contains("\x00"+string(env), "\x00"+variable+"\x00") {
			continue
		}
		command, _ := os.ReadFile("/proc/" + e.Name() + "/cmdline")
		found = append(found, e.Name()+" "+strings.ReplaceAll(string(command), "\x00", " "))
	}
	return found
}
