// Package tray is the icon in the menu bar: a pure [View] of the supervisor's
// World, painted into the toolkit by one goroutine, and the notices.
package tray

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"fyne.io/systray"

	"gatelight/supervisor"
)

// Options are what the tray needs from its host.
type Options struct {
	Supervisor   supervisor.Supervisor
	OpenLog      func() error // shows the log to the user
	OpenTimeline func() error // shows the timeline to the user

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
	Log      *slog.Logger
}

// ErrDesktopGone: the desktop went away under the tray; supervision may go on.
var ErrDesktopGone = errors.New("the desktop's session has ended")

// Run shows the tray until ctx ends or the user quits. It must be called on
// the main goroutine: on macOS the menu bar belongs to the main thread.
func Run(ctx context.Context, o Options) error {
	ctx, quit := context.WithCancelCause(ctx)
	defer quit(nil)
	t := &ui{Options: o, clicks: make(chan *entry, 16), failed: make(chan supervisor.Notice, 1), quit: quit}
	first := View(o.Supervisor.Latest(), Desk{}, wall())
	t.before(first) // an icon set only once the loop runs is sometimes not shown

	lost, err := watchDesktop(ctx)
	if err != nil {
		return err
	}
	go func() { // ends with ctx, which ends with Run
		select {
		case <-lost:
			quit(ErrDesktopGone)
		case <-ctx.Done():
		}
	}()
	var wg sync.WaitGroup
	ready := func() {
		t.build(ctx, &wg, first)
		wg.Go(func() { t.loop(ctx, &wg) })
		if o.Notify {
			wg.Go(func() { announce(ctx, o, t.failed) })
		}
		wg.Go(func() {
			<-ctx.Done()
			systray.Quit()
		})
	}
	err = run(ready)
	quit(err)
	wg.Wait()
	if err != nil {
		return err
	}
	if cause := context.Cause(ctx); errors.Is(cause, ErrDesktopGone) {
		return cause
	}
	return nil
}

// run is the toolkit's loop. It panics on leaving when it never reached the
// session bus, which is an error like any other.
func run(ready func()) (err error) {
	defer func() {
		if broken := recover(); broken != nil {
			err = fmt.Errorf("the tray broke down: %v", broken)
		}
	}()
	systray.Run(ready, nil)
	return nil
}

func wall() time.Time { return time.Now().Round(0) }

// A ui walks the pure Menu into the toolkit. Only its loop touches the toolkit
// once that is built: the toolkit's setters race with one another.
type ui struct {
	Options
	painter
	clicks chan *entry
	failed chan supervisor.Notice // what was clicked and did not work
	quit   context.CancelCauseFunc
}

// settling is how many repaints are whole ones: what was painted while the
// toolkit was still announcing itself may have been lost.
const settling = 3

func (t *ui) loop(ctx context.Context, wg *sync.WaitGroup) {
	changes := t.Supervisor.Watch(ctx)
	second := time.NewTicker(time.Second)
	defer second.Stop()
	for whole := settling; ; {
		select {
		case <-ctx.Done():
			return
		case clicked := <-t.clicks:
			t.command(ctx, wg, clicked.shown.Do)
			continue
		case _, open := <-changes:
			if !open {
				return
			}
		case <-second.C:
			if whole > 0 {
				whole--
				t.forget()
			}
		}
		if err := t.paint(View(t.Supervisor.Latest(), Desk{}, wall())); err != nil {
			t.quit(ErrDesktopGone)
			return
		}
	}
}

// command does what was clicked, off the loop.
func (t *ui) command(ctx context.Context, wg *sync.WaitGroup, c Command) {
	switch c.Local {
	case "":
		t.do(ctx, wg, c)
	case Quit:
		t.quit(nil)
	case OpenLog:
		wg.Go(func() {
			if err := t.OpenLog(); err != nil {
				t.complain("Could not open the log", err)
			}
		})
	}
}

func (t *ui) do(ctx context.Context, wg *sync.WaitGroup, c Command) {
	wg.Go(func() {
		// What fails after it was begun is told by the supervisor itself.
		if err := t.Supervisor.Do(ctx, c.Gateway, c.Action); err != nil && ctx.Err() == nil {
			t.Log.Error("command failed", "action", c.Action, "gateway", c.Gateway, "error", err)
		}
	})
}

// complain tells a person that a click has come to nothing.
func (t *ui) complain(title string, err error) {
	t.Log.Error(title, "error", err)
	select {
	case t.failed <- supervisor.Notice{Kind: supervisor.NoticeFailed, Title: title, Body: err.Error()}:
	default: // one is on its way already
	}
}
