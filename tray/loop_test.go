package tray

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"gatelight/supervisor"
	"gatelight/tray/alerts"
	"gatelight/tray/fakesupervisor"
)

// withLoop runs the loop alone, in simulated time and without a toolkit.
func withLoop(t *testing.T, o Options, test func(u *ui, s *fakesupervisor.Supervisor)) {
	synctest.Test(t, func(t *testing.T) {
		s := fakesupervisor.New(now(supervisor.Down))
		o.Supervisor, o.Log = s, slog.New(slog.DiscardHandler)
		ctx, quit := context.WithCancel(t.Context())
		u := newUI(ctx, o, quit)
		u.alerts = &fakePresenter{}
		var wg sync.WaitGroup
		wg.Go(func() { u.loop(ctx) })
		test(u, s)
		quit()
		wg.Wait()
		u.tasks.Wait()
	})
}

func TestTenThousandChangesAMinuteMakeAtMostTenMenusASecond(t *testing.T) {
	withLoop(t, Options{}, func(u *ui, s *fakesupervisor.Supervisor) {
		stop := make(chan struct{})
		var painted int
		var newest Menu
		var wg sync.WaitGroup
		var mu sync.Mutex
		wg.Go(func() {
			for {
				select {
				case m := <-u.menus:
					mu.Lock()
					painted++
					newest = m
					mu.Unlock()
				case <-stop:
					return
				}
			}
		})
		change := time.NewTicker(6 * time.Millisecond)
		states := []supervisor.State{supervisor.Connected, supervisor.CutOff, supervisor.Listening}
		for i := range 10_000 {
			<-change.C
			s.Set(now(states[i%len(states)]))
		}
		s.Set(now(supervisor.Zombies))
		time.Sleep(menuInterval) // simulated
		synctest.Wait()
		mu.Lock()
		if newest.Icon != "zombies" {
			t.Errorf("%v after the last change the icon shows %s", menuInterval, newest.Icon)
		}
		if painted > 602 {
			t.Errorf("%d menus in a minute", painted)
		}
		mu.Unlock()
		close(stop)
		wg.Wait()
	})
}

func TestAPainterThatIsHeldUpHoldsUpNobodyAndFindsTheNewest(t *testing.T) {
	opened := make(chan struct{}, 100)
	withLoop(t, Options{OpenLog: func(string) error { opened <- struct{}{}; return nil }}, func(u *ui, s *fakesupervisor.Supervisor) {
		at := clickOn(t, u, "Log")
		for range 50 {
			s.Set(now(supervisor.CutOff))
			sendClick(u, at)
			time.Sleep(menuInterval) // simulated; nobody paints
		}
		s.Set(now(supervisor.Connected))
		time.Sleep(menuInterval)
		synctest.Wait()
		if n := len(opened); n != 50 {
			t.Errorf("%d of 50 clicks were carried out", n)
		}
		if m := <-u.menus; m.Icon != "connected" {
			t.Errorf("the painter finds %s", m.Icon)
		}
	})
}

func sendClick(u *ui, c click) { u.queue <- func() { u.clicked(context.Background(), c) } }

func sendPress(u *ui, p alerts.Press) { u.queue <- func() { u.pressed(context.Background(), p) } }

// clickOn is a click on the entry with that title.
func clickOn(t *testing.T, u *ui, title string) click {
	t.Helper()
	var look func(items []Item, above []int) []int
	look = func(items []Item, above []int) []int {
		for i, it := range items {
			here := append(slices.Clone(above), i)
			if it.Title == title {
				return here
			}
			if found := look(it.Children, here); found != nil {
				return found
			}
		}
		return nil
	}
	m := View(u.Supervisor.Latest(), Program{}, supervisor.Now())
	found := look(m.Items, nil)
	if found == nil {
		t.Fatalf("no entry %q", title)
	}
	return click{m.Shape, found}
}

func TestAClickIsForWhatWasClickedOrForNothing(t *testing.T) {
	running := func() supervisor.Snapshot { // made when the simulated time has begun
		g := now(supervisor.Connected)
		g.Process.PID, g.Process.By = 4711, supervisor.ByGatelight
		return g
	}
	for name, c := range map[string]struct {
		then func(*supervisor.Snapshot) // what happens before the click arrives
		does []fakesupervisor.Request
		says string
	}{
		"nothing changed":       {func(*supervisor.Snapshot) {}, []fakesupervisor.Request{{Gateway: "paper", Action: supervisor.Stop}}, ""},
		"it cannot be done now": {func(g *supervisor.Snapshot) { g.Busy = supervisor.Restart }, nil, "it now says: Stop (a restart is under way)"},
		"it has become a submenu": {func(g *supervisor.Snapshot) {
			g.Clients = []supervisor.Client{{Process: supervisor.Process{PID: 1, Command: "trader.py"}}}
		}, nil, "look again"},
	} {
		t.Run(name, func(t *testing.T) {
			withLoop(t, Options{}, func(u *ui, s *fakesupervisor.Supervisor) {
				g := running()
				s.Set(g)
				stop := clickOn(t, u, "Stop")
				c.then(&g)
				s.Set(g)
				sendClick(u, stop)
				synctest.Wait()
				if !slices.Equal(s.Requests(), c.does) {
					t.Errorf("it did %v, want %v", s.Requests(), c.does)
				}
				said := shownFailure(u)
				if (said == "") != (c.says == "") || !strings.Contains(said, c.says) {
					t.Errorf("it says %q, want %q", said, c.says)
				}
			})
		})
	}
}

func TestAClickIsForTheGatewayInWhoseMenuItIs(t *testing.T) {
	withLoop(t, Options{}, func(u *ui, s *fakesupervisor.Supervisor) {
		first, second := now(supervisor.Down), now(supervisor.Connected)
		first.Name = "live"
		second.Process.PID, second.Process.By = 4711, supervisor.ByGatelight
		s.Set(first, second)
		sendClick(u, clickOn(t, u, "Stop"))
		synctest.Wait()
		if want := []fakesupervisor.Request{{Gateway: "paper", Action: supervisor.Stop}}; !slices.Equal(s.Requests(), want) {
			t.Errorf("it did %v, want %v", s.Requests(), want)
		}
	})
}

func TestTheProgramsOwnCommandsChangeWhatTheMenuSays(t *testing.T) {
	var paused time.Time
	on := false
	withLoop(t, Options{
		Notify:       true,
		OpenTimeline: func() error { return errors.New("not today") },
		Pause:        func(until time.Time) error { paused = until; return nil },
		AtLogin:      func() (bool, error) { return on, nil },
		SetAtLogin:   func(want bool) error { on = want; return nil },
	}, func(u *ui, _ *fakesupervisor.Supervisor) {
		program := func() Program { // as the loop has it
			synctest.Wait()
			got := make(chan Program, 1)
			u.update(context.Background(), func(p *Program) { got <- *p })
			return <-got
		}
		click := func(title string) {
			synctest.Wait()
			sendClick(u, clickOn(t, u, title))
		}
		if p := program(); p.AtLogin != (Switch{}) || !p.PausedUntil.IsZero() {
			t.Errorf("at first: %+v", p)
		}
		click("Start at login")
		if p := program(); !p.AtLogin.On || !on {
			t.Errorf("after turning it on: %+v", p)
		}
		click("Start at login")
		if p := program(); p.AtLogin.On || on {
			t.Errorf("after turning it off: %+v", p)
		}
		click("Pause alerts for an hour")
		if p := program(); !p.PausedUntil.Equal(supervisor.Now().Add(time.Hour)) || !p.PausedUntil.Equal(paused) {
			t.Errorf("paused until %v, remembered %v", p.PausedUntil, paused)
		}
		click("Pause alerts until tomorrow")
		if p := program(); p.PausedUntil.Hour() != morning {
			t.Errorf("paused until %v", p.PausedUntil)
		}
		if got := u.alerts.(*fakePresenter).pausedUntil; !got.Equal(paused) {
			t.Errorf("alerts are paused until %v, want %v", got, paused)
		}
		click("Show alerts again")
		if p := program(); !p.PausedUntil.IsZero() || !paused.IsZero() {
			t.Errorf("still paused until %v", p.PausedUntil)
		}
		u.update(context.Background(), func(p *Program) { p.OpenedAt = supervisor.Now() })
		if p := program(); p.OpenedAt.IsZero() {
			t.Error("opening the menu was not noticed")
		}
		click("Timeline")
		if got := shownFailure(u); got != "Could not open the timeline: not today" {
			t.Errorf("it says %q", got)
		}
	})
}
