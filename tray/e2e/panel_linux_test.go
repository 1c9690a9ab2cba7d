//go:build panel

package e2e

import (
	"slices"
	"strings"
	"syscall"
	"testing"

	"gatelight/supervisor/simgateway"
	"gatelight/supervisor/status"
	"gatelight/supervisor/testkit"
	"gatelight/tray/fakedesktop"
	"gatelight/tray/panel"
)

// These tests run the program on a real panel, look at it with the eyes of a
// person and click with a pointer: make e2e.

// A panelHarness is a bench with a real desktop.
type panelHarness struct {
	*harness
	*panel.Screen
}

func newPanelHarness(t *testing.T, o simgateway.Options) panelHarness {
	t.Helper()
	return newPanelHarnessOf(t, panel.XFCE, o)
}

func newPanelHarnessOf(t *testing.T, kind panel.Kind, o simgateway.Options) panelHarness {
	t.Helper()
	screen := startPanelOf(t, kind)
	s := panelHarness{newHarness(t, o), screen}
	s.env = screen.Env()
	return s
}

// startPanel starts a real desktop. It ends after all that the test starts later:
// what is still on it by then was left behind.
func startPanel(t *testing.T) *panel.Screen {
	t.Helper()
	return startPanelOf(t, panel.XFCE)
}

func startPanelOf(t *testing.T, kind panel.Kind) *panel.Screen {
	t.Helper()
	screen, err := panel.Start(testkit.ShortDir(t), panel.Options{Kind: kind, Dark: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := screen.Close(); err != nil {
			t.Error(err)
		}
	})
	return screen
}

// awaitIcon insists on a simulated picture in the panel.
func (s panelHarness) awaitIcon(name string) {
	s.t.Helper()
	if _, err := s.AwaitIcon(panel.Picture{Name: name, Simulated: true}); err != nil {
		s.keepShot("no-" + name + "-" + s.t.Name())
		s.t.Fatal(err)
	}
}

func (s panelHarness) awaitMenu(texts ...string) {
	s.t.Helper()
	for _, want := range texts {
		if err := s.AwaitMenu(want); err != nil {
			s.t.Fatal(err)
		}
	}
}

func (s panelHarness) choose(labels ...string) {
	s.t.Helper()
	if err := s.Choose(labels...); err != nil {
		s.t.Fatal(err)
	}
}

// startGateway starts the Gateway for the first time, by a click, and waits until
// it is connected.
func (s panelHarness) startGateway() {
	s.t.Helper()
	s.awaitIcon("down-expected")
	s.choose("Start")
	s.awaitIcon("connected")
}

func (s panelHarness) awaitNotification(summary string) panel.Notification {
	s.t.Helper()
	b, err := s.AwaitNotification(summary)
	if err != nil {
		s.t.Fatal(err)
	}
	return b
}

func (s panelHarness) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

func TestOnAPanelEveryStateShowsAndEveryClickArrives(t *testing.T) {
	o := quick
	o.TwoFactor, o.RelaunchDelay = simgateway.Never, 2*quick.LaunchDelay
	s := newPanelHarness(t, o)
	tray := s.start()
	s.awaitIcon("down-expected")
	s.awaitMenu("Not running: paper (simulated)")

	s.choose("Start")
	s.awaitIcon("two-factor")
	s.awaitMenu("Approve login")
	s.control("approve")
	s.awaitIcon("connected")
	s.awaitMenu("Connected: paper (simulated), since", "The API answers; no other client", "Gatelight (monitor)")

	s.control("link down")
	s.awaitIcon("cut-off")
	s.awaitMenu("Cut off from IBKR")
	s.control("link up")
	s.awaitIcon("connected")

	s.control("hang")
	s.awaitIcon("silent")
	s.control("resume")
	s.awaitIcon("connected")

	s.control("stick")
	s.control("probe 2 1s")
	s.awaitIcon("zombies")
	s.awaitMenu("opened by "+simgateway.ProbeName, "Only a restart clears them")
	if b := s.awaitNotification("API blocked"); !strings.Contains(b.Body, "2 sockets stuck in CLOSE_WAIT") || !b.Urgent {
		t.Errorf("%+v", b)
	}
	before := s.await("zombies", in("zombies"))
	s.choose("Clear zombies…", "Restart it")
	s.awaitIcon("starting")
	s.awaitIcon("connected")
	after := s.await("connected", in("connected"))
	if len(after.Zombies) != 0 || *after.Listener.PID == *before.Listener.PID {
		t.Errorf("the zombies were not cleared by a restart: %+v", after)
	}

	s.awaitNotification("Zombies cleared")
	s.must(syscall.Kill(*after.Listener.PID, syscall.SIGKILL))
	s.awaitIcon("down")
	s.awaitMenu("Down: paper (simulated)", "it was killed")
	if b := s.awaitNotification("Down: paper"); !strings.Contains(b.Body, "it was killed") || !b.Urgent {
		t.Errorf("%+v", b)
	}

	s.choose("Start")
	s.awaitIcon("two-factor")
	s.control("approve")
	s.awaitIcon("connected")
	s.choose("Stop")
	s.awaitIcon("down-expected")
	s.await("stopped", func(g status.Gateway) bool { return g.Expected && g.Process.PID == nil && g.Busy == "" })

	s.choose("Quit")
	tray.awaitEnd()
}

func TestOnAPanelAlertsArePausedFromTheMenu(t *testing.T) {
	s := newPanelHarness(t, quick)
	s.start()
	s.startGateway()
	s.choose("Gatelight", "Pause alerts for an hour")
	s.awaitMenu("alerts paused until")
	g := s.await("connected", in("connected"))
	s.must(syscall.Kill(*g.Listener.PID, syscall.SIGKILL))
	s.awaitIcon("down")
	entries, err := s.Menu()
	s.must(err)
	if text := fakedesktop.Text(entries); !strings.Contains(text, "Show alerts again") {
		t.Errorf("the pause cannot be ended:\n%s", text)
	}
	shown, err := s.CloseNotifications()
	s.must(err)
	if len(shown) != 0 {
		t.Errorf("an alert came through the pause: %+v", shown)
	}
	s.choose(pauseLabel(entries), "Show alerts again")
	s.awaitMenu("Pause alerts")
	s.awaitNotification("Down: paper") // it still holds
	s.choose("Start")
	s.awaitIcon("connected")
	s.awaitNotification("Connected: paper")
}

// A red notification stays until it is waved away, and must not say for so long what
// has become untrue.
func TestOnAPanelNotificationsAreTakenBackWhenTheyBecomeUntrue(t *testing.T) {
	s := newPanelHarness(t, quick)
	s.start()
	s.awaitIcon("down-expected")
	up := func() {
		t.Helper()
		s.choose("Start")
		s.awaitIcon("connected")
	}
	drop := func() {
		t.Helper()
		s.must(syscall.Kill(*s.await("connected", in("connected")).Listener.PID, syscall.SIGKILL))
		s.awaitIcon("down")
		s.must(s.AwaitShown(1))
	}
	up()
	drop()
	up()
	s.must(s.AwaitShown(1))
	drop() // at once: in place of the one that says that all is well
	if b := s.awaitNotification("Down: paper"); !b.Urgent {
		t.Errorf("%+v", b)
	}
	up()
	s.awaitNotification("Connected: paper")

	drop()
	s.choose("Gatelight", "Pause alerts for an hour")
	s.awaitMenu("alerts paused until")
	s.must(s.AwaitShown(1))
	up()
	s.must(s.AwaitShown(0))
	entries, err := s.Menu()
	s.must(err)
	s.choose(pauseLabel(entries), "Show alerts again")
	s.must(s.AwaitShown(1))
	s.awaitNotification("Connected: paper")

	drop()
	s.StopDunst()
	s.must(s.StartDunst())
	up()
	s.must(s.AwaitShown(1))
	s.awaitNotification("Connected: paper")
}

// pauseLabel is the entry with the time until which alerts are paused.
func pauseLabel(menu []fakedesktop.Entry) string {
	i := slices.IndexFunc(menu, func(e fakedesktop.Entry) bool { return strings.HasPrefix(e.Label, "Gatelight (alerts paused") })
	if i < 0 {
		return "Gatelight (alerts paused"
	}
	return menu[i].Label
}

func TestOnAPanelTheViewOfASilentSupervisorTurnsGrey(t *testing.T) {
	t.Parallel() // it waits most of the time
	s := newPanelHarness(t, quick)
	serve := s.start("serve")
	s.await("a supervisor", func(g status.Gateway) bool { return g.State == "down" && exists(s.socket()) })
	s.start()
	s.startGateway()
	serve.freeze(true)
	s.awaitIcon("unknown")
	serve.freeze(false)
	s.awaitIcon("connected")
}

func TestOnAPanelTheLightComesBackWithTheBus(t *testing.T) {
	s := newPanelHarness(t, quick)
	s.start()
	s.startGateway()
	s.must(s.KillBus())
	s.must(s.RestoreBus())
	s.awaitIcon("connected")
	g := s.await("connected", in("connected"))
	s.must(syscall.Kill(*g.Listener.PID, syscall.SIGKILL))
	s.awaitIcon("down")
	s.awaitNotification("Down: paper")
	s.choose("Start")
	s.awaitIcon("connected")
}
