package tray

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/godbus/dbus/v5"
)

// watcher is the part of the desktop that takes in tray icons.
const (
	watcher     = "org.kde.StatusNotifierWatcher"
	watcherPath = "/StatusNotifierWatcher"
)

const bus = "org.freedesktop.DBus"

// Desktop says why there is no tray to show an icon in, or nil when there is
// one. Waiting tells that a tray may still come: there is a screen, but no
// session bus or no panel yet.
func Desktop(ctx context.Context) (waiting bool, err error) {
	waiting = os.Getenv("DISPLAY") != "" || os.Getenv("WAYLAND_DISPLAY") != ""
	conn, err := privateBus(ctx)
	if err != nil {
		return waiting, errors.New("there is no desktop session (no session bus)")
	}
	defer conn.Close()
	owned, err := hasOwner(ctx, conn, watcher)
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

func hasOwner(ctx context.Context, conn *dbus.Conn, name string) (bool, error) {
	var owned bool
	err := conn.BusObject().CallWithContext(ctx, bus+".NameHasOwner", 0, name).Store(&owned)
	return owned, err
}

// dialing is how long a session bus may take to let us in. It is a process on
// this machine, and one that hangs must not hold us up.
const dialing = 5 * time.Second

// privateBus is a session bus connection that nobody else uses. It closes with
// ctx. Where there is no bus, none is started: that is the desktop's to do.
func privateBus(ctx context.Context) (*dbus.Conn, error) {
	conn, err := dbus.SessionBusPrivateNoAutoStartup(dbus.WithContext(ctx))
	if err != nil {
		return nil, err
	}
	late := time.AfterFunc(dialing, func() { conn.Close() })
	if err = conn.Auth(nil); err == nil {
		err = conn.Hello()
	}
	if !late.Stop() && err == nil {
		err = fmt.Errorf("the session bus did not answer within %s", dialing)
	}
	if err != nil {
		conn.Close()
		return nil, err
	}
	return conn, nil
}

// owners tells of each new owner of a name on the bus, until the connection ends.
func owners(ctx context.Context, conn *dbus.Conn, name string) (<-chan struct{}, error) {
	came := make(chan struct{}, 1)
	hear(conn, bus+".NameOwnerChanged", 3, func(body []any) {
		if body[0] == name && body[2] != "" {
			signal(came)
		}
	})
	return came, conn.AddMatchSignalContext(ctx, dbus.WithMatchSender(bus), dbus.WithMatchInterface(bus),
		dbus.WithMatchMember("NameOwnerChanged"), dbus.WithMatchArg(0, name))
}

// hear has a function take each signal of a name that has n values, until the
// connection ends.
func hear(conn *dbus.Conn, name string, n int, take func(body []any)) {
	heard := make(chan *dbus.Signal, 16)
	conn.Signal(heard)
	go func() {
		for {
			select {
			case s := <-heard:
				if s != nil && s.Name == name && len(s.Body) == n {
					take(s.Body)
				}
			case <-conn.Context().Done():
				return
			}
		}
	}()
}

// signal tells whoever waits; once is enough.
func signal(c chan<- struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// settling is how long the panel that is there at the start is left to take in
// the icon, twice, since the toolkit registers that by itself. Some panels show
// an icon twice that is registered twice.
const settling = 500 * time.Millisecond

// stayInPanel sees to it that every panel that comes has our icon, until ctx
// ends. item is the connection that the icon is on, own is for asking.
func stayInPanel(ctx context.Context, own, item *dbus.Conn) error {
	came, err := owners(ctx, own, watcher)
	if err != nil {
		return fmt.Errorf("cannot watch for panels: %w", err)
	}
	look := time.NewTimer(settling)
	defer look.Stop()
	for looks, registered := 0, false; ; {
		select {
		case <-ctx.Done():
			return nil
		case <-came:
			registered = false
			if looks > 0 { // else it may be the one that the toolkit registers with
				looks = 2
				look.Reset(0)
			}
			continue
		case <-look.C:
		}
		looks++
		there, err := inPanel(ctx, own, item)
		switch {
		case err != nil || there || registered:
			// no panel, or one that has us: the next one is heard of
		case looks < 2:
			look.Reset(settling)
		default:
			if registered = register(ctx, item) == nil; !registered {
				look.Reset(slowest)
			}
		}
	}
}

// inPanel reports whether the panel has the item of that connection.
func inPanel(ctx context.Context, own, item *dbus.Conn) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, dialing)
	defer cancel()
	var v dbus.Variant
	err := own.Object(watcher, watcherPath).CallWithContext(ctx, bus+".Properties.Get", dbus.FlagNoAutoStart,
		watcher, "RegisteredStatusNotifierItems").Store(&v)
	if err != nil {
		return false, err
	}
	var items []string
	if err := v.Store(&items); err != nil {
		return false, err
	}
	for _, i := range items {
		// ":1.42/StatusNotifierItem" or, on GNOME, ":1.42@/…"; some go by the other name.
		for _, name := range item.Names() {
			if rest, ours := strings.CutPrefix(i, name); ours && (rest == "" || rest[0] == '/' || rest[0] == '@') {
				return true, nil
			}
		}
	}
	return false, nil
}

func register(ctx context.Context, item *dbus.Conn) error {
	ctx, cancel := context.WithTimeout(ctx, dialing)
	defer cancel()
	return item.Object(watcher, watcherPath).CallWithContext(ctx, watcher+".RegisterStatusNotifierItem", dbus.FlagNoAutoStart, itemPath).Err
}
