package tray

import "context"

// alertsNow: Windows shows them as toasts, and does not say whether it did.
func alertsNow(context.Context) (Alerts, error) { return Alerts{By: "Windows", Sound: true}, nil }
