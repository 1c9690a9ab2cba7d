package tray

import "context"

// Alerts is how alerts are shown on this desktop.
type Alerts struct {
	By       string // who shows them, "dunst 1.9.0"; "" when nobody does
	Doubtful bool   // they may be dropped, and nobody is told
	Short    string // why they are not shown in a better way; "" when they are
	Do       string // what a person can do about Short, or about the error beside it
	Buttons  bool   // they can carry buttons
	Sound    bool   // they can be heard
}

// AlertsNow asks the desktop how alerts are shown. With an error nobody shows
// them. It shows nothing, and gives up at ctx's deadline.
func AlertsNow(ctx context.Context) (Alerts, error) { return alertsNow(ctx) }
