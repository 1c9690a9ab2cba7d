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
)

// looped runs the loop alone, in simulated time and without a toolkit.
func looped(t *testing.T, o Options, test func(u *ui, s *stand)) {
	synctest.Test(t, func(t *testing.T) {
		s := newStand(now(supervisor.Down))
		o.Supervisor, o.Log = s, slog.New(slog.DiscardHandler)
		ctx, quit := context.WithCancel(t.Context())
		u := newUI(o, quit)
		var wg sync.WaitGroup
		wg.Go(func() { u.loop(ctx) })
		test(u, s)
		quit()
		wg.Wait()
		u.tasks.Wait()
	})
}

func TestTenThousandChangesAMinute(t *testing.T) {
	looped(t, Options{}, func(u *ui, s *stand) {
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
			s.set(now(states[i%len(states)]))
		}
		s.set(now(supervisor.Zombies))
		time.Sleep(painting) // simulated
		synctest.Wait()
		mu.Lock()
		if newest.Icon != "zombies" {
			t.Errorf("%v after the last change the light shows %s", painting, newest.Icon)
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
	looped(t, Options{OpenLog: func(string) error { opened <- struct{}{}; return nil }}, func(u *ui, s *stand) {
		at := place(t, u, "Open log")
		for range 50 {
			s.set(now(supervisor.CutOff))
			u.clicks <- at
			time.Sleep(painting) // simulated; nobody paints
		}
		s.set(now(supervisor.Connected))
		time.Sleep(painting)
		synctest.Wait()
		if n := len(opened); n != 50 {
			t.Errorf("%d of 50 clicks were carried out", n)
		}
		if m := <-u.menus; m.Icon != "connected" {
			t.Errorf("the painter finds %s", m.Icon)
		}
	})
}

// place is where an entry is in the menu.
func place(t *testing.T, u *ui, title string) click {
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
		does []Command
		says string
	}{
		"nothing changed":       {func(*supervisor.Snapshot) {}, []Command{{Gateway: "paper", Action: supervisor.Stop}}, ""},
		"it cannot be done now": {func(g *supervisor.Snapshot) { g.Busy = supervisor.Restart }, nil, "it now says: Stop (a restart is under way)"},
		"it has become a submenu": {func(g *supervisor.Snapshot) {
			g.Clients = []supervisor.Client{{Process: supervisor.Process{PID: 1, Command: "trader.py"}}}
		}, nil, "look again"},
	} {
		t.Run(name, func(t *testing.T) {
			looped(t, Options{}, func(u *ui, s *stand) {
				g := running()
				s.set(g)
				stop := place(t, u, "Stop")
				c.then(&g)
				s.set(g)
				u.clicks <- stop
				synctest.Wait()
				if !slices.Equal(s.did(), c.does) {
					t.Errorf("it did %v, want %v", s.did(), c.does)
				}
				said := ""
				if len(u.announcer.complaints) > 0 {
					said = (<-u.announcer.complaints).Body
				}
				if (said == "") != (c.says == "") || !strings.Contains(said, c.says) {
					t.Errorf("it says %q, want %q", said, c.says)
				}
			})
		})
	}
}

func TestTheProgramsOwnCommands(t *testing.T) {
	var paused time.Time
	on := false
	refuse := errors.New("not today")
	looped(t, Options{
		OpenTimeline: func() error { return refuse },
		Paused:       func() time.Time { return paused },
		Pause:        func(until time.Time) error { paused = until; return nil },
		AtLogin:      func() (bool, error) { return on, nil },
		SetAtLogin:   func(want bool) error { on = want; return nil },
	}, func(u *ui, _ *stand) {
		desk := func() Program { // as the loop has it
			synctest.Wait()
			got := make(chan Program)
			u.news <- func(d *Program) { go func(d Program) { got <- d }(*d) }
			return <-got
		}
		if d := desk(); d.AtLogin != (Switch{}) || !d.PausedUntil.IsZero() {
			t.Errorf("at first: %+v", d)
		}
		u.pressed <- Command{Local: AtLogin}
		if d := desk(); !d.AtLogin.On || !on {
			t.Errorf("after turning it on: %+v", d)
		}
		u.pressed <- Command{Local: NotAtLogin}
		if d := desk(); d.AtLogin.On || on {
			t.Errorf("after turning it off: %+v", d)
		}
		u.pressed <- Command{Local: PauseHour}
		if d := desk(); !d.PausedUntil.Equal(supervisor.Now().Add(time.Hour)) || !d.PausedUntil.Equal(paused) {
			t.Errorf("paused until %v, remembered %v", d.PausedUntil, paused)
		}
		u.pressed <- Command{Local: PauseTomorrow}
		if d := desk(); d.PausedUntil.Hour() != morning {
			t.Errorf("paused until %v", d.PausedUntil)
		}
		u.pressed <- Command{Local: ResumeAlerts}
		if d := desk(); !d.PausedUntil.IsZero() || !paused.IsZero() {
			t.Errorf("still paused until %v", d.PausedUntil)
		}
		u.opened <- supervisor.Now()
		if d := desk(); d.OpenedAt.IsZero() {
			t.Error("opening the menu was not noticed")
		}
		u.pressed <- Command{Local: OpenTimeline}
		synctest.Wait()
		if n := <-u.announcer.complaints; n.Title != "Could not open the timeline" || n.Body != "not today" {
			t.Errorf("it says %+v", n)
		}
	})
}
