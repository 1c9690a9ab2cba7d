package e2e

import (
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"gatelight/supervisor/status"
	"gatelight/supervisor/testkit"
	"gatelight/tray/fakedesktop"
)

// The desktop comes late, dies and comes back under the program itself.

// restartDesktop brings back a desktop whose bus was killed, and waits for the
// icon on it.
func (b *harness) restartDesktop() *fakedesktop.Item {
	b.t.Helper()
	b.desktop.RestartBus()
	b.desktop.StartNotifications()
	b.desktop.StartWatcher()
	item, err := b.desktop.Item(b.t.Context())
	if err != nil {
		b.t.Fatal(err)
	}
	return item
}

// TestALoginStartsItBeforeTheDesktop: started without a terminal it supervises
// at once, and shows the light when there is somewhere to show it.
func TestALoginStartsItBeforeTheDesktop(t *testing.T) {
	t.Parallel() // it waits most of the time
	b := newHarness(t, quick)
	b.desktop = fakedesktop.Start(t)
	b.desktop.KillBus()
	light := b.start()
	light.awaitOutput("Waiting for a desktop tray")
	b.await("a supervisor", func(g status.Gateway) bool { return exists(b.socket()) && g.State == "down" })
	item := b.restartDesktop()
	b.startGateway(item)
}

func TestSupervisionGoesOnWhileTheDesktopIsAway(t *testing.T) {
	t.Parallel() // it waits most of the time
	for name, view := range map[string]bool{"the supervisor itself": false, "a view": true} {
		t.Run(name, func(t *testing.T) {
			b := newHarness(t, quick)
			if view {
				b.start("serve")
				b.await("a supervisor", func(g status.Gateway) bool { return g.State == "down" && exists(b.socket()) })
			}
			light, item := b.startTray()
			b.awaitIcon(item, "down-expected")
			pid := light.Process.Pid
			b.desktop.KillBus()
			if out, code := b.run("start"); code != 0 {
				t.Fatal(out)
			}
			b.await("connected", in("connected"))
			item = b.restartDesktop()
			b.awaitIcon(item, "connected")
			if n := b.desktop.Items(); n != 1 || light.Process.Pid != pid {
				t.Errorf("%d icons", n)
			}
			b.desktop.KillBus()
			light.stop()
			if strings.Contains(light.output.String(), "panic") {
				t.Errorf("%s", light.output)
			}
		})
	}
}

func TestASecondStartSaysWhereTheLightIs(t *testing.T) {
	b := newHarness(t, quick)
	_, item := b.startTray()
	b.awaitIcon(item, "down-expected")
	if out, code := b.run(); code != 0 || !strings.Contains(out, "in the menu bar already") {
		t.Errorf("a second start: %d %s", code, out)
	}
	if _, err := b.desktop.AwaitNotification(t.Context(), func(x fakedesktop.Notification) bool {
		return x.Summary == "Gatelight is running already" && strings.Contains(x.Body, "in the menu bar already")
	}); err != nil {
		t.Error(err)
	}
	if n := b.desktop.Items(); n != 1 {
		t.Errorf("%d icons", n)
	}
}

// A view may find that its supervisor has come back with other Gateways. Its new
// menu works as the old one did, also after the desktop has gone and come back.
func TestAMenuOfOtherGatewaysIsClickedAsTheFirst(t *testing.T) {
	b := newHarness(t, quick)
	paper := examples[0].snapshot(0)
	live := paper
	live.Name = "live"
	s := newFakeSupervisor(t, b, paper)
	_, item := b.startTray()
	click := func(of string) { // its Keep running
		t.Helper()
		b.awaitMenu(item, of)
		menu, err := item.Menu()
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range menu {
			if strings.Contains(e.Label, of) && len(e.Children) > 0 {
				menu = e.Children
			}
		}
		i := slices.IndexFunc(menu, func(e fakedesktop.Entry) bool { return strings.HasPrefix(e.Label, "Keep running") })
		if err := item.ClickID(menu[i].ID); err != nil {
			t.Fatal(err)
		}
		select {
		case <-s.done:
		case <-time.After(testkit.Patience):
			t.Fatalf("the click on Keep running of %s was lost", of)
		}
	}
	click(": paper (")
	s.tell(paper, live)
	click(": live (")
	b.desktop.KillBus()
	b.desktop.RestartBus()
	b.desktop.StartWatcher()
	var err error
	if item, err = b.desktop.Item(t.Context()); err != nil {
		t.Fatal(err)
	}
	click(": live (")
}

func TestAlertsArePausedFromTheMenu(t *testing.T) {
	b := newHarness(t, quick)
	_, item := b.startTray()
	b.awaitIcon(item, "down-expected")
	b.awaitMenu(item, "Alerts are shown by fakedesktop 1")
	b.click(item, "Gatelight", "Pause alerts for an hour")
	b.awaitMenu(item, "alerts paused until")
	if _, err := os.ReadFile(b.dir + "/state/paused-until"); err != nil {
		t.Errorf("the pause is not remembered: %v", err)
	}
	menu, err := item.Menu()
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range menu {
		if strings.HasPrefix(e.Label, "Gatelight (alerts paused until") {
			if err := item.Click(e.Label, "Show alerts again"); err != nil {
				t.Fatal(err)
			}
		}
	}
	b.awaitMenu(item, "Pause alerts")
}

// Zombies that were there from the start kept Gatelight from ever asking the API.
func TestClearingFromTheTerminalSaysWhatWasProven(t *testing.T) {
	for want, proven := range map[string]bool{
		"The zombies are gone, and the API answers.\n":                   true,
		"The zombies are gone. Whether the API answers was not asked.\n": false,
	} {
		b := newHarness(t, quick)
		stuck, cured := examples[3].snapshot(0), examples[0].snapshot(0)
		cured.Verified = proven
		s := newFakeSupervisor(t, b, stuck)
		s.on(cured)
		out, code := b.run("clear-zombies", "--yes")
		if code != 0 || !strings.HasSuffix(out, want) {
			t.Errorf("status %d, %q; want it to end with %q", code, out, want)
		}
	}
}
