package tray

import (
	"context"
	"time"

	"gatelight/assets"
	"gatelight/supervisor"
)

// A poster shows alerts through the desktop. Only one goroutine uses it.
// newPoster makes the system's; it is told which offers were pressed, on any
// goroutine, and must not be kept waiting.
type poster interface {
	// post shows an alert, where the system can in place of the one of the same
	// key. It returns within ctx's deadline.
	// An error that is a [refusal] says nothing of other alerts.
	post(ctx context.Context, a alert) error
	// withdraw takes what is shown under a key from the screen, where the system
	// can. There may be nothing.
	withdraw(ctx context.Context, key string) error
	// who says who shows the alerts: name and version.
	who(ctx context.Context) (string, error)
	// ready tells that somebody who shows alerts has come. It is nil where
	// nobody says so.
	ready() <-chan struct{}
	// close ends it. What it has shown, and not withdrawn, stays.
	close()
}

// An alert is a notice as the desktop is to show it.
type alert struct {
	Key       string // the same for all notices of one incident
	Notice    supervisor.Notice
	Icon      string // a name from package assets; "" is the program's own
	Simulated bool
	Offers    []offer // what a person can do about it, the likeliest first
	Sound     bool
}

func (a alert) picture() []byte {
	if a.Icon == "" {
		return assets.App()
	}
	return assets.PNG(a.Icon, a.Simulated)
}

// An offer is a button of an alert.
type offer struct {
	Label string
	Do    Command
}

// A refusal is an alert that the desktop does not take. It may take others.
type refusal struct{ error }

// postLimit is how long one alert may take to post: a stalled desktop must not
// keep later ones.
const postLimit = 5 * time.Second

// Notify raises one notification, the way that the tray does it. It gives up at
// ctx's deadline.
func Notify(ctx context.Context, title, body string) error {
	p := newPoster(func(Command) {})
	defer p.close()
	return p.post(ctx, alert{Notice: supervisor.Notice{Title: title, Body: body}})
}
