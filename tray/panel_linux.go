package tray

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/godbus/dbus/v5"

	"gatelight/tray/sessionbus"
)

// The part of a panel that tray icons register with, as the StatusNotifierItem
// specification has it.
const (
	watcherName = "org.kde.StatusNotifierWatcher"
	watcherPath = "/StatusNotifierWatcher"
)

// registrationGrace is how long the panel that is there at the start may take to
// show the icon, twice, before we register it: the toolkit does that once by
// itself, and some panels show an icon twice that is registered twice.
const registrationGrace = 500 * time.Millisecond

// keepRegistered registers our icon with every panel that starts, until ctx ends.
// item is the connection that the icon is on, own is the one to ask with.
func keepRegistered(ctx context.Context, own, item *dbus.Conn) error {
	started := make(chan struct{}, 1)
	if err := sessionbus.NotifyOwner(ctx, own, watcherName, started); err != nil {
		return fmt.Errorf("cannot watch for panels: %w", err)
	}
	check := time.NewTimer(registrationGrace)
	defer check.Stop()
	for checks, registered := 0, false; ; {
		select {
		case <-ctx.Done():
			return nil
		case <-started:
			registered = false
			if checks > 0 { // else it may be the panel that the toolkit registers with
				checks = 2
				check.Reset(0)
			}
			continue
		case <-check.C:
		}
		checks++
		known, err := isRegistered(ctx, own, item)
		switch {
		case err != nil || known || registered:
			// there is no panel, or it has our icon: wait for the next panel
		case checks < 2:
			check.Reset(registrationGrace)
		default:
			if registered = register(ctx, item) == nil; !registered {
				check.Reset(maxRetry)
			}
		}
	}
}

// isRegistered reports whether the panel has the icon of that connection.
func isRegistered(ctx context.Context, own, item *dbus.Conn) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, sessionbus.Timeout)
	defer cancel()
	var v dbus.Variant
	err := own.Object(watcherName, watcherPath).CallWithContext(ctx, sessionbus.Name+".Properties.Get", dbus.FlagNoAutoStart,
		watcherName, "RegisteredStatusNotifierItems").Store(&v)
	if err != nil {
		return false, err
	}
	var items []string
	if err := v.Store(&items); err != nil {
		return false, err
	}
	for _, i := range items {
		// ":1.42/StatusNotifierItem" or, on GNOME, ":1.42@/…"; some use the well-known name.
		for _, name := range item.Names() {
			if rest, ours := strings.CutPrefix(i, name); ours && (rest == "" || rest[0] == '/' || rest[0] == '@') {
				return true, nil
			}
		}
	}
	return false, nil
}

func register(ctx context.Context, item *dbus.Conn) error {
	ctx, cancel := context.WithTimeout(ctx, sessionbus.Timeout)
	defer cancel()
	return item.Object(watcherName, watcherPath).CallWithContext(ctx, watcherName+".RegisterStatusNotifierItem", dbus.FlagNoAutoStart, itemPath).Err
}
