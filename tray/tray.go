// Package tray is the icon in the menu bar: a pure [View] of the supervisor's
// Status, painted into the toolkit by one goroutine. Package alerts shows the
// notices.
package tray

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"gatelight/supervisor"
	"gatelight/tray/alerts"
)

// title is the program's name where a desktop shows one.
const title = "Gatelight"

// Options are what the tray needs from the program.
type Options struct {
	Supervisor   supervisor.Supervisor
	OpenLog      func(gateway string) error // shows its log to the user; "": the newest
	OpenTimeline func() error               // shows the timeline to the user
	OpenSettings func() error               // shows the settings to the user

	Notify bool // show alerts; false: none of any kind, but the text beside the icon
	Dialog bool // show urgent ones as a window as well
	Sound  bool // with a sound

	Mono bool // the icon on the bar has one colour, that of the bar's own icons where it is known

	// Until when alerts are kept back, and what remembers a new time.
	PausedUntil time.Time
	Pause       func(until time.Time) error
	// AtLogin and SetAtLogin say and set whether this program starts at login; nil
	// where that is not possible.
	AtLogin    func() (on bool, err error)
	SetAtLogin func(on bool) error

	// Woken is called when the machine has woken up, on macOS; nil: nobody wants to
	// know.
	Woken func()

	// MenuBar writes down where the icon is; nil: nobody wants to know.
	MenuBar func(supervisor.MenuBarReport) error

	Caption  func() string // says what is being shown, in a demo; nil: nothing is
	Version  string
	Settings string // where the settings file is
	Where    string // where the icon is, for a person who starts the program again and does not see it
	Log      *slog.Logger
}

// Run shows the tray until ctx ends or the user quits. If the desktop ends and
// starts again, or is not there yet, so does the icon. The program must run in
// [OnMainThread]: on macOS the menu bar belongs to the first thread.
func Run(ctx context.Context, o Options) error {
	ctx, quit := context.WithCancel(ctx)
	defer quit()
	t := newUI(ctx, o, quit)
	first := t.view(o.Supervisor.Latest(), supervisor.Now())

	var wg sync.WaitGroup
	wg.Go(func() { t.loop(ctx) })
	if o.Notify {
		wg.Go(func() { t.alerts.Run(ctx) })
	}
	err := t.run(ctx, first)
	quit()
	wait(&wg, quitTimeout)
	wait(&t.tasks, quitTimeout)
	return err
}

// quitTimeout is how long the end waits for what may hang: a bus or a panel that
// hangs must not hold up a program that somebody wants to quit.
const quitTimeout = time.Second

// wait waits for wg, but no longer than limit; what still runs then ends with the
// process.
func wait(wg *sync.WaitGroup, limit time.Duration) {
	done := make(chan struct{})
	go func() { wg.Wait(); close(done) }()
	select {
	case <-done:
	case <-time.After(limit):
	}
}

// send sends, unless ctx ends first.
func send[T any](ctx context.Context, to chan<- T, x T) {
	select {
	case to <- x:
	case <-ctx.Done():
	}
}

// presenter is what the tray uses of an [alerts.Presenter].
type presenter interface {
	Run(ctx context.Context)
	Pause(ctx context.Context, until time.Time)
	Retry()
	ShowFailure(title, body string)
	ShowState(worst supervisor.Snapshot, text string)
	ShowDialog(ctx context.Context, title, body string) error
}

// A ui connects the supervisor with the toolkit. Its loop makes menus and never
// calls the toolkit; the painter does, in a goroutine of its own, and may be held
// up there.
type ui struct {
	Options
	painter painter
	alerts  presenter
	quit    func()
	menus   chan Menu      // the newest, for the painter
	queue   chan func()    // what the loop is to do: clicks, and changes of program
	tasks   sync.WaitGroup // what was clicked and is being done

	program      Program      // the loop's
	guard        confirmGuard // the loop's
	clickError   atomic.Pointer[clickError]
	showingWhere atomic.Bool               // a window says where the icon is
	pressedAt    atomic.Pointer[time.Time] // when an alert was last pressed
}

// A click is one on the entry at a place in a menu of that shape.
type click struct {
	shape string
	path  []int // the entry's index at each level of the menu
}

// A clickError is why the last click had no effect.
type clickError struct {
	text string
	at   time.Time
}

func newUI(ctx context.Context, o Options, quit func()) *ui {
	t := &ui{
		Options: o,
		quit:    quit,
		painter: painter{mono: o.Mono},
		menus:   make(chan Menu, 1),
		queue:   make(chan func(), 64),
		program: Program{AlertsOff: !o.Notify, Version: o.Version, Settings: o.Settings, AtLogin: Switch{Why: "not known yet"}, PausedUntil: o.PausedUntil},
	}
	if o.AtLogin == nil {
		t.program.AtLogin.Why = "not possible here"
	}
	t.alerts = alerts.New(alerts.Options{
		Supervisor: o.Supervisor, Dialog: o.Dialog, Sound: o.Sound, PausedUntil: o.PausedUntil, Log: o.Log,
		Pressed: func(p alerts.Press) { t.alertPressed(ctx, p) },
		Changed: func(ctx context.Context, s alerts.State) {
			t.update(ctx, func(p *Program) { p.Alerts = s })
		},
	})
	return t
}

func (t *ui) view(status supervisor.Status, now time.Time) Menu {
	program := t.program
	program.ClickError = t.clickError.Load()
	if t.Caption != nil {
		program.Caption = t.Caption()
	}
	return View(status, program, now)
}

// menuInterval is the least time between two menus: nobody can see more, and
// panels read the whole menu each time.
const menuInterval = 100 * time.Millisecond

func (t *ui) loop(ctx context.Context) {
	changes := t.Supervisor.Watch(ctx)
	second := time.NewTicker(time.Second) // an error ages, and so does the evidence
	defer second.Stop()
	t.askAtLogin(ctx)
	pause := time.NewTimer(0) // runs while the last menu is too young to be replaced
	defer pause.Stop()
	var young, stale bool
	for {
		select {
		case <-ctx.Done():
			return
		case do := <-t.queue:
			do()
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
		status, now := t.Supervisor.Latest(), supervisor.Now()
		t.guard.note(status, now)
		t.publish(t.view(status, now))
		young = true
		pause.Reset(menuInterval)
	}
}

// publish gives a menu to the painter, in place of one that it has not taken yet.
func (t *ui) publish(m Menu) {
	select {
	case <-t.menus:
	default:
	}
	t.menus <- m
}

// update has the loop change what the menu says of this program.
func (t *ui) update(ctx context.Context, change func(*Program)) {
	send(ctx, t.queue, func() { change(&t.program) })
}

// alertPressed is called for a press on an alert: on a button, or on its text. It
// never blocks.
func (t *ui) alertPressed(ctx context.Context, p alerts.Press) {
	t.pressedAt.Store(new(supervisor.Now()))
	if p == (alerts.Press{}) {
		return
	}
	select {
	case t.queue <- func() { t.pressed(ctx, p) }:
	default:
		t.Log.Error("an alert was pressed too often", "action", p.Action)
	}
}
