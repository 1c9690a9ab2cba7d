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
	"gatelight/tray/fakedesktop"
)

// These tests run the tray in this process, on a real session bus that dies, is
// late and comes back, with a panel and a notification service that do, too.

// patience is how long the end may be awaited before the test gives up.
const patience = 10 * time.Second

// A light is a running tray. It must end cleanly.
type light struct {
	*stand
	t     *testing.T
	desk  *fakedesktop.Desktop
	quit  context.CancelFunc
	ended chan error
}

func shine(t *testing.T, d *fakedesktop.Desktop, o Options) *light {
	t.Helper()
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", d.Address())
	ctx, quit := context.WithCancel(context.Background())
	l := &light{stand: newStand(now(supervisor.Down)), t: t, desk: d, quit: quit, ended: make(chan error, 1)}
	o.Supervisor, o.Log = l.stand, slog.New(slog.NewTextHandler(t.Output(), nil))
	go func() { l.ended <- Run(ctx, o) }()
	t.Cleanup(l.end)
	return l
}

// desktop is a fresh desktop, after which no goroutine is left.
func desktop(t *testing.T) *fakedesktop.Desktop {
	t.Helper()
	before := goleak.IgnoreCurrent()
	t.Cleanup(func() { goleak.VerifyNone(t, before) })
	return fakedesktop.Start(t)
}

// end quits, which must not take long in any situation.
func (l *light) end() {
	l.t.Helper()
	l.quit()
	began := time.Now()
	select {
	case err := <-l.ended:
		if err != nil {
			l.t.Errorf("the tray ended with %v", err)
		}
		l.ended <- nil // end can be called again
	case <-time.After(patience):
		l.t.Fatal("the tray does not end")
	}
	if took := time.Since(began); took > 2*time.Second {
		l.t.Errorf("quitting took %v", took)
	}
}

func (l *light) item() *fakedesktop.Item {
	l.t.Helper()
	i, err := l.desk.Item(l.t.Context())
	if err != nil {
		l.t.Fatal(err)
	}
	return i
}

// awaitTip stands for the icon. That and the menu are not read here: the toolkit
// replaces what may be on its way to a panel at that moment, and the race detector
// is right about that. How they look is tested on the program itself.
func (l *light) awaitTip(i *fakedesktop.Item, state supervisor.State) {
	l.t.Helper()
	want := "Gateway paper: " + now(state).Title()
	l.await("the tooltip "+want, func() bool {
		got, err := i.ToolTip()
		return err == nil && got == want
	})
}

func (l *light) await(what string, ok func() bool) {
	l.t.Helper()
	if err := l.desk.Await(l.t.Context(), what, ok); err != nil {
		l.t.Fatal(err)
	}
}

func TestTheIconWaitsForABus(t *testing.T) {
	d := desktop(t)
	d.KillBus()
	l := shine(t, d, Options{})
	l.set(now(supervisor.CutOff))
	d.RestartBus()
	d.StartWatcher()
	l.awaitTip(l.item(), supervisor.CutOff)
}

func TestTheIconComesBackWithTheBus(t *testing.T) {
	d := desktop(t)
	l := shine(t, d, Options{})
	l.awaitTip(l.item(), supervisor.Down)
	for _, state := range []supervisor.State{supervisor.Connected, supervisor.Zombies} {
		d.KillBus()
		l.set(now(state))
		d.RestartBus()
		d.StartWatcher()
		back := time.Now()
		i := l.item()
		l.awaitTip(i, state)
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
	l := shine(t, d, Options{Notify: true})
	l.awaitTip(l.item(), supervisor.Down)
	d.KillBus()
	l.tell(now(supervisor.Zombies), drop(1, "zombies"))
	d.RestartBus()
	d.StartNotifications()
	d.StartWatcher()
	back := time.Now()
	awaitBubble(t, d, "zombies")
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
	l := shine(t, d, Options{})
	for range 5 {
		d.StartWatcher()
		l.awaitTip(l.item(), supervisor.Down)
		if n, r := d.Items(), d.Registrations(); n != 1 || r != 1 {
			t.Errorf("%d icons, registered %d times", n, r)
		}
		d.StopWatcher()
	}
}

// Some panels show an icon twice that registers twice, so ours must be known for
// what it is, under whichever name.
func TestTheIconIsRecognized(t *testing.T) {
	d := desktop(t)
	l := shine(t, d, Options{})
	l.item()
	item, err := dbus.SessionBus() // the toolkit's
	if err != nil {
		t.Fatal(err)
	}
	own, err := privateBus(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { own.Close() })
	if there, err := inPanel(t.Context(), own, item); err != nil || !there {
		t.Errorf("our icon is there: %v, %v", there, err)
	}
	if there, err := inPanel(t.Context(), own, own); err != nil || there {
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
			l := shine(t, d, Options{Notify: true})
			if s.before == nil {
				l.item()
			}
			if s.during != nil {
				s.during(d)
			}
			l.tell(now(supervisor.Down), drop(1, "down"))
			l.end()
		})
	}
}

func TestABusThatHangsKeepsNobodyFromQuitting(t *testing.T) {
	d := desktop(t)
	l := shine(t, d, Options{Notify: true})
	l.item()
	d.FreezeBus(true)
	l.set(now(supervisor.Zombies))
	l.end()
	d.FreezeBus(false)
}

func TestABusThatHangsFromTheStartKeepsNobodyFromQuitting(t *testing.T) {
	d := desktop(t)
	d.FreezeBus(true)
	l := shine(t, d, Options{Notify: true})
	l.end()
	d.FreezeBus(false)
}

func TestAnAlertsButtonsDoWhatAClickDoes(t *testing.T) {
	d := desktop(t)
	logs := make(chan struct{}, 1)
	l := shine(t, d, Options{Notify: true, OpenLog: func(string) error { logs <- struct{}{}; return nil }})
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
		id := uint64(len(d.Bubbles()) + 1)
		title := "incident " + c.button
		l.tell(c.g, drop(id, title))
		b := awaitBubble(t, d, title)
		if n := len(b.Actions); n != 2 || b.Actions[n-1].Label != "Show log" {
			t.Errorf("%s", b)
		}
		for _, a := range b.Actions {
			if a.Label == c.button {
				l.await("the bubble", func() bool { return len(d.Showing()) > 0 })
				d.InvokeAction(b.ID, a.Key)
			}
		}
		if c.does == "" {
			<-logs
			continue
		}
		l.await(c.button, func() bool {
			return slices.Contains(l.did(), Command{Gateway: "paper", Action: c.does})
		})
	}
}
