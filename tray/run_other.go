//go:build !linux

package tray

import (
	"context"
	"fmt"
	"sync"
	"time"

	"fyne.io/systray"
)

// repaints is how many times everything is painted, a second apart: what was
// painted while the toolkit was still registering the icon may have been lost.
const repaints = 3

// run is the toolkit's loop, on the first thread, until ctx ends, or until the
// system ends the program: at logout, by Activity Monitor, by an AppleScript.
func (t *ui) run(ctx context.Context, menu Menu) (err error) {
	t.painter.prepare(menu)
	var wg sync.WaitGroup
	first.do(func(systemEnds func()) {
		defer func() { // the toolkit panics at its end when it has not started
			if panicked := recover(); panicked != nil {
				err = fmt.Errorf("the tray has failed: %v", panicked)
			}
		}()
		systray.Run(func() { t.ready(ctx, menu, &wg) }, func() {
			if ctx.Err() == nil { // nobody has asked for the end
				systemEnds()
			}
		})
	})
	t.quit()
	wait(&wg, quitTimeout)
	return err
}

// ready is called when the toolkit has begun.
func (t *ui) ready(ctx context.Context, menu Menu, wg *sync.WaitGroup) {
	t.painter.build(menu)
	t.listen(ctx)
	if err := onSecondStart(func() { t.showWhere(ctx) }); err != nil {
		t.Log.Error("a second start will not say where the icon is", "error", err)
	}
	if err := setUpIcon(); err != nil {
		t.Log.Error("the icon is not set up", "error", err)
	}
	if err := onWake(t.Woken); err != nil {
		t.Log.Error("the next look after a wake-up comes two seconds late", "error", err)
	}
	wg.Go(func() { barWatcher{t.Options, barReport, t.failed}.watch(ctx) })
	wg.Go(func() {
		t.repaint(ctx)
		closeMenu()
		// Only now: a setter that is called after the end of macOS's loop never returns.
		systray.Quit()
	})
}

// repaint paints until ctx ends, at first everything several times.
func (t *ui) repaint(ctx context.Context) {
	t.painter.invalidate() // before the toolkit's loop nothing is painted on macOS
	for range repaints {
		part, cancel := context.WithTimeout(ctx, time.Second)
		err := t.paintLoop(part)
		cancel()
		if err != nil {
			t.Log.Error("the icon cannot be painted", "error", err)
		}
		t.painter.invalidate()
	}
	for ctx.Err() == nil {
		if err := t.paintLoop(ctx); err != nil {
			t.Log.Error("the icon cannot be painted", "error", err)
		}
	}
}
