// Package alerts shows the supervisor's notices on the desktop. Three words tell
// them apart: a notice is what the supervisor says, an alert is a notice that
// waits in the queue, and a shown one is on the screen.
package alerts

import (
	"context"

	"gatelight/supervisor"
)

// ShowDialog shows a window until it is closed or ctx ends.
func ShowDialog(ctx context.Context, title, body string) error {
	_, err := showDialog(ctx, supervisor.Notice{Title: title, Body: body}, "")
	return err
}

// Show shows one alert, in the same way as a [Presenter]. It gives up at ctx's
// deadline.
func Show(ctx context.Context, title, body string) error {
	b := newBackend(func(Press) {})
	defer b.close()
	return b.show(ctx, alert{Notice: supervisor.Notice{Title: title, Body: body}})
}
