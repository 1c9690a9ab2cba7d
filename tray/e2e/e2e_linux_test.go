package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"gatelight/supervisor/simgateway"
	"gatelight/supervisor/status"
	"gatelight/supervisor/testkit"
	"gatelight/tray/fakedesktop"
)

var quick = simgateway.Options{LaunchDelay: 50 * time.Millisecond, LoginDelay: 50 * time.Millisecond}

// startTray starts the tray on a desktop and waits for its icon.
func (b *harness) startTray(args ...string) (*running, *fakedesktop.Item) {
	b.t.Helper()
	if b.desktop == nil {
		b.desktop = fakedesktop.Start(b.t)
	}
	tray := b.start(args...)
	item, err := b.desktop.Item(b.t.Context())
	if err != nil {
		b.t.Fatalf("%v: %s", err, tray.output)
	}
	return tray, item
}

func (b *harness) awaitIcon(item *fakedesktop.Item, name string) {
	b.t.Helper()
	// Evidence may take 11 s to run out.
	ctx, cancel := context.WithTimeout(b.t.Context(), testkit.Patience)
	defer cancel()
	err := b.desktop.Await(ctx, "the icon "+name, func() bool {
		icon, err := item.Icon()
		return err == nil && sameIcon(icon, name)
	})
	if err != nil {
		b.t.Fatal(err)
	}
}

// click chooses an entry of the menu by its label, or one of a submenu by the
// labels on the way to it.
func (b *harness) click(item *fakedesktop.Item, labels ...string) {
	b.t.Helper()
	if err := item.Click(labels...); err != nil {
		b.t.Fatal(err)
	}
}

// startGateway starts the Gateway for the first time, by a click, and waits until
// it is connected.
func (b *harness) startGateway(item *fakedesktop.Item) {
	b.t.Helper()
	b.awaitIcon(item, "down-expected")
	b.click(item, "Start")
	b.awaitIcon(item, "connected")
}

func (b *harness) awaitMenu(item *fakedesktop.Item, want string) {
	b.t.Helper()
	err := b.desktop.Await(b.t.Context(), "the menu to say "+want, func() bool {
		entries, err := item.Menu()
		return err == nil && strings.Contains(fakedesktop.Text(entries), want)
	})
	if err != nil {
		b.t.Fatal(err)
	}
}

func TestOneClickStartsTheGatewayAndQuitLeavesItRunning(t *testing.T) {
	b := newHarness(t, quick)
	tray, item := b.startTray()
	b.startGateway(item)
	g := b.await("connected", in("connected"))
	if g.Process.StartedBy != "gatelight" || !g.Verified || !g.Simulated {
		t.Errorf("%+v", g)
	}
	tip, err := item.ToolTip()
	if err != nil || tip != "Connected: paper (simulated). The API answers; no other client is connected" {
		t.Errorf("tooltip %q %v", tip, err)
	}
	for _, want := range []string{"Connected: paper (simulated), since", "The API answers; no other client", "Gatelight (monitor)", "(off)", "Stop", "Restart", "Copy IBC config", "Log", "Quit (the Gateway keeps running)"} {
		b.awaitMenu(item, want)
	}

	item.Click("Quit (the Gateway keeps running)") // it may be gone before the menu is closed again
	tray.awaitEnd()
	if out, code := b.run("status"); code != 1 || !strings.Contains(strings.Join(strings.Fields(out), " "), "no Gatelight is running that would ask the API") {
		t.Errorf("after quitting: status %d, %s; want the port still open", code, out)
	}
	if counts := b.control("counts"); !strings.Contains(counts, `"accepted":1`) {
		t.Errorf("the Gateway has seen %s, want one connection, the monitor's", counts)
	}

	_, item = b.startTray()
	b.awaitIcon(item, "connected")
	again := b.await("connected again", in("connected"))
	if *again.Process.PID != *g.Process.PID || again.Process.StartedBy != "gatelight" {
		t.Errorf("process %d by %s, want %d adopted", *again.Process.PID, again.Process.StartedBy, *g.Process.PID)
	}
	b.click(item, "Stop")
	b.awaitIcon(item, "down-expected")
	b.await("stopped", func(g status.Gateway) bool { return g.Expected && g.Process.PID == nil && g.Busy == "" })
	if shown := b.desktop.Notifications(); len(shown) != 0 {
		t.Errorf("people were bothered with %+v", shown)
	}
}

func TestAKilledGatewayTurnsTheIconRedAndRaisesOneNotification(t *testing.T) {
	b := newHarness(t, quick)
	_, item := b.startTray()
	b.startGateway(item)
	g := b.await("connected", in("connected"))

	killed := time.Now()
	if err := syscall.Kill(*g.Listener.PID, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	notification, err := b.desktop.AwaitNotification(t.Context(), func(fakedesktop.Notification) bool { return true })
	if err != nil {
		t.Fatal(err)
	}
	b.awaitIcon(item, "down")
	t.Logf("from SIGKILL to the notification on the bus: %v", notification.At.Sub(killed))
	if notification.At.Sub(killed) > *maxTold {
		t.Errorf("the notification came after %v", notification.At.Sub(killed))
	}
	if notification.Summary != "Down: paper (simulated)" || !strings.Contains(notification.Body, "it was killed") || notification.Urgency != fakedesktop.Critical {
		t.Errorf("%+v", notification)
	}

	b.click(item, "Start")
	b.awaitIcon(item, "connected")
	back, err := b.desktop.AwaitNotification(t.Context(), func(x fakedesktop.Notification) bool { return x.Summary != notification.Summary })
	if err != nil {
		t.Fatal(err)
	}
	if back.ReplacesID != notification.ID || !strings.Contains(back.Body, "answers again after") {
		t.Errorf("%+v, want the first notification replaced", back)
	}
	if n := len(b.desktop.Notifications()); n != 2 {
		t.Errorf("%d notifications, want one drop and its end: %+v", n, b.desktop.Notifications())
	}
}

func TestTheIconShowsEveryState(t *testing.T) {
	t.Parallel() // it waits most of the time
	o := quick
	o.TwoFactor, o.RelaunchDelay = simgateway.Never, time.Second
	b := newHarness(t, o)
	_, item := b.startTray()
	b.awaitIcon(item, "down-expected")
	b.click(item, "Start")
	b.awaitIcon(item, "two-factor")
	b.control("approve")
	b.awaitIcon(item, "connected")
	b.control("link down")
	b.awaitIcon(item, "cut-off")
	b.control("link up")
	b.awaitIcon(item, "connected")
	b.control("stick")
	b.control("probe 2 1s")
	b.awaitIcon(item, "zombies")
	g := b.await("zombies", in("zombies"))
	if len(g.Zombies) != 2 || !g.Blocking || g.Zombies[0].Unread == nil || *g.Zombies[0].Unread == 0 || g.Zombies[0].Owner == nil || *g.Zombies[0].Owner.Command != simgateway.ProbeName {
		t.Errorf("%+v", g.Zombies)
	}
	b.awaitMenu(item, "opened by "+simgateway.ProbeName)
	b.click(item, "Clear zombies…", "Restart it")
	b.awaitIcon(item, "starting")
	b.awaitIcon(item, "connected")
	b.control("hang")
	b.awaitIcon(item, "silent")
	b.control("resume")
	b.awaitIcon(item, "connected")
}

func TestATrayBesideAServeIsItsView(t *testing.T) {
	t.Parallel() // it waits most of the time
	b := newHarness(t, quick)
	serve := b.start("serve")
	b.await("a supervisor", func(g status.Gateway) bool { return g.State == "down" && exists(b.socket()) })
	tray, item := b.startTray()
	b.awaitIcon(item, "down-expected")
	if out, code := b.run("start"); code != 0 || !strings.Contains(out, "Started") {
		t.Fatalf("start: %d %s", code, out)
	}
	b.awaitIcon(item, "connected")
	if out, code := b.run(); code != 0 || !strings.Contains(out, "in the menu bar already") {
		t.Errorf("a second icon: %d %s", code, out)
	}
	if out, code := b.run("serve"); code != 1 || !strings.Contains(out, "running already") {
		t.Errorf("a second serve: %d %s", code, out)
	}
	serve.freeze(true) // a supervisor that says nothing must not leave a green light behind
	b.awaitIcon(item, "unknown")
	serve.freeze(false)
	b.awaitIcon(item, "connected")
	item.Click("Close this view (supervision goes on)")
	tray.awaitEnd()
	if out, code := b.run("status"); code != 0 || !strings.Contains(out, "connected") {
		t.Errorf("status: %d %s", code, out)
	}
}

// A command that finds no Gatelight supervises until it is done. A tray that starts
// in that time must not be a view of nobody afterwards.
func TestATrayThatBeganBesideACommandSupervisesAfterIt(t *testing.T) {
	t.Parallel() // it waits most of the time
	b := newHarness(t, quick)
	watch := b.startOnTerminal("watch")
	b.await("a supervisor", func(g status.Gateway) bool { return g.State == "down" && exists(b.socket()) })
	_, item := b.startTray()
	b.awaitIcon(item, "down-expected")
	watch.stop()
	item = b.itemOfSupervisor()
	b.click(item, "Start")
	b.awaitIcon(item, "connected") // by its own session
}

// A command that begins while the tray's files are removed finds no Gatelight, and
// takes the lock. The tray goes on as a view of it, and supervises after it.
func TestATrayWhoseLockACommandHasTakenSupervisesAfterIt(t *testing.T) {
	t.Parallel() // it waits most of the time
	b := newHarness(t, quick)
	_, item := b.startTray()
	b.awaitIcon(item, "down-expected")
	var watch *running
	testkit.Eventually(t, "a command has the lock", func() bool {
		_ = os.RemoveAll(b.paths().Runtime) // the tray may make a file in it meanwhile
		_ = os.Remove(b.paths().Lock())
		watch = b.startOnTerminal("watch")
		watch.awaitOutput(": paper (simulated)")
		if !strings.Contains(watch.output.String(), "this is a view of it") {
			return true
		}
		watch.stop() // the tray was quicker
		return false
	})
	testkit.Eventually(t, "the tray is a view", func() bool {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		item, err := b.desktop.Item(ctx)
		if err != nil {
			return false
		}
		menu, err := item.Menu()
		return err == nil && strings.Contains(fakedesktop.Text(menu), "Close this view")
	})
	watch.stop()
	item = b.itemOfSupervisor()
	b.click(item, "Start")
	b.awaitIcon(item, "connected") // by its own session
}

// itemOfSupervisor is the icon, once it is that of the program that supervises.
func (b *harness) itemOfSupervisor() (item *fakedesktop.Item) {
	b.t.Helper()
	testkit.Eventually(b.t, "the tray supervises", func() bool {
		ctx, cancel := context.WithTimeout(b.t.Context(), time.Second)
		defer cancel()
		var err error
		if item, err = b.desktop.Item(ctx); err != nil {
			return false
		}
		menu, err := item.Menu()
		return err == nil && !strings.Contains(fakedesktop.Text(menu), "Close this view")
	})
	return item
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

func TestTheCommandLineFromStartToStop(t *testing.T) {
	b := newHarness(t, quick)
	if out, code := b.run("status"); code != 2 || !strings.Contains(out, "Not running") {
		t.Errorf("at first: %d %s", code, out)
	}
	if out, code := b.run("stop"); code != 1 || !strings.Contains(out, "not running") {
		t.Errorf("stop of nothing: %d %s", code, out)
	}
	if out, code := b.run("start"); code != 0 || !strings.Contains(out, "Started") {
		t.Fatalf("start: %d %s", code, out)
	}
	b.await("the port", in("listening"))
	if out, code := b.run("start"); code != 1 || !strings.Contains(out, "open already") {
		t.Errorf("a second start: %d %s", code, out)
	}
	if counts := b.control("counts"); !strings.Contains(counts, `"accepted":0`) {
		t.Errorf("looking has connected: %s", counts)
	}
	if out, code := b.run("restart"); code != 0 || !strings.Contains(out, "Restarting") {
		t.Errorf("restart: %d %s", code, out)
	}
	b.await("the port again", func(g status.Gateway) bool { return g.State == "listening" && g.Process.PID != nil })
	if out, code := b.run("stop"); code != 0 || !strings.Contains(out, "Stopped") {
		t.Errorf("stop: %d %s", code, out)
	}
	b.await("the end", in("down"))
	if left := b.processes(); len(left) != 0 {
		t.Errorf("processes left: %v", left)
	}
	for _, c := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{"version"}, 0, "gatelight"},
		{[]string{"--help"}, 0, "traffic light"},
		{[]string{"frobnicate"}, 64, "frobnicate"},
		{[]string{"status", "--gateway", "live"}, 64, "paper"},
		{[]string{"--config", "broken.toml", "status"}, 3, "broken.toml:2"},
		{[]string{"--config", "broken.toml", "start"}, 1, "broken.toml:2"},
	} {
		b.write("broken.toml", "notify = true\nprot = 4002\n")
		if out, code := b.run(c.args...); code != c.code || !strings.Contains(out, c.says) {
			t.Errorf("%v: %d %s, want %d and %q", c.args, code, out, c.code, c.says)
		}
	}
}

func TestWithoutADesktopTheLightIsInTheTerminal(t *testing.T) {
	b := newHarness(t, quick)
	light := b.startOnTerminal()
	b.await("a supervisor", func(g status.Gateway) bool { return exists(b.socket()) && g.State == "down" })
	if out, code := b.run("start"); code != 0 {
		t.Fatal(out)
	}
	b.await("connected", in("connected"))
	for _, want := range []string{"no desktop session", "Not running: paper (simulated)", "Connected: paper (simulated)"} {
		light.awaitOutput(want)
	}
	light.stop()
}

func TestEverythingIsInTheEventLogAndNothingSecretAnywhere(t *testing.T) {
	b := newHarness(t, quick)
	light := b.start("serve")
	b.await("a supervisor", func(g status.Gateway) bool { return exists(b.socket()) && g.State == "down" })
	b.run("start")
	b.await("connected", in("connected"))
	for _, pid := range b.processes() {
		for _, name := range []string{"cmdline", "environ"} {
			content, _ := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), name))
			if strings.Contains(string(content), "canary") {
				t.Errorf("the password is in the %s of process %d", name, pid)
			}
		}
	}
	b.run("stop")
	b.await("stopped", in("down"))
	light.stop()
	var states, commands []string
	log, err := os.ReadFile(filepath.Join(b.dir, "state", "events.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(log)) {
		var e struct {
			Kind, From, To, Text string
			Simulated            bool
		}
		if err := json.Unmarshal([]byte(line), &e); err != nil || !e.Simulated {
			t.Errorf("%v: %s", err, line)
		}
		if e.Kind == "state" && e.From != e.To {
			states = append(states, e.From+">"+e.To)
		}
		if e.Kind == "command" {
			commands = append(commands, fmt.Sprintf("%s after %d states", e.Text, len(states)))
		}
	}
	if want := []string{"unknown>down", "down>starting", "starting>listening", "listening>connected", "connected>down"}; !slices.Equal(states, want) {
		t.Errorf("the event log tells the states %q, want %q", states, want)
	}
	// IBC's answer to the stop command and the closed port arrive in either order.
	if len(commands) != 3 || commands[0] != "start after 1 states" || commands[1] != "stop after 4 states" || !strings.HasPrefix(commands[2], "stop: IBC closes the Gateway after ") {
		t.Errorf("the event log tells the commands %q", commands)
	}
	filepath.WalkDir(b.dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() || path == b.sim.Config {
			return nil
		}
		if content, _ := os.ReadFile(path); strings.Contains(string(content), "canary") {
			t.Errorf("the password is in %s", path)
		}
		return nil
	})
}

func TestAClickThatComesToNothingIsSaid(t *testing.T) {
	b := newHarness(t, quick)
	b.path = b.dir // no xdg-open there
	_, item := b.startTray()
	b.awaitIcon(item, "down-expected")
	b.click(item, "Gatelight", "Log")
	b.desktop.AwaitSummary("Could not open the log")
	b.click(item, "Gatelight", "Copy IBC config")
	if _, err := b.desktop.AwaitNotification(t.Context(), func(x fakedesktop.Notification) bool { return strings.Contains(x.Summary, "IBC config copied") }); err != nil {
		t.Fatal(err)
	}
}
