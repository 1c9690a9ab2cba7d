package tray

import (
	"context"
	"errors"
	"fmt"
	"os"

	"gatelight/tray/sessionbus"
)

// CheckTray says why there is no tray to show an icon in, or nil when there is
// one. Waiting tells that a tray may still start: there is a screen, but no
// session bus or no panel yet.
func CheckTray(ctx context.Context) (waiting bool, err error) {
	waiting = os.Getenv("DISPLAY") != "" || os.Getenv("WAYLAND_DISPLAY") != ""
	conn, err := sessionbus.Connect(ctx)
	if err != nil {
		return waiting, errors.New("there is no desktop session (no session bus)")
	}
	defer conn.Close()
	owned, err := sessionbus.HasOwner(ctx, conn, watcherName)
	switch {
	case err != nil:
		return waiting, fmt.Errorf("the session bus does not answer: %w", err)
	case owned:
		return false, nil
	case waiting:
		return true, errors.New("this desktop shows no tray icons (no StatusNotifierWatcher; on GNOME install the AppIndicator extension)")
	}
	return false, errors.New("there is no desktop session (no screen)")
}
