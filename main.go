// Gatelight is the traffic light of an Interactive Brokers Gateway in the menu
// bar, and the one place every script on the machine asks about it.
package main

import (
	"context"
	"os"
	"time"

	"gatelight/supervisor"
	"gatelight/supervisor/cli"
	"gatelight/tray"
)

func main() {
	os.Exit(cli.Main(os.Args[1:], cli.Face{
		Desktop: tray.Desktop,
		Notify:  tray.Notify,
		Alerts: func(ctx context.Context) (cli.Alerts, error) {
			a, err := tray.AlertsNow(ctx)
			return cli.Alerts(a), err
		},
		Tray: func(ctx context.Context, o cli.TrayOptions) error {
			return tray.Run(ctx, tray.Options(o))
		},
		Text: func(w supervisor.Status, now time.Time, colour bool) string {
			return tray.Text(tray.View(w, tray.Desk{}, now), colour)
		},
	}))
}
