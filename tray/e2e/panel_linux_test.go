//go:build panel

package e2e

import (
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"

	"gatelight/supervisor/simgateway"
	"gatelight/supervisor/status"
	"gatelight/tray/fakedesktop"
	"gatelight/tray/panel"
)

// These tests run the program on a real panel, look at it with the eyes of a
// person and click with a pointer: make e2e.

// A seat is a bench with a real desktop.
type seat struct {
	*bench
	*panel.Screen
}

func newSeat(t *testing.T, o simgateway.Options) seat {
	t.Helper()
	dir, err := os.MkdirTemp("", "panel-") // short enough for sockets
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	screen, err := panel.Start(dir, panel.Options{Dark: true})
	if err != nil {
		t.Fatal(err)
	}
	// After all that the bench ends, and before its own check: what is still on
	// the desktop by then was left behind.
	t.Cleanup(func() {
		if err := screen.Close(); err != nil {
			t.Error(err)
		}
	})
	s := seat{newBench(t, o), screen}
	s.env = screen.Env()
	return s
}

// shows insists on a simulated picture in the panel.
func (s seat) shows(name string) {
	s.t.Helper()
	if _, err := s.AwaitIcon(panel.Picture{Name: name, Simulated: true}); err != nil {
		s.t.Fatal(err)
	}
}

func (s seat) says(texts ...string) {
	s.t.Helper()
	for _, want := range texts {
		if err := s.AwaitMenu(want); err != nil {
			s.t.Fatal(err)
		}
	}
}

func (s seat) choose(labels ...string) {
	s.t.Helper()
	if err := s.Choose(labels...); err != nil {
		s.t.Fatal(err)
	}
}

func (s seat) bubble(summary string) panel.Bubble {
	s.t.Helper()
	b, err := s.AwaitBubble(summary)
	if err != nil {
		s.t.Fatal(err)
	}
	return b
}

func (s seat) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

func TestOnAPanelEveryStateShowsAndEveryClickArrives(t *testing.T) {
	o := quick
	o.TwoFactor, o.RelaunchDelay = simgateway.Never, 2*quick.LaunchDelay
	s := newSeat(t, o)
	tray := s.start()
	s.shows("down-expected")
	s.says("Simulated Gateway paper: not running")

	s.choose("Start")
	s.shows("two-factor")
	s.says("waiting for two-factor approval")
	s.control("approve")
	s.shows("connected")
	s.says("Simulated Gateway paper: connected for", "The API answers; no other client", "Client Gatelight itself")

	s.control("link down")
	s.shows("cut-off")
	s.says("cut off from IBKR")
	s.control("link up")
	s.shows("connected")

	s.control("hang")
	s.shows("listening")
	s.control("resume")
	s.shows("connected")

	s.control("stick")
	s.control("probe 2 1s")
	s.shows("zombies")
	s.says("made by "+simgateway.ProbeName, "Only a restart clears them")
	if b := s.bubble("blocked by zombies"); !strings.Contains(b.Body, "2 sockets stuck in CLOSE_WAIT") || !b.Urgent {
		t.Errorf("%+v", b)
	}
	before := s.await("zombies", in("zombies"))
	s.choose("Clear zombies…", "Restart it")
	s.shows("starting")
	s.shows("connected")
	after := s.await("connected", in("connected"))
	if len(after.Zombies) != 0 || *after.Listener.PID == *before.Listener.PID {
		t.Errorf("the zombies were not cleared by a restart: %+v", after)
	}

	s.bubble("zombies cleared")
	s.must(syscall.Kill(*after.Listener.PID, syscall.SIGKILL))
	s.shows("down")
	s.says("Simulated Gateway paper: down", "it was killed")
	if b := s.bubble("paper: down"); !strings.Contains(b.Body, "it was killed") || !b.Urgent {
		t.Errorf("%+v", b)
	}

	s.choose("Start")
	s.shows("two-factor")
	s.control("approve")
	s.shows("connected")
	s.choose("Stop")
	s.shows("down-expected")
	s.await("stopped", func(g status.Gateway) bool { return g.Expected && g.Process.PID == nil && g.Busy == "" })

	s.choose("Quit")
	tray.awaitEnd()
}

func TestOnAPanelAlertsArePausedFromTheMenu(t *testing.T) {
	s := newSeat(t, quick)
	s.start()
	s.shows("down-expected")
	s.choose("Start")
	s.shows("connected")
	s.choose("Pause alerts", "For an hour")
	s.says("Alerts are paused until")
	g := s.await("connected", in("connected"))
	s.must(syscall.Kill(*g.Listener.PID, syscall.SIGKILL))
	s.shows("down")
	entries, err := s.Menu()
	s.must(err)
	if text := fakedesktop.Text(entries); !strings.Contains(text, "Show them again") {
		t.Errorf("the pause cannot be ended:\n%s", text)
	}
	shown, err := s.Bubbles()
	s.must(err)
	if len(shown) != 0 {
		t.Errorf("an alert came through the pause: %+v", shown)
	}
	s.choose(pauseLabel(entries), "Show them again")
	s.says("Pause alerts")
	s.bubble("paper: down") // it still holds
	s.choose("Start")
	s.shows("connected")
	s.bubble("paper: connected")
}

// A red bubble stays until it is waved away, and must not say for so long what
// has become untrue.
func TestOnAPanelBubblesAreTakenBackWhenTheyBecomeUntrue(t *testing.T) {
	s := newSeat(t, quick)
	s.start()
	s.shows("down-expected")
	up := func() {
		t.Helper()
		s.choose("Start")
		s.shows("connected")
	}
	drop := func() {
		t.Helper()
		s.must(syscall.Kill(*s.await("connected", in("connected")).Listener.PID, syscall.SIGKILL))
		s.shows("down")
		s.must(s.AwaitShown(1))
	}
	up()
	drop()
	up()
	s.must(s.AwaitShown(1))
	drop() // at once: in place of the one that says that all is well
	if b := s.bubble("paper: down"); !b.Urgent {
		t.Errorf("%+v", b)
	}
	up()
	s.bubble("paper: connected")

	drop()
	s.choose("Pause alerts", "For an hour")
	s.says("Alerts are paused until")
	s.must(s.AwaitShown(1))
	up()
	s.must(s.AwaitShown(0))
	entries, err := s.Menu()
	s.must(err)
	s.choose(pauseLabel(entries), "Show them again")
	s.must(s.AwaitShown(1))
	s.bubble("paper: connected")

	drop()
	s.StopDunst()
	s.must(s.StartDunst())
	up()
	s.must(s.AwaitShown(1))
	s.bubble("paper: connected")
}

// pauseLabel is the entry with the time until which alerts are paused.
func pauseLabel(menu []fakedesktop.Entry) string {
	i := slices.IndexFunc(menu, func(e fakedesktop.Entry) bool { return strings.HasPrefix(e.Label, "Alerts are paused") })
	if i < 0 {
		return "Alerts are paused"
	}
	return menu[i].Label
}

func TestOnAPanelTheViewOfASilentSupervisorTurnsGrey(t *testing.T) {
	s := newSeat(t, quick)
	serve := s.start("serve")
	s.await("a supervisor", func(g status.Gateway) bool { return g.State == "down" && exists(s.socket()) })
	s.start()
	s.shows("down-expected")
	s.choose("Start")
	s.shows("connected")
	serve.freeze(true)
	s.shows("unknown")
	serve.freeze(false)
	s.shows("connected")
}

func TestOnAPanelTheLightComesBackWithThePanel(t *testing.T) {
	s := newSeat(t, quick)
	s.start()
	s.shows("down-expected")
	s.choose("Start")
	s.shows("connected")
	for range 3 {
		s.StopPanel()
		s.must(s.StartPanel())
		s.shows("connected")
	}
	s.StopDunst()
	g := s.await("connected", in("connected"))
	s.must(s.StartDunst())
	s.must(syscall.Kill(*g.Listener.PID, syscall.SIGKILL))
	s.shows("down")
	s.bubble("paper: down")
}

func TestOnAPanelTheLightComesBackWithTheBus(t *testing.T) {
	s := newSeat(t, quick)
	s.start()
	s.shows("down-expected")
	s.choose("Start")
	s.shows("connected")
	s.must(s.KillBus())
	s.must(s.RestoreBus())
	s.shows("connected")
	g := s.await("connected", in("connected"))
	s.must(syscall.Kill(*g.Listener.PID, syscall.SIGKILL))
	s.shows("down")
	s.bubble("paper: down")
	s.choose("Start")
	s.shows("connected")
}
