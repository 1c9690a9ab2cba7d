package tray

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"gatelight/supervisor"
	"gatelight/tray/alerts"
	"gatelight/tray/fakesupervisor"
)

func TestAConfirmationIsForThoseThatWereNamed(t *testing.T) {
	trader := func(pid int) supervisor.Client {
		return supervisor.Client{Peer: peer(uint16(50000 + pid)), Process: supervisor.Process{PID: pid, Command: "trader.py"}}
	}
	for name, c := range map[string]struct {
		then  func(g *supervisor.Snapshot)
		after time.Duration
		says  string
	}{
		"the same":                       {func(*supervisor.Snapshot) {}, 0, ""},
		"one has gone":                   {func(g *supervisor.Snapshot) { g.Clients = g.Clients[:1] }, 0, ""},
		"one has connected again":        {func(g *supervisor.Snapshot) { g.Clients[1].Peer = peer(60000) }, 0, ""},
		"one was started again":          {func(g *supervisor.Snapshot) { g.Clients[1] = trader(4) }, 0, ""},
		"a stranger has connected again": {func(g *supervisor.Snapshot) { g.Clients[2].Peer = peer(60000) }, 0, ""},
		"a stranger came just now":       {func(g *supervisor.Snapshot) { g.Clients = append(g.Clients, supervisor.Client{Peer: peer(60000)}) }, 0, "127.0.0.1:60000 has connected"},
		"another one came just now":      {func(g *supervisor.Snapshot) { g.Clients = append(g.Clients, trader(3)) }, readingTime / 2, "trader.py (process 3) has connected while you were asked"},
		"another one, and it was read":   {func(g *supervisor.Snapshot) { g.Clients = append(g.Clients, trader(3)) }, 3 * time.Second, ""},
	} {
		t.Run(name, func(t *testing.T) {
			withLoop(t, Options{}, func(u *ui, s *fakesupervisor.Supervisor) {
				g := now(supervisor.Connected)
				g.Process.PID, g.Process.By = 4711, supervisor.ByGatelight
				g.Clients = []supervisor.Client{trader(1), trader(2), {Peer: peer(50000)}}
				s.Set(g)
				time.Sleep(3 * time.Second) // simulated: somebody reads
				yes := clickOn(t, u, "Stop it and disconnect these 3")
				g.Clients = slices.Clone(g.Clients)
				c.then(&g)
				s.Set(g)
				time.Sleep(c.after)
				sendClick(u, yes)
				synctest.Wait()
				said := shownFailure(u)
				if did := len(s.Requests()) > 0; did != (c.says == "") || !strings.Contains(said, c.says) {
					t.Errorf("it did %v and says %q, want %q", s.Requests(), said, c.says)
				}
				if m := u.clickError.Load(); (m != nil) != (c.says != "") {
					t.Errorf("the menu answers %+v", m)
				}
			})
		})
	}
}

func TestASecondStartIsToldWhereTheIconIsOnce(t *testing.T) {
	withLoop(t, Options{Where: "It is up there."}, func(u *ui, _ *fakesupervisor.Supervisor) {
		f := &fakePresenter{closed: make(chan error)}
		u.alerts = f
		for i, failure := range []error{nil, errors.New("there is no screen")} {
			for range 3 { // a click was not enough, it seems
				u.showWhere(context.Background())
			}
			time.Sleep(2 * pressTolerance) // simulated
			if got := f.takeDialogs(); !slices.Equal(got, []string{"Gatelight is running already: It is up there."}) {
				t.Fatalf("time %d: the windows say %q", i, got)
			}
			f.closed <- failure
			synctest.Wait()
		}
	})
}

func TestAClickOnAnAlertIsNoSecondStart(t *testing.T) {
	for name, c := range map[string]struct {
		after time.Duration // from the click to the word that it was opened again
		shows bool
	}{
		"the click is told first":        {pressTolerance / 2, false},
		"the opening is told first":      {-pressTolerance / 2, false},
		"the click was some time ago":    {5 * pressTolerance, true},
		"the click came some time after": {-5 * pressTolerance, true},
	} {
		withLoop(t, Options{}, func(u *ui, _ *fakesupervisor.Supervisor) {
			press, open := func() { u.alertPressed(context.Background(), alerts.Press{}) }, func() { u.showWhere(context.Background()) }
			first, second := press, open
			if c.after < 0 {
				first, second = open, press
			}
			first()
			time.Sleep(c.after.Abs()) // simulated
			second()
			time.Sleep(2 * pressTolerance)
			if shows := len(u.alerts.(*fakePresenter).takeDialogs()) > 0; shows != c.shows {
				t.Errorf("%s: a window is %v, want %v", name, shows, c.shows)
			}
		})
	}
}

func TestAClickThatTheSupervisorRefusesIsAnsweredUntilTheNext(t *testing.T) {
	withLoop(t, Options{}, func(u *ui, s *fakesupervisor.Supervisor) {
		refusal := errors.New("cannot ask the running Gatelight: connection refused")
		s.Refuse(refusal)
		start := clickOn(t, u, "Start")
		sendClick(u, start)
		synctest.Wait()
		if a := u.clickError.Load(); a == nil || a.text != "Could not start Gateway paper: "+refusal.Error() {
			t.Errorf("the menu answers %+v", a)
		}
		s.Refuse(nil)
		sendClick(u, start)
		synctest.Wait()
		if a := u.clickError.Load(); a != nil {
			t.Errorf("after it went well the menu still answers %+v", a)
		}
	})
}

func TestAnAlertsButtonIsForItsIncident(t *testing.T) {
	waits := &supervisor.LoginProblem{Reason: supervisor.LoginTooManyAttempts, Waits: true}
	for name, c := range map[string]struct {
		action  supervisor.Action
		state   supervisor.State
		problem *supervisor.LoginProblem
		clients int
		does    bool
	}{
		"as it was told":                   {supervisor.Restart, supervisor.Zombies, nil, 1, true},
		"fewer are connected":              {supervisor.Restart, supervisor.Zombies, nil, 0, true},
		"more are connected":               {supervisor.Restart, supervisor.Zombies, nil, 2, false},
		"the zombies went away meanwhile":  {supervisor.Restart, supervisor.Connected, nil, 0, false},
		"it does not respond":              {supervisor.Restart, supervisor.Silent, nil, 1, true},
		"it responds again":                {supervisor.Restart, supervisor.Connected, nil, 1, false},
		"it does not respond to more":      {supervisor.Restart, supervisor.Silent, nil, 2, false},
		"it has come to zombies meanwhile": {supervisor.Restart, supervisor.Zombies, nil, 1, true},
		"a login waits for a person":       {supervisor.Stop, supervisor.Starting, waits, 0, true},
		"that login goes on meanwhile":     {supervisor.Stop, supervisor.Starting, nil, 0, false},
		"that login is done meanwhile":     {supervisor.Stop, supervisor.Connected, nil, 0, false},
	} {
		withLoop(t, Options{}, func(u *ui, s *fakesupervisor.Supervisor) {
			g := now(c.state)
			g.LoginProblem, g.Process.PID, g.Process.By = c.problem, 4711, supervisor.ByGatelight
			for i := range c.clients {
				g.Clients = append(g.Clients, supervisor.Client{Peer: peer(uint16(50000 + i))})
			}
			s.Set(g)
			sendPress(u, alerts.Press{Gateway: "paper", Action: c.action, Clients: 1})
			synctest.Wait()
			if did := len(s.Requests()) > 0; did != c.does {
				t.Errorf("%s: it did %v", name, s.Requests())
			}
			sendPress(u, alerts.Press{Gateway: "gone", Action: supervisor.Restart})
			synctest.Wait()
			if a := u.clickError.Load(); a == nil || !strings.HasSuffix(a.text, "there is no Gateway gone any more") {
				t.Errorf("%s: the menu answers %+v", name, a)
			}
		})
	}
}

// A view may find that its supervisor has come back with another Gateway.
func TestAClickOnAMenuOfOtherGatewaysDoesNothing(t *testing.T) {
	withLoop(t, Options{}, func(u *ui, s *fakesupervisor.Supervisor) {
		quit := clickOn(t, u, "Quit")
		live := now(supervisor.Connected)
		live.Name = "live"
		s.Set(now(supervisor.Connected), live)
		sendClick(u, quit)
		synctest.Wait()
		if got := shownFailure(u); !strings.HasSuffix(got, "look again") {
			t.Errorf("it says %q, want that the menu has changed", got)
		}
		time.Sleep(time.Second) // simulated: the next menu is due
		synctest.Wait()
		if a, b := (<-u.menus).Shape, quit.shape; a == b {
			t.Errorf("both menus are of the shape %q", a)
		}
	})
}

func TestUntilTomorrowIsUntilTheNextMorning(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		now, want string
		hours     float64
	}{
		{"2026-11-23 14:00", "2026-11-24 06:00", 16},
		{"2026-11-23 23:59", "2026-11-24 06:00", 6 + 1./60},
		{"2026-11-24 00:01", "2026-11-24 06:00", 6 - 1./60}, // who is up then means the morning
		{"2026-11-24 06:00", "2026-11-25 06:00", 24},
		{"2026-12-31 20:00", "2027-01-01 06:00", 10},
		{"2026-10-24 20:00", "2026-10-25 06:00", 11}, // the night in which the clocks go back
		{"2026-03-28 20:00", "2026-03-29 06:00", 9},  // and forward
	} {
		now, err := time.ParseInLocation("2006-01-02 15:04", c.now, berlin)
		if err != nil {
			t.Fatal(err)
		}
		got := nextMorning(now)
		if text := got.Format("2006-01-02 15:04"); text != c.want || got.Sub(now).Round(time.Second) != time.Duration(c.hours*float64(time.Hour)).Round(time.Second) {
			t.Errorf("from %s it is until %s, %v later; want %s", c.now, text, got.Sub(now), c.want)
		}
	}
}
