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

// run is the toolkit's loop, on the main goroutine, until ctx ends.
func (t *ui) run(ctx context.Context, first Menu) (err error) {
	defer func() { // the toolkit panics at its end when it has not started
		if panicked := recover(); panicked != nil {
			err = fmt.Errorf("the tray has failed: %v", panicked)
		}
	}()
	t.prepare(first)
	var wg sync.WaitGroup
	systray.Run(func() {
		t.build(first)
		t.listen(ctx)
		if err := onSecondStart(func() { t.showWhere(ctx) }); err != nil {
			t.Log.Error("a second start will not say where the icon is", "error", err)
		}
		wg.Go(func() {
			t.repaint(ctx)
			// Only now: a setter that is called after the end of macOS's loop never returns.
			systray.Quit()
		})
	}, nil)
	t.quit()
	wait(&wg, quitTimeout)
	return nil
}

// repaint paints until ctx ends, at first everything several times.
func (t *ui) repaint(ctx context.Context) {
	t.invalidate() // before the toolkit's loop nothing is painted on macOS
	for range repaints {
		part, cancel := context.WithTimeout(ctx, time.Second)
		err := t.paintLoop(part)
		cancel()
		if err != nil {
			t.Log.Error("the icon cannot be painted", "error", err)
		}
		t.invalidate()
	}
	for ctx.Err() == nil {
		if err := t.paintLoop(ctx); err != nil {
			t.Log.Error("the icon cannot be painted", "error", err)
		}
	}
}
