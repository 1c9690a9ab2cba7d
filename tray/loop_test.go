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
	looped(t, Options{OpenLog: func() error { opened <- struct{}{}; return nil }}, func(u *ui, s *stand) {
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
	m := View(u.Supervisor.Latest(), Desk{}, wall())
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
			g.Clients = []supervisor.Client{{Process: supervisor.Proc{PID: 1, Command: "trader.py"}}}
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
		desk := func() Desk { // as the loop has it
			synctest.Wait()
			got := make(chan Desk)
			u.news <- func(d *Desk) { go func(d Desk) { got <- d }(*d) }
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
		if d := desk(); !d.PausedUntil.Equal(wall().Add(time.Hour)) || !d.PausedUntil.Equal(paused) {
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
		u.opened <- wall()
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

// A paper is a poster that can fail; the test reads what was posted.
type paper struct {
	mu     sync.Mutex
	fails  error
	posted []string
	came   chan struct{}
}

func (p *paper) post(_ context.Context, a alert) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.fails == nil {
		p.posted = append(p.posted, a.Notice.Title)
	}
	return p.fails
}

func (p *paper) who(context.Context) (string, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return "paper", p.fails
}

func (p *paper) ready() <-chan struct{} { return p.came }
func (p *paper) close()                 {}

func (p *paper) fail(err error) {
	synctest.Wait()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.fails = err
}

func (p *paper) read() string {
	synctest.Wait()
	p.mu.Lock()
	defer p.mu.Unlock()
	return strings.Join(p.posted, ", ")
}

// announced runs an announcer alone, in simulated time, on a supervisor that
// looks every two seconds, as a real one does.
func announced(t *testing.T, o Options, test func(a *announcer, s *stand, p *paper)) {
	synctest.Test(t, func(t *testing.T) {
		s, p := newStand(now(supervisor.Connected)), &paper{}
		o.Notify, o.Supervisor, o.Log = true, s, slog.New(slog.DiscardHandler)
		a := newAnnouncer(o, time.Time{}, nil, func(context.Context, func(*Desk)) {})
		a.open = func(func(Command)) poster { return p }
		ctx, quit := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		wg.Go(func() { a.run(ctx) })
		wg.Go(func() {
			look := time.NewTicker(2 * time.Second)
			defer look.Stop()
			for {
				select {
				case <-look.C:
					s.set(s.Latest().Gateways...)
				case <-ctx.Done():
					return
				}
			}
		})
		synctest.Wait()
		test(a, s, p)
		quit()
		wg.Wait()
	})
}

func TestThePauseEndsByItself(t *testing.T) {
	announced(t, Options{}, func(a *announcer, s *stand, p *paper) {
		a.pause(context.Background(), wall().Add(30*time.Minute))
		for _, n := range []supervisor.Notice{drop(1, "down"), drop(2, "zombies"), recovery(2, "up"), drop(1, "still down")} {
			s.tell(now(supervisor.Zombies), n)
			time.Sleep(time.Minute) // simulated
		}
		if got := p.read(); got != "" {
			t.Errorf("in the pause it shows %s", got)
		}
		time.Sleep(26*time.Minute + time.Millisecond)
		if got := p.read(); got != "still down" {
			t.Errorf("after the pause it shows %q", got)
		}
		s.tell(now(supervisor.Zombies), drop(3, "next"))
		if got := p.read(); got != "still down, next" {
			t.Errorf("then it shows %q", got)
		}
	})
}

func TestWhatCouldNotBeShownIsTriedAgainWhileLooksComeAllTheTime(t *testing.T) {
	announced(t, Options{}, func(_ *announcer, s *stand, p *paper) {
		p.fail(errors.New("it hangs"))
		s.tell(now(supervisor.Zombies), drop(1, "zombies"))
		time.Sleep(time.Minute) // simulated
		if got := p.read(); got != "" {
			t.Errorf("it shows %q", got)
		}
		p.fail(nil)
		time.Sleep(again + time.Second)
		if got := p.read(); got != "zombies" {
			t.Errorf("%v after the service has come to itself it shows %q", again, got)
		}
		s.tell(now(supervisor.Zombies), drop(2, "next"))
		if got := p.read(); got != "zombies, next" {
			t.Errorf("then it shows %q", got)
		}
	})
}

func TestAWindowOpensAfterAPauseEvenIfAReminderCameLast(t *testing.T) {
	announced(t, Options{Dialog: true}, func(a *announcer, s *stand, p *paper) {
		var mu sync.Mutex
		var opened []string
		a.windows.show = func(ctx context.Context, n supervisor.Notice) error {
			mu.Lock()
			opened = append(opened, n.Title)
			mu.Unlock()
			<-ctx.Done()
			return nil
		}
		p.fail(errors.New("nobody shows alerts")) // a window is all there is then
		a.pause(context.Background(), wall().Add(10*time.Minute))
		s.tell(now(supervisor.Zombies), drop(1, "zombies"))
		reminder := drop(1, "still zombies")
		reminder.Kind = supervisor.NoticeReminder
		time.Sleep(5 * time.Minute) // simulated
		s.tell(now(supervisor.Zombies), reminder)
		time.Sleep(6 * time.Minute)
		reminder.Title = "still"
		s.tell(now(supervisor.Zombies), reminder)
		synctest.Wait()
		mu.Lock()
		defer mu.Unlock()
		if !slices.Equal(opened, []string{"still zombies"}) {
			t.Errorf("windows %q, want the one that nobody had seen", opened)
		}
	})
}

func TestAConfirmationIsForThoseThatWereNamed(t *testing.T) {
	trader := func(pid int) supervisor.Client {
		return supervisor.Client{Peer: peer(uint16(50000 + pid)), Process: supervisor.Proc{PID: pid, Command: "trader.py"}}
	}
	for name, c := range map[string]struct {
		then  func(g *supervisor.Snapshot)
		after time.Duration
		says  string
	}{
		"the same":                     {func(*supervisor.Snapshot) {}, 0, ""},
		"one has gone":                 {func(g *supervisor.Snapshot) { g.Clients = g.Clients[:1] }, 0, ""},
		"one has connected again":      {func(g *supervisor.Snapshot) { g.Clients[1].Peer = peer(60000) }, 0, ""},
		"another one came just now":    {func(g *supervisor.Snapshot) { g.Clients = append(g.Clients, trader(3)) }, readable / 2, "trader.py has connected while you were asked"},
		"another one, and it was read": {func(g *supervisor.Snapshot) { g.Clients = append(g.Clients, trader(3)) }, 3 * time.Second, ""},
	} {
		t.Run(name, func(t *testing.T) {
			looped(t, Options{}, func(u *ui, s *stand) {
				g := now(supervisor.Connected)
				g.Process.PID, g.Process.By = 4711, supervisor.ByGatelight
				g.Clients = []supervisor.Client{trader(1), trader(2)}
				s.set(g)
				time.Sleep(3 * time.Second) // simulated: somebody reads
				yes := place(t, u, "Stop it and disconnect these 2")
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
		})
	}
}

// A view may find that its supervisor has come back with another Gateway.
func TestAClickOnAMenuOfOtherGatewaysDoesNothing(t *testing.T) {
	looped(t, Options{}, func(u *ui, s *stand) {
		quit := place(t, u, "Quit (the Gateway keeps running)")
		live := now(supervisor.Connected)
		live.Name = "live"
		s.set(now(supervisor.Connected), live)
		u.clicks <- quit
		synctest.Wait()
		if n := len(u.announcer.complaints); n != 1 {
			t.Errorf("%d answers, want that the menu has changed", n)
		}
		if a, b := (<-u.menus).Shape, quit.shape; a == b {
			t.Errorf("both menus are of the shape %q", a)
		}
	})
}
