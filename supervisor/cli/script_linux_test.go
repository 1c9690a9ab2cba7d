package cli

import (
	"archive/zip"
	"context"
	"fmt"
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

	"github.com/rogpeppe/go-internal/testscript"
	"golang.org/x/sys/unix"

	"gatelight/supervisor"
	"gatelight/supervisor/status"
	"gatelight/supervisor/testkit"
)

// TestEveryScriptPasses runs the scripts in testdata/script. In each of them the program
// supervises a simulated Gateway with IBC: real processes, sockets, logs and
// sessions. testdata/script/README says which commands they have.
func TestEveryScriptPasses(t *testing.T) {
	t.Parallel()
	commands := map[string]func(*script, []string){
		"instance": (*script).instance, "simulate": (*script).simulate, "gateway": (*script).gateway,
		"occupy-port": (*script).occupyPort, "full-terminal": (*script).fullTerminal,
		"wait-state": (*script).waitState, "wait-why": (*script).waitWhy, "wait-notice": (*script).waitNotice,
		"wait-zombies": (*script).waitZombies, "wait-looks": (*script).waitLooks,
		"notices": (*script).notices, "last-notice": (*script).lastNotice, "controls": (*script).controls,
		"free-port": (*script).freePort, "archive": (*script).archive,
		"remember": (*script).remember, "same-process": (*script).sameProcess, "undisturbed": (*script).undisturbed,
		"kill-process": (*script).killProcess,
		"outcome":      (*script).outcome,
	}
	cmds := map[string]func(*testscript.TestScript, bool, []string){}
	for name, run := range commands {
		cmds[name] = func(ts *testscript.TestScript, neg bool, args []string) {
			if neg {
				ts.Fatalf("unsupported: ! %s", name)
			}
			s := ts.Value(scriptKey{}).(*script)
			s.TestScript = ts
			run(s, args)
		}
	}
	testscript.Run(t, testscript.Params{Dir: "testdata/script", Setup: setupScript, Cmds: cmds, RequireUniqueNames: true})
}

// A script is what the commands of one script know.
type script struct {
	*testscript.TestScript
	t          testing.TB
	instances  map[string]*instance
	current    *instance
	remembered supervisor.Snapshot
	waited     time.Time // up to when changes were seen by wait-state
}

type scriptKey struct{}

func setupScript(env *testscript.Env) error {
	s := &script{t: env.T().(testing.TB), instances: map[string]*instance{}}
	testkit.Slot(s.t)
	env.Values[scriptKey{}] = s
	env.Defer(func() {
		for _, i := range s.instances {
			i.remove(s.t)
		}
	})
	i, err := s.newInstance("first")
	if err != nil {
		return err
	}
	for name, value := range i.env() {
		env.Setenv(name, value)
	}
	packaging, err := filepath.Abs(filepath.Join("..", "..", "packaging"))
	if err != nil {
		return err
	}
	env.Setenv("PACKAGING", packaging)
	env.Setenv("GORACE", os.Getenv("GORACE"))
	// This program without the race detector, by the name of gatelight.
	if folder := os.Getenv("GATELIGHT_TEST_SCRIPTS"); folder != "" {
		env.Setenv("PATH", folder+string(filepath.ListSeparator)+env.Getenv("PATH"))
	}
	return nil
}

func (s *script) newInstance(name string) (*instance, error) {
	dir, err := os.MkdirTemp("", "gl-") // short enough for the path of a socket
	if err != nil {
		return nil, err
	}
	s.current = &instance{dir: dir, port: testkit.Port(s.t), commandPort: testkit.Port(s.t)}
	s.instances[name] = s.current
	return s.current, nil
}

// archive writes a zip file, with files that are written NAME=TEXT.
func (s *script) archive(args []string) {
	file, err := os.Create(s.MkAbs(args[0]))
	s.Check(err)
	defer file.Close()
	z := zip.NewWriter(file)
	for _, arg := range args[1:] {
		name, text, _ := strings.Cut(arg, "=")
		w, err := z.CreateHeader(&zip.FileHeader{Name: name}) // as it is, so that a script can break it
		s.Check(err)
		_, err = w.Write([]byte(text))
		s.Check(err)
	}
	s.Check(z.Close())
}

// instance makes another Gatelight the one that all commands are about, with
// settings, folders and a Gateway of its own.
func (s *script) instance(args []string) {
	s.want(args, 1, "instance NAME")
	if i, ok := s.instances[args[0]]; ok {
		s.current = i
	} else {
		_, err := s.newInstance(args[0])
		s.Check(err)
	}
	for name, value := range s.current.env() {
		s.Setenv(name, value)
	}
}

func (s *script) want(args []string, n int, usage string) {
	if len(args) < n {
		s.Fatalf("usage: %s", usage)
	}
}

// gateway sends the simulated Gateway a command, see [simgateway.Control].
func (s *script) gateway(args []string) { s.current.control(s.t, strings.Join(args, " ")) }

// occupyPort listens on the API port in the Gateway's place.
func (s *script) occupyPort([]string) {
	l, err := net.Listen("tcp", fmt.Sprint("127.0.0.1:", s.current.port))
	s.Check(err)
	s.Defer(func() { l.Close() })
}

// fullTerminal starts a program in a terminal of its own that takes nothing more,
// since nobody reads it.
func (s *script) fullTerminal(args []string) {
	s.want(args, 1, "full-terminal PROGRAM [ARGUMENT...]")
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	s.Check(err)
	s.Defer(func() { master.Close() })
	s.Check(unix.IoctlSetPointerInt(int(master.Fd()), unix.TIOCSPTLCK, 0))
	number, err := unix.IoctlGetInt(int(master.Fd()), unix.TIOCGPTN)
	s.Check(err)
	terminal, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|unix.O_NOCTTY, 0)
	s.Check(err)
	defer terminal.Close()
	fd := int(terminal.Fd())
	s.Check(unix.SetNonblock(fd, true))
	for err == nil {
		_, err = unix.Write(fd, []byte("."))
	}
	if err != unix.EAGAIN {
		s.Fatalf("cannot fill a terminal: %v", err)
	}
	s.Check(unix.SetNonblock(fd, false))
	path, err := exec.LookPath(filepath.Join(filepath.SplitList(s.Getenv("PATH"))[0], args[0]))
	s.Check(err)
	cmd := exec.Command(path, args[1:]...)
	cmd.Dir, cmd.Env = s.MkAbs("."), []string{"PATH=" + s.Getenv("PATH"), "HOME=" + s.Getenv("HOME")}
	for name, value := range s.current.env() {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	cmd.Stdin, cmd.Stdout, cmd.Stderr = terminal, terminal, terminal
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	s.Check(cmd.Start())
	s.Defer(func() {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		_ = cmd.Wait()
	})
}

// freePort sets a variable to a port of this script's own.
func (s *script) freePort(args []string) {
	s.want(args, 1, "free-port VARIABLE")
	s.Setenv(args[0], strconv.Itoa(testkit.Port(s.t)))
}

// wait returns a Gateway when it is as wanted.
func (s *script) wait(name, what string, wanted func(supervisor.Snapshot) bool) supervisor.Snapshot {
	ctx, cancel := context.WithTimeout(context.Background(), testkit.Patience)
	defer cancel()
	remote, err := s.current.dial(ctx)
	s.Check(err)
	defer remote.Close()
	var g supervisor.Snapshot
	for w := range remote.Watch(ctx) {
		var ok bool
		if g, ok = w.Gateway(name); ok && wanted(g) {
			return g
		}
	}
	s.Fatalf("waited in vain for %s %s: it is %s %s: %s; notices %+v", name, what, g.State, g.Phase, g.Why, g.Notices)
	return g
}

func (s *script) latest(name string) supervisor.Snapshot {
	return s.wait(name, "to be known", func(supervisor.Snapshot) bool { return true })
}

// waitState waits for a state. A phase may be over before a busy machine has shown
// it: then it is found among the changes since the last wait.
func (s *script) waitState(args []string) {
	s.want(args, 2, "wait-state NAME STATE [PHASE]")
	g := s.wait(args[0], strings.Join(args[1:], " "), func(g supervisor.Snapshot) bool {
		if string(g.State) == args[1] && (len(args) == 2 || string(g.Phase) == args[2]) {
			return true
		}
		return len(args) > 2 && slices.ContainsFunc(g.Transitions, func(t supervisor.Transition) bool {
			return t.At.After(s.waited) && string(t.To) == args[1] && string(t.Phase) == args[2]
		})
	})
	for _, t := range g.Transitions {
		s.waited = t.At // of the newest one
	}
}

func (s *script) waitWhy(args []string) {
	s.want(args, 2, "wait-why NAME TEXT")
	s.wait(args[0], args[1], func(g supervisor.Snapshot) bool { return strings.Contains(g.Why, args[1]) })
}

func (s *script) waitNotice(args []string) {
	s.want(args, 2, "wait-notice NAME KIND")
	s.wait(args[0], "notice "+args[1], func(g supervisor.Snapshot) bool { return strings.Contains(kinds(g)+" ", args[1]+" ") })
}

func (s *script) waitZombies(args []string) {
	s.want(args, 2, "wait-zombies NAME COUNT: that many, and the API blocked by them")
	s.wait(args[0], args[1]+" zombies", func(g supervisor.Snapshot) bool { return g.Blocking && strconv.Itoa(len(g.Zombies)) == args[1] })
}

// waitLooks waits until the ports were looked at for so long.
func (s *script) waitLooks(args []string) {
	s.want(args, 2, "wait-looks NAME DURATION")
	d, err := time.ParseDuration(args[1])
	s.Check(err)
	end := time.Now().Add(d)
	s.wait(args[0], "looks for "+args[1], func(g supervisor.Snapshot) bool { return g.EvidenceAt.After(end) })
}

// kinds are the kinds of a Gateway's notices, in order.
func kinds(g supervisor.Snapshot) string {
	var all []string
	for _, n := range g.Notices {
		all = append(all, string(n.Kind))
	}
	return strings.Join(all, " ")
}

func (s *script) notices(args []string) {
	s.want(args, 1, "notices NAME KIND…: these and no others")
	if got, want := kinds(s.latest(args[0])), strings.Join(args[1:], " "); got != want {
		s.Fatalf("notices %q, want %q", got, want)
	}
}

func (s *script) lastNotice(args []string) {
	s.want(args, 3, "last-notice NAME KIND TEXT: the text is in its title")
	all := s.latest(args[0]).Notices
	if len(all) == 0 || string(all[len(all)-1].Kind) != args[1] || !strings.Contains(all[len(all)-1].Title, args[2]) {
		s.Fatalf("notices %+v", all)
	}
}

func (s *script) controls(args []string) {
	s.want(args, 1, "controls NAME [command] [signal] [keeps-login]: these and no others")
	got := s.latest(args[0]).Process.Controls
	want := supervisor.Controls{}
	for _, name := range args[1:] {
		*map[string]*bool{"command": &want.Command, "signal": &want.Signal, "keeps-login": &want.KeepsLogin}[name] = true
	}
	if got != want {
		s.Fatalf("%+v", got)
	}
}

func (s *script) remember(args []string) {
	s.want(args, 1, "remember NAME")
	s.remembered = s.latest(args[0])
}

func (s *script) sameProcess(args []string) {
	s.want(args, 1, "same-process NAME: as when it was remembered")
	if got, want := s.latest(args[0]).Process.PID, s.remembered.Process.PID; got != want || got == 0 {
		s.Fatalf("process %d, want %d", got, want)
	}
}

func (s *script) undisturbed(args []string) {
	s.sameProcess(args)
	g := s.latest(args[0])
	others := 0
	for _, c := range g.Clients {
		if !c.Self {
			others++
		}
	}
	if g.State != s.remembered.State || !g.Since.Equal(s.remembered.Since) || len(g.Zombies) != 0 || others != 0 {
		s.Fatalf("before %+v\nafter %+v", s.remembered, g)
	}
}

func (s *script) killProcess(args []string) {
	s.want(args, 1, "kill-process NAME: the one that Gatelight knows it by, which is IBC's script")
	s.Check(syscall.Kill(s.latest(args[0]).Process.PID, syscall.SIGKILL))
}

// outcome waits until everything is as wanted, and makes sure that no secret is
// anywhere.
func (s *script) outcome(args []string) {
	s.want(args, 2, "outcome NAME STATE [phase=PHASE] [why=TEXT] [processes=N] [logins=N] [signals=NAME,NAME]")
	want := map[string]string{"phase": "", "why": "", "processes": "0", "logins": "0", "signals": ""}
	for _, arg := range args[2:] {
		key, value, _ := strings.Cut(arg, "=")
		if _, ok := want[key]; !ok {
			s.Fatalf("unknown: %s", arg)
		}
		want[key] = value
	}
	ctx, cancel := context.WithTimeout(context.Background(), testkit.Patience)
	defer cancel()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		remote, err := s.current.dial(ctx)
		s.Check(err)
		w := remote.Latest()
		remote.Close()
		g, _ := w.Gateway(args[0])
		got := map[string]string{"phase": string(g.Phase), "why": g.Why}
		known := string(g.State) == args[1] && strings.Contains(got["why"], want["why"]) && got["phase"] == want["phase"]
		if known || ctx.Err() != nil { // to read all processes takes long
			got["processes"], got["logins"] = fmt.Sprint(len(s.current.processes())), fmt.Sprint(s.current.logins(s.t))
			got["signals"] = strings.Join(s.current.signals(s.t), ",")
		}
		if known && got["processes"] == want["processes"] && isWithin(got["logins"], want["logins"]) && (want["signals"] == "any" || got["signals"] == want["signals"]) {
			s.current.checkNoSecret(s.t, w)
			return
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			s.Fatalf("%s %v\nwant %s %v", g.State, got, args[1], want)
		}
	}
}

// isWithin reports a number that is the wanted one, or in the wanted range N..M.
func isWithin(number, wanted string) bool {
	from, to, ok := strings.Cut(wanted, "..")
	if !ok {
		return number == wanted
	}
	var n [3]int
	for i, text := range []string{from, number, to} {
		n[i], _ = strconv.Atoi(text)
	}
	return n[0] <= n[1] && n[1] <= n[2]
}

// dial waits for the instance's Gatelight, which may only be starting.
func (i *instance) dial(ctx context.Context) (*status.Remote, error) {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		remote, err := status.Dial(ctx, i.paths())
		if err == nil || ctx.Err() != nil {
			return remote, err
		}
		<-tick.C
	}
}

func (i *instance) env() map[string]string {
	paths := i.paths()
	return map[string]string{
		"GATELIGHT_CONFIG":    filepath.Join(i.dir, "config.toml"),
		"GATELIGHT_STATE_DIR": paths.State, "GATELIGHT_RUNTIME_DIR": paths.Runtime,
		"DIR": i.dir, "PORT": strconv.Itoa(i.port), "COMMAND_PORT": strconv.Itoa(i.commandPort),
		"IBC": i.layout.IBCPath, "CONFIG_INI": i.layout.Config, "INSTALLED_GATEWAY": filepath.Join(i.layout.TWSPath, "ibgateway", i.layout.Version),
	}
}
