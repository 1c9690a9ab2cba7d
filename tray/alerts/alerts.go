// Package alerts shows the supervisor's notices on the desktop.
package alerts

import (
	"context"

	"gatelight/tray"
)

// A Report is how alerts are shown on this desktop.
type Report = tray.Alerts

// Show shows one alert. It gives up at ctx's deadline.
func Show(ctx context.Context, title, body string) error { return tray.Notify(ctx, title, body) }

// Inspect asks the desktop how alerts are shown.
func Inspect(ctx context.Context) (Report, error) { return tray.AlertsNow(ctx) }
