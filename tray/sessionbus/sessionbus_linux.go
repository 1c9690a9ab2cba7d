// Package sessionbus is a D-Bus connection to the desktop session that its
// owner shares with nobody, and how to follow a name on it.
package sessionbus

import (
	"context"
	"fmt"
	"time"

	"github.com/godbus/dbus/v5"
)

// Name is the bus itself, as a name, and the prefix of its methods and errors.
const Name = "org.freedesktop.DBus"

// Timeout is how long a session bus may take to accept a connection. It is a
// process on this machine, and one that hangs must not hold the caller up.
const Timeout = 5 * time.Second

// Connect opens a connection to the session bus. It closes with ctx. Where there
// is no bus, none is started: that is the desktop's task.
func Connect(ctx context.Context) (*dbus.Conn, error) {
	conn, err := dbus.SessionBusPrivateNoAutoStartup(dbus.WithContext(ctx))
	if err != nil {
		return nil, err
	}
	timeout := time.AfterFunc(Timeout, func() { conn.Close() })
	if err = conn.Auth(nil); err == nil {
		err = conn.Hello()
	}
	if !timeout.Stop() && err == nil {
		err = fmt.Errorf("the session bus did not answer within %s", Timeout)
	}
	if err != nil {
		conn.Close()
		return nil, err
	}
	return conn, nil
}

// HasOwner reports whether a program owns the name at this moment.
func HasOwner(ctx context.Context, conn *dbus.Conn, name string) (bool, error) {
	var owned bool
	err := conn.BusObject().CallWithContext(ctx, Name+".NameHasOwner", 0, name).Store(&owned)
	return owned, err
}

// NotifyOwner sends to the channel whenever a program takes the name, until the
// connection ends. It does not wait for a receiver: give the channel a buffer of
// one, and no new owner is missed.
func NotifyOwner(ctx context.Context, conn *dbus.Conn, name string, owned chan<- struct{}) error {
	return OnSignal(ctx, conn, Name, "NameOwnerChanged", 3, func(body []any) {
		if body[0] != name || body[2] == "" {
			return
		}
		select {
		case owned <- struct{}{}:
		default:
		}
	}, dbus.WithMatchArg(0, name))
}

// OnSignal calls f with the body of each of the service's signals of that name
// that has n values, until the connection ends. The interface is named as the
// service.
func OnSignal(ctx context.Context, conn *dbus.Conn, service, member string, n int, f func(body []any), more ...dbus.MatchOption) error {
	signals := make(chan *dbus.Signal, 16)
	conn.Signal(signals)
	go func() {
		for {
			select {
			case s := <-signals:
				if s != nil && s.Name == service+"."+member && len(s.Body) == n {
					f(s.Body)
				}
			case <-conn.Context().Done():
				return
			}
		}
	}()
	return conn.AddMatchSignalContext(ctx, append(more, dbus.WithMatchSender(service), dbus.WithMatchInterface(service), dbus.WithMatchMember(member))...)
}
