// Package tray is the icon in the menu bar: a pure [View] of the supervisor's
// Status, painted into the toolkit by one goroutine, and the notices.
package tray

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"gatelight/supervisor"
)

// Options are what the tray needs from its host.
type Options struct {
	Supervisor   supervisor.Supervisor
	OpenLog      func(gateway string) error // shows its log to the user; "": the newest
	OpenTimeline func() error               // shows the timeline to the user

	Notify bool // raise alerts; false: none of any kind, but the text beside the icon
	Dialog bool // raise them as a window as well
	Sound  bool // with a sound

	// Paused and Pause remember until when alerts are kept back.
	Paused func() time.Time
	Pause  func(until time.Time) error
	// AtLogin and SetAtLogin say and set whether this starts at login; nil where
	// that cannot be.
	AtLogin    func() (on bool, err error)
	SetAtLogin func(on bool) error

	Version  string
	Settings string // where the settings file is
	Where    string // where the icon is, for somebody who starts it again and does not see it
	Log      *slog.Logger
}

// Run shows the tray until ctx ends or the user quits. Where the desktop can go
// away and come back, or is not there yet, so does the icon. It must be called
// on the main goroutine: on macOS the menu bar belongs to the main thread.
func Run(ctx context.Context, o Options) error {
	ctx, quit := context.WithCancel(ctx)
	defer quit()
	t := newUI(o, quit)
	first := t.view()

	var wg sync.WaitGroup
	wg.Go(func() { t.loop(ctx) })
	if o.Notify {
		wg.Go(func() { t.announcer.run(ctx) })
	}
	err := t.run(ctx, first)
	quit()
	wait(&wg, leaving)
	wait(&t.tasks, leaving)
	return err
}

// leaving is how long the end waits for what may hang: a bus or a panel that
// has stalled must not keep a program that somebody wants to quit.
const leaving = time.Second

// wait waits for wg, but not for ever; what goes on then ends with the process.
func wait(wg *sync.WaitGroup, limit time.Duration) {
	done := make(chan struct{})
	go func() { wg.Wait(); close(done) }()
	t := time.NewTimer(limit)
	defer t.Stop()
	select {
	case <-done:
	case <-t.C:
	}
}

// A ui is between the world and the toolkit. Its loop makes menus of the one
// and never touches the other; the painter does, in a goroutine of its own, and
// may be held up there.
type ui struct {
	Options
	painter
	announcer *announcer
	desk      Program // the loop's
	menus     chan Menu
	clicks    chan click
	pressed   chan Command
	opened    chan time.Time
	news      chan func(*Program)
	tasks     sync.WaitGroup // what was clicked and is being done
	witnesses witnesses      // the loop's
	answer    atomic.Pointer[answered]
	explains  atomic.Bool               // a window says where the icon is
	alertAt   atomic.Pointer[time.Time] // when an alert was last clicked
	quit      func()
}

// A click is one on the entry at a place in a menu of that shape.
type click struct {
	shape string
	at    []int
}

func newUI(o Options, quit func()) *ui {
	t := &ui{
		Options: o,
		menus:   make(chan Menu, 1),
		clicks:  make(chan click, 64),
		pressed: make(chan Command, 16),
		opened:  make(chan time.Time, 1),
		news:    make(chan func(*Program), 16),
		quit:    quit,
	}
	t.desk = Program{AlertsOff: !o.Notify, Version: o.Version, Settings: o.Settings, AtLogin: Switch{Why: "not known yet"}}
	if o.AtLogin == nil || o.SetAtLogin == nil {
		t.desk.AtLogin.Why = "not possible here"
	}
	if o.Paused != nil {
		t.desk.PausedUntil = o.Paused()
	}
	t.announcer = newAnnouncer(o, t.desk.PausedUntil, t.wasPressed, t.learn)
	return t
}

func (t *ui) view() Menu {
	desk := t.desk
	if a := t.answer.Load(); a != nil {
		desk.Answer, desk.AnsweredAt = a.text, a.at
	}
	return View(t.Supervisor.Latest(), desk, supervisor.Now())
}

// An answered is what a click has come to.
type answered struct {
	text string
	at   time.Time
}

// painting is the least time between two menus: more often nobody can see, and
// panels read the whole menu each time.
const painting = 100 * time.Millisecond

func (t *ui) loop(ctx context.Context) {
	changes := t.Supervisor.Watch(ctx)
	second := time.NewTicker(time.Second)
	defer second.Stop()
	t.askAtLogin(ctx)
	pause := time.NewTimer(0) // runs while a menu is too young to be replaced
	defer pause.Stop()
	var young, stale bool
	for {
		select {
		case <-ctx.Done():
			return
		case at := <-t.clicks:
			t.clicked(ctx, at)
			continue
		case c := <-t.pressed:
			t.press(ctx, c)
			continue
		case t.desk.OpenedAt = <-t.opened:
		case tell := <-t.news:
			tell(&t.desk)
		case _, open := <-changes:
			if !open {
				return
			}
		case <-second.C:
		case <-pause.C:
			young = false
			if !stale {
				continue
			}
		}
		stale = young
		if young {
			continue
		}
		m := t.view()
		t.witnesses.note(t.Supervisor.Latest(), supervisor.Now())
		t.leave(m)
		young = true
		pause.Reset(painting)
	}
}

// leave leaves a menu for the painter, in place of one that it has not come to.
func (t *ui) leave(m Menu) {
	select {
	case <-t.menus:
	default:
	}
	t.menus <- m
}

// learn has the loop note something about this program.
func (t *ui) learn(ctx context.Context, tell func(*Program)) {
	select {
	case t.news <- tell:
	case <-ctx.Done():
	}
}

// wasPressed is a click on an alert: on a button, or on its text, which stands for
// no command. It must not wait.
func (t *ui) wasPressed(c Command) {
	t.alertAt.Store(new(supervisor.Now()))
	if c == (Command{}) {
		return
	}
	select {
	case t.pressed <- c:
	default:
		t.Log.Error("an alert was pressed too often", "action", c.Action)
	}
}
