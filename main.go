// Gatelight is the traffic light of an Interactive Brokers Gateway in the menu
// bar, and the one place every script on the machine asks about it.
package main

import (
	"context"
	"os"

	"gatelight/supervisor/cli"
	"gatelight/tray"
	"gatelight/tray/alerts"
)

func main() {
	os.Exit(cli.Main(os.Args[1:], cli.Face{
		Desktop: tray.Desktop,
		Notify:  alerts.Show,
		Alerts: func(ctx context.Context) (cli.Alerts, error) {
			a, err := alerts.Inspect(ctx)
			return cli.Alerts(a), err
		},
		Tray: func(ctx context.Context, o cli.TrayOptions) error {
			return tray.Run(ctx, tray.Options(o))
		},
		Text: tray.StatusText,
	}))
}
