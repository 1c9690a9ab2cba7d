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
		"another one came just now":      {func(g *supervisor.Snapshot) { g.Clients = append(g.Clients, trader(3)) }, readable / 2, "trader.py has connected while you were asked"},
		"another one, and it was read":   {func(g *supervisor.Snapshot) { g.Clients = append(g.Clients, trader(3)) }, 3 * time.Second, ""},
	} {
		t.Run(name, func(t *testing.T) {
			looped(t, Options{}, func(u *ui, s *stand) {
				g := now(supervisor.Connected)
				g.Process.PID, g.Process.By = 4711, supervisor.ByGatelight
				g.Clients = []supervisor.Client{trader(1), trader(2), {Peer: peer(50000)}}
				s.set(g)
				time.Sleep(3 * time.Second) // simulated: somebody reads
				yes := place(t, u, "Stop it and disconnect these 3")
				g.Clients = slices.Clone(g.Clients)
				c.then(&g)
				s.set(g)
				time.Sleep(c.after)
				u.clicks <- yes
				synctest.Wait()
				said := ""
				if len(u.announcer.complaints) > 0 {
					said = (<-u.announcer.complaints).Body
				}
				if did := len(s.did()) > 0; did != (c.says == "") || !strings.Contains(said, c.says) {
					t.Errorf("it did %v and says %q, want %q", s.did(), said, c.says)
				}
				if m := u.answer.Load(); (m != nil) != (c.says != "") {
					t.Errorf("the menu answers %+v", m)
				}
			})
		})
	}
}

func TestASecondStartIsToldWhereTheIconIsOnce(t *testing.T) {
	looped(t, Options{Where: "It is up there."}, func(u *ui, _ *stand) {
		windows, closed := make(chan supervisor.Notice, 9), make(chan error)
		u.announcer.windows.show = func(_ context.Context, n supervisor.Notice) error {
			windows <- n
			return <-closed
		}
		for i, failure := range []error{nil, errors.New("there is no screen")} {
			for range 3 { // a click was not enough, it seems
				u.explain(context.Background())
			}
			time.Sleep(2 * opening) // simulated
			synctest.Wait()
			if n := len(windows); n != 1 {
				t.Fatalf("time %d: %d windows", i, n)
			}
			if n := <-windows; n.Title != "Gatelight is running already" || n.Body != "It is up there." {
				t.Errorf("it says %+v", n)
			}
			closed <- failure
			synctest.Wait()
		}
	})
}

func TestAClickOnAnAlertIsNoSecondStart(t *testing.T) {
	for name, c := range map[string]struct {
		after time.Duration // from the click to the word that it was opened again
		shows bool
	}{
		"the click is told first":        {opening / 2, false},
		"the opening is told first":      {-opening / 2, false},
		"the click was some time ago":    {5 * opening, true},
		"the click came some time after": {-5 * opening, true},
	} {
		looped(t, Options{}, func(u *ui, _ *stand) {
			shown := 0
			u.announcer.windows.show = func(context.Context, supervisor.Notice) error { shown++; return nil }
			click, open := func() { u.wasPressed(Command{}) }, func() { u.explain(context.Background()) }
			first, second := click, open
			if c.after < 0 {
				first, second = open, click
			}
			first()
			time.Sleep(c.after.Abs()) // simulated
			second()
			time.Sleep(2 * opening)
			synctest.Wait()
			if shows := shown > 0; shows != c.shows {
				t.Errorf("%s: a window is %v, want %v", name, shows, c.shows)
			}
		})
	}
}

func TestAClickThatTheSupervisorRefusesIsAnsweredUntilTheNext(t *testing.T) {
	looped(t, Options{}, func(u *ui, s *stand) {
		s.refuses = errors.New("cannot ask the running Gatelight: connection refused")
		start := place(t, u, "Start")
		u.clicks <- start
		synctest.Wait()
		if a := u.answer.Load(); a == nil || a.text != "Could not start Gateway paper: "+s.refuses.Error() {
			t.Errorf("the menu answers %+v", a)
		}
		s.refuses = nil
		u.clicks <- start
		synctest.Wait()
		if a := u.answer.Load(); a != nil {
			t.Errorf("after it went well the menu still answers %+v", a)
		}
	})
}

func TestAnAlertsButtonIsForItsIncident(t *testing.T) {
	restart := Command{Gateway: "paper", Action: supervisor.Restart, Clients: 1}
	for name, c := range map[string]struct {
		state   supervisor.State
		clients int
		does    bool
	}{
		"as it was told":                  {supervisor.Zombies, 1, true},
		"fewer are connected":             {supervisor.Zombies, 0, true},
		"more are connected":              {supervisor.Zombies, 2, false},
		"the zombies went away meanwhile": {supervisor.Connected, 0, false},
	} {
		looped(t, Options{}, func(u *ui, s *stand) {
			g := now(c.state)
			g.Process.PID, g.Process.By = 4711, supervisor.ByGatelight
			for i := range c.clients {
				g.Clients = append(g.Clients, supervisor.Client{Peer: peer(uint16(50000 + i))})
			}
			s.set(g)
			u.pressed <- restart
			synctest.Wait()
			if did := len(s.did()) > 0; did != c.does {
				t.Errorf("%s: it did %v", name, s.did())
			}
			u.pressed <- Command{Gateway: "gone", Action: supervisor.Restart}
			synctest.Wait()
			if a := u.answer.Load(); a == nil || !strings.HasSuffix(a.text, "there is no Gateway gone any more") {
				t.Errorf("%s: the menu answers %+v", name, a)
			}
		})
	}
}

// A view may find that its supervisor has come back with another Gateway.
func TestAClickOnAMenuOfOtherGatewaysDoesNothing(t *testing.T) {
	looped(t, Options{}, func(u *ui, s *stand) {
		quit := place(t, u, "Quit")
		live := now(supervisor.Connected)
		live.Name = "live"
		s.set(now(supervisor.Connected), live)
		u.clicks <- quit
		synctest.Wait()
		if n := len(u.announcer.complaints); n != 1 {
			t.Errorf("%d answers, want that the menu has changed", n)
		}
		time.Sleep(time.Second) // simulated: the next menu is due
		synctest.Wait()
		if a, b := (<-u.menus).Shape, quit.shape; a == b {
			t.Errorf("both menus are of the shape %q", a)
		}
	})
}
