package tray

import (
	"context"

	"gatelight/supervisor"
)

// Notify raises one notification, the way that the tray does it. It gives up at
// ctx's deadline.
func Notify(ctx context.Context, title, body string) error {
	p := newPoster()
	defer p.close()
	return p.post(ctx, "", supervisor.Notice{Title: title, Body: body}, "connected", false)
}
