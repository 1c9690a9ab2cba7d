//go:build !linux

package tray

import (
	"context"
	"fmt"
	"sync"
	"time"

	"fyne.io/systray"
)

// repaints is how many menus are painted whole, a second apart: what was painted
// while the toolkit was still announcing itself may have been lost.
const repaints = 3

// run is the toolkit's loop, on the main goroutine, until ctx ends.
func (t *ui) run(ctx context.Context, first Menu) (err error) {
	defer func() { // the toolkit panics on leaving when it never came up
		if broken := recover(); broken != nil {
			err = fmt.Errorf("the tray broke down: %v", broken)
		}
	}()
	t.before(first)
	var wg sync.WaitGroup
	systray.Run(func() {
		t.build(first)
		t.listen(ctx)
		if err := reopened(func() { t.explain(ctx) }); err != nil {
			t.Log.Error("a second start explains nothing", "error", err)
		}
		wg.Go(func() {
			t.paintsAnew(ctx)
			// Only now: a setter that comes after the end of macOS's loop waits for ever.
			systray.Quit()
		})
	}, nil)
	t.quit()
	wait(&wg, leaving)
	return nil
}

func (t *ui) paintsAnew(ctx context.Context) {
	t.forget() // before the toolkit's loop nothing is painted on macOS
	for range repaints {
		part, cancel := context.WithTimeout(ctx, time.Second)
		err := t.paints(part)
		cancel()
		if err != nil {
			t.Log.Error("the icon cannot be painted", "error", err)
		}
		t.forget()
	}
	for ctx.Err() == nil {
		if err := t.paints(ctx); err != nil {
			t.Log.Error("the icon cannot be painted", "error", err)
		}
	}
}
