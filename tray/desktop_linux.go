package tray

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/godbus/dbus/v5"
)

// watcher is the part of the desktop that takes in tray icons.
const watcher = "org.kde.StatusNotifierWatcher"

// Desktop says why there is no tray to show an icon in, or nil when there is
// one. Waiting tells that a tray may still come: there is a session with a
// screen, but no panel yet.
func Desktop(ctx context.Context) (waiting bool, err error) {
	conn, err := privateBus(ctx)
	if err != nil {
		return false, errors.New("there is no desktop session (no session bus)")
	}
	defer conn.Close()
	var owned bool
	err = conn.BusObject().CallWithContext(ctx, "org.freedesktop.DBus.NameHasOwner", 0, watcher).Store(&owned)
	switch {
	case err != nil:
		return false, fmt.Errorf("the session bus does not answer: %w", err)
	case owned:
		return false, nil
	case os.Getenv("DISPLAY") != "" || os.Getenv("WAYLAND_DISPLAY") != "":
		return true, errors.New("this desktop shows no tray icons (no StatusNotifierWatcher; on GNOME install the AppIndicator extension)")
	}
	return false, errors.New("there is no desktop session (no screen)")
}

// watchDesktop tells when the session bus has died: the toolkit would panic at
// the next change.
func watchDesktop(ctx context.Context) (<-chan struct{}, error) {
	conn, err := privateBus(ctx) // closed with ctx
	if err != nil {
		return nil, fmt.Errorf("there is no session bus for the tray: %w", err)
	}
	return closed(conn), nil
}

func closed(conn *dbus.Conn) <-chan struct{} { return conn.Context().Done() }
