package alerts

import (
	"context"

	"gatelight/assets"
	"gatelight/supervisor"
)

// appName is the program's name where a desktop shows one.
const appName = "Gatelight"

// A backend shows alerts through the desktop. Only one goroutine uses it.
// newBackend makes the system's. It calls pressed, on any goroutine, when a
// button or an alert's text was pressed; pressed must not block.
type backend interface {
	// show shows an alert. Where the system can, it replaces the shown one of the
	// same key. It returns within ctx's deadline.
	// A [rejected] error says nothing about other alerts.
	show(ctx context.Context, a alert) error
	// withdraw takes what is shown under a key from the screen, where the system
	// can. Nothing may be shown.
	withdraw(ctx context.Context, key string) error
	// name is who shows the alerts: name and version.
	name(ctx context.Context) (string, error)
	// ready receives when somebody who shows alerts has started. It is nil where
	// the system does not tell.
	ready() <-chan struct{}
	// close ends it. What is shown, and was not withdrawn, stays.
	close()
}

// An alert is a notice as the desktop is to show it.
type alert struct {
	Key       string // the same for all notices of one incident
	Gateway   string // its name; "": of none
	Notice    supervisor.Notice
	Icon      string // a name from package assets; "" is the program's own
	Simulated bool
	Buttons   []Button // what a person can do about it, the likeliest first
	Sound     bool
}

func (a alert) picture() []byte {
	if a.Icon == "" {
		return assets.App()
	}
	return assets.PNG(a.Icon, a.Simulated)
}

// rejected is the error for an alert that the desktop does not accept. It may
// accept others.
type rejected struct{ error }
