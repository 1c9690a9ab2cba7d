package tray

import (
	"context"
	"log/slog"
	"slices"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"
	"go.uber.org/goleak"

	"gatelight/supervisor"
	"gatelight/supervisor/testkit"
	"gatelight/tray/fakedesktop"
	"gatelight/tray/fakesupervisor"
	"gatelight/tray/sessionbus"
)

// These tests run the tray in this process, on a real session bus that dies, is
// late and comes back, with a panel and a notification service that do, too.

// A harness is a running tray. It must end cleanly.
type harness struct {
	*fakesupervisor.Supervisor
	t       *testing.T
	desktop *fakedesktop.Desktop
	quit    context.CancelFunc
	ended   chan error
}

func startTray(t *testing.T, d *fakedesktop.Desktop, o Options) *harness {
	t.Helper()
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", d.Address())
	ctx, quit := context.WithCancel(context.Background())
	h := &harness{Supervisor: fakesupervisor.New(now(supervisor.Down)), t: t, desktop: d, quit: quit, ended: make(chan error, 1)}
	o.Supervisor, o.Log = h.Supervisor, slog.New(slog.NewTextHandler(t.Output(), nil))
	go func() { h.ended <- Run(ctx, o) }()
	t.Cleanup(h.end)
	return h
}

// desktop is a fresh desktop, after which no goroutine is left.
func desktop(t *testing.T) *fakedesktop.Desktop {
	t.Helper()
	before := goleak.IgnoreCurrent()
	t.Cleanup(func() { goleak.VerifyNone(t, before) })
	return fakedesktop.Start(t)
}

// end quits, which must not take long in any situation.
func (h *harness) end() {
	h.t.Helper()
	h.quit()
	began := time.Now()
	select {
	case err := <-h.ended:
		if err != nil {
			h.t.Errorf("the tray ended with %v", err)
		}
		h.ended <- nil // end can be called again
	case <-time.After(testkit.Patience):
		h.t.Fatal("the tray does not end")
	}
	if took := time.Since(began); took > 2*time.Second {
		h.t.Errorf("quitting took %v", took)
	}
}

func (h *harness) item() *fakedesktop.Item {
	h.t.Helper()
	i, err := h.desktop.Item(h.t.Context())
	if err != nil {
		h.t.Fatal(err)
	}
	return i
}

// awaitTooltip waits for the tooltip, which changes with the icon. Icon and menu
// are not read here: the toolkit replaces what may be on its way to a panel at that
// moment, and the race detector is right about that. How they look is tested on the
// program itself, in e2e.
func (h *harness) awaitTooltip(i *fakedesktop.Item, state supervisor.State) {
	h.t.Helper()
	want := tooltip(now(state))
	h.await("the tooltip "+want, func() bool {
		got, err := i.ToolTip()
		return err == nil && got == want
	})
}

func (h *harness) await(what string, ok func() bool) {
	h.t.Helper()
	if err := h.desktop.Await(h.t.Context(), what, ok); err != nil {
		h.t.Fatal(err)
	}
}

func TestTheIconWaitsForABus(t *testing.T) {
	d := desktop(t)
	d.KillBus()
	h := startTray(t, d, Options{})
	h.Set(now(supervisor.CutOff))
	d.RestartBus()
	d.StartWatcher()
	h.awaitTooltip(h.item(), supervisor.CutOff)
}

func TestTheIconComesBackWithTheBus(t *testing.T) {
	d := desktop(t)
	h := startTray(t, d, Options{})
	h.awaitTooltip(h.item(), supervisor.Down)
	for _, state := range []supervisor.State{supervisor.Connected, supervisor.Zombies} {
		d.KillBus()
		h.Set(now(state))
		d.RestartBus()
		d.StartWatcher()
		back := time.Now()
		i := h.item()
		h.awaitTooltip(i, state)
		took := time.Since(back)
		t.Logf("the icon is back, with the new state, %v after the bus", took.Round(time.Millisecond))
		if took > 2*time.Second {
			t.Error("that is too late")
		}
		if n := d.Items(); n != 1 {
			t.Errorf("%d icons", n)
		}
	}
}

// What went wrong meanwhile is said as soon as the desktop is back, and not only
// at the next try.
func TestAlertsComeBackWithTheBus(t *testing.T) {
	d := desktop(t)
	h := startTray(t, d, Options{Notify: true})
	h.awaitTooltip(h.item(), supervisor.Down)
	d.KillBus()
	h.Tell(now(supervisor.Zombies), drop(1, "zombies"))
	d.RestartBus()
	d.StartNotifications()
	d.StartWatcher()
	back := time.Now()
	d.AwaitSummary("zombies")
	took := time.Since(back)
	t.Logf("the alert came %v after the bus", took.Round(time.Millisecond))
	if took > 2*time.Second {
		t.Error("that is too late")
	}
}

// A panel may come at any moment of our start, and as often as it likes.
func TestTheIconIsInEveryPanelThatComesAndOnce(t *testing.T) {
	d := desktop(t)
	d.StopWatcher()
	h := startTray(t, d, Options{})
	for range 5 {
		d.StartWatcher()
		h.awaitTooltip(h.item(), supervisor.Down)
		if n, r := d.Items(), d.Registrations(); n != 1 || r != 1 {
			t.Errorf("%d icons, registered %d times", n, r)
		}
		d.StopWatcher()
	}
}

// Some panels show an icon twice that registers twice, so ours must be known for
// what it is, under whichever name.
func TestTheIconIsRecognizedByTheConnectionThatItIsOn(t *testing.T) {
	d := desktop(t)
	h := startTray(t, d, Options{})
	h.item()
	item, err := dbus.SessionBus() // the toolkit's
	if err != nil {
		t.Fatal(err)
	}
	own, err := sessionbus.Connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { own.Close() })
	if there, err := isRegistered(t.Context(), own, item); err != nil || !there {
		t.Errorf("our icon is there: %v, %v", there, err)
	}
	if there, err := isRegistered(t.Context(), own, own); err != nil || there {
		t.Errorf("a connection without an icon is there: %v, %v", there, err)
	}
	if n := d.Registrations(); n != 1 {
		t.Errorf("registered %d times", n)
	}
}

func TestQuittingIsCleanInEverySituation(t *testing.T) {
	for name, s := range map[string]struct{ before, during func(*fakedesktop.Desktop) }{
		"an icon":       {},
		"no bus":        {before: (*fakedesktop.Desktop).KillBus},
		"no panel":      {before: (*fakedesktop.Desktop).StopWatcher},
		"the bus gone":  {during: (*fakedesktop.Desktop).KillBus},
		"no service":    {during: (*fakedesktop.Desktop).StopNotifications},
		"service hangs": {during: func(d *fakedesktop.Desktop) { d.HangNotifications(true) }},
	} {
		t.Run(name, func(t *testing.T) {
			d := desktop(t)
			if s.before != nil {
				s.before(d)
			}
			h := startTray(t, d, Options{Notify: true})
			if s.before == nil {
				h.item()
			}
			if s.during != nil {
				s.during(d)
			}
			h.Tell(now(supervisor.Down), drop(1, "down"))
			h.end()
		})
	}
}

func TestABusThatHangsKeepsNobodyFromQuitting(t *testing.T) {
	d := desktop(t)
	h := startTray(t, d, Options{Notify: true})
	h.item()
	d.FreezeBus(true)
	h.Set(now(supervisor.Zombies))
	h.end()
	d.FreezeBus(false)
}

func TestABusThatHangsFromTheStartKeepsNobodyFromQuitting(t *testing.T) {
	d := desktop(t)
	d.FreezeBus(true)
	h := startTray(t, d, Options{Notify: true})
	h.end()
	d.FreezeBus(false)
}

func TestAnAlertsButtonsDoWhatAClickDoes(t *testing.T) {
	d := desktop(t)
	logs := make(chan struct{}, 1)
	h := startTray(t, d, Options{Notify: true, OpenLog: func(string) error { logs <- struct{}{}; return nil }})
	stuck := now(supervisor.Zombies)
	stuck.Process.PID, stuck.Process.By = 4711, supervisor.ByGatelight
	stuck.Clients = []supervisor.Client{{Self: true}, {}, {}}
	clearable := stuck
	clearable.Process.Controls.KeepsLogin, clearable.Clients = true, nil
	for _, c := range []struct {
		g      supervisor.Snapshot
		button string
		does   supervisor.Action
	}{
		{now(supervisor.Down), "Start Gateway", supervisor.Start},
		{stuck, "Restart (disconnects 2)", supervisor.Restart},
		{clearable, "Restart Gateway", supervisor.ClearZombies},
		{now(supervisor.Down), "Show log", ""},
	} {
		id := uint64(len(d.Notifications()) + 1)
		title := "incident " + c.button
		h.Tell(c.g, drop(id, title))
		b := d.AwaitSummary(title)
		if n := len(b.Actions); n != 2 || b.Actions[n-1].Label != "Show log" {
			t.Errorf("%s", b)
		}
		for _, a := range b.Actions {
			if a.Label == c.button {
				h.await("the notification", func() bool { return len(d.Shown()) > 0 })
				d.InvokeAction(b.ID, a.Key)
			}
		}
		if c.does == "" {
			<-logs
			continue
		}
		h.await(c.button, func() bool {
			return slices.Contains(h.Requests(), fakesupervisor.Request{Gateway: "paper", Action: c.does})
		})
	}
}
