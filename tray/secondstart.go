package tray

import (
	"context"
	"time"

	"gatelight/supervisor"
)

// pressTolerance is how long before or after a press on an alert the system may
// say that the program was opened again: it brings the program to the front for
// the press.
const pressTolerance = time.Second

// showWhere says in a window where the icon is. A person who opens the program
// again has not seen the icon, and perhaps no alert either. It never blocks.
func (t *ui) showWhere(ctx context.Context) {
	if !t.showingWhere.CompareAndSwap(false, true) {
		return // it is open
	}
	t.tasks.Go(func() {
		defer t.showingWhere.Store(false)
		if !supervisor.Sleep(ctx, pressTolerance) {
			return
		}
		if at := t.pressedAt.Load(); at != nil && supervisor.Now().Sub(*at) <= 2*pressTolerance {
			return
		}
		if err := t.alerts.ShowDialog(ctx, "Gatelight is running already", t.Where); err != nil {
			t.Log.Error("cannot say where the icon is", "error", err)
		}
	})
}
