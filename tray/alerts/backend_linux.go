package alerts

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/godbus/dbus/v5"

	"gatelight/tray/sessionbus"
)

// The notification service, as the Desktop Notifications Specification 1.2 has it.
const (
	serviceName = "org.freedesktop.Notifications"
	servicePath = "/org/freedesktop/Notifications"
)

// A dbusBackend shows alerts through the notification service, over a bus
// connection of its own. The toolkit's may not be shared: a NotificationClosed
// signal there ends the toolkit's loop, and the icon never comes back after a
// panel restart.
type dbusBackend struct {
	conn    *dbus.Conn
	started chan struct{} // a service has started
	pressed func(Press)
	offers  offers

	owner   string // the unique bus name of the service: another one after each start
	actions bool   // the service shows buttons
	markup  bool   // the service reads markup in the body
	shown   []shownID
	pending *call
}

// A shownID is what the service calls the alert that it shows of an incident.
// Another service counts from one again.
type shownID struct {
	key string
	id  uint32
}

// A call of Notify that has not been answered yet.
type call struct {
	alert alert
	done  chan *dbus.Call
}

func newBackend(pressed func(Press)) backend {
	// Every program on the bus receives every press, of another Gatelight, too.
	prefix := fmt.Sprintf("gatelight-%d ", os.Getpid())
	return &dbusBackend{started: make(chan struct{}, 1), pressed: pressed, offers: offers{prefix: prefix}}
}

func (b *dbusBackend) close() {
	if b.conn != nil {
		b.conn.Close()
		b.conn = nil
	}
}

func (b *dbusBackend) ready() <-chan struct{} { return b.started }

// connect connects to the bus, finds out who shows alerts, and what that one can
// do if it is another one than before.
func (b *dbusBackend) connect(ctx context.Context) error {
	if b.conn == nil || !b.conn.Connected() {
		b.close()
		b.setOwner("")
		conn, err := sessionbus.Connect(context.WithoutCancel(ctx))
		if err != nil {
			return errors.New("there is no session bus")
		}
		if err := b.listen(ctx, conn); err != nil {
			conn.Close()
			return serviceError(ctx, err)
		}
		b.conn = conn
	}
	owner, err := b.findOwner(ctx)
	if err != nil {
		return err
	}
	if owner == b.owner {
		return nil
	}
	b.setOwner(owner)
	var can []string
	if err := b.call(ctx, "GetCapabilities").Store(&can); err != nil {
		b.setOwner("")
		return serviceError(ctx, err)
	}
	b.actions, b.markup = slices.Contains(can, "actions"), slices.Contains(can, "body-markup")
	return nil
}

// setOwner notes who shows alerts from now on. What another one showed is gone.
func (b *dbusBackend) setOwner(owner string) {
	b.owner, b.shown, b.pending = owner, nil, nil
}

// findOwner is the unique name of the service. The bus starts the service if it
// has to and can.
func (b *dbusBackend) findOwner(ctx context.Context) (owner string, err error) {
	get := func() error {
		return b.conn.BusObject().CallWithContext(ctx, sessionbus.Name+".GetNameOwner", 0, serviceName).Store(&owner)
	}
	err = get()
	if e, ok := errors.AsType[dbus.Error](err); ok && e.Name == sessionbus.Name+".Error.NameHasNoOwner" {
		if err = b.conn.BusObject().CallWithContext(ctx, sessionbus.Name+".StartServiceByName", 0, serviceName, uint32(0)).Err; err == nil {
			err = get()
		}
	}
	if err != nil {
		return "", serviceError(ctx, err)
	}
	return owner, nil
}

func (b *dbusBackend) object() dbus.BusObject { return b.conn.Object(b.owner, servicePath) }

func (b *dbusBackend) call(ctx context.Context, method string, args ...any) *dbus.Call {
	return b.object().CallWithContext(ctx, serviceName+"."+method, 0, args...)
}

// listen listens for pressed buttons and for services that start.
func (b *dbusBackend) listen(ctx context.Context, conn *dbus.Conn) error {
	if err := sessionbus.NotifyOwner(ctx, conn, serviceName, b.started); err != nil {
		return err
	}
	return sessionbus.OnSignal(ctx, conn, serviceName, "ActionInvoked", 2, func(body []any) {
		key, _ := body[1].(string)
		if p, known := b.offers.press(key); known {
			b.pressed(p)
		}
	})
}

func (b *dbusBackend) name(ctx context.Context) (string, error) {
	if err := b.connect(ctx); err != nil {
		return "", err
	}
	var name, vendor, version, spec string
	if err := b.call(ctx, "GetServerInformation").Store(&name, &vendor, &version, &spec); err != nil {
		return "", serviceError(ctx, err)
	}
	return strings.TrimSpace(name + " " + version), nil
}

func (b *dbusBackend) show(ctx context.Context, a alert) error {
	if err := b.connect(ctx); err != nil {
		return err
	}
	// A service that hangs has the alert already, and will show it when it goes on:
	// another call would show it twice.
	if c := b.pending; c != nil {
		if err := b.finish(ctx); err == nil && c.alert.Key == a.Key && c.alert.Notice == a.Notice {
			return nil
		} else if b.pending != nil {
			return err
		}
	}
	actions := []string{} // key and label of each button
	if b.actions {
		for _, button := range b.offers.add(a.Buttons) {
			actions = append(actions, button.ID, button.Label)
		}
	}
	done := make(chan *dbus.Call, 1)
	b.pending = &call{a, done}
	b.object().Go(serviceName+".Notify", 0, done,
		appName, b.shownAs(a.Key), "", validUTF8(a.Notice.Title), b.body(a.Notice.Body), actions, hints(a), int32(-1)) // -1: the service decides for how long
	return b.finish(ctx)
}

// finish waits for the answer to the pending call.
func (b *dbusBackend) finish(ctx context.Context) error {
	c := b.pending
	select {
	case answer := <-c.done:
		b.pending = nil
		var id uint32
		if err := answer.Store(&id); err != nil {
			if _, answered := errors.AsType[dbus.Error](err); answered && !isMissing(err) {
				return rejected{serviceError(ctx, err)}
			}
			return serviceError(ctx, err)
		}
		b.forget(c.alert.Key)
		b.shown = appendBounded(b.shown, shownID{c.alert.Key, id})
		return nil
	case <-ctx.Done():
		return serviceError(ctx, ctx.Err())
	}
}

func (b *dbusBackend) withdraw(ctx context.Context, key string) error {
	if c := b.pending; c != nil && c.alert.Key == key { // it may still appear
		if err := b.finish(ctx); b.pending != nil {
			return err
		}
	}
	id := b.shownAs(key)
	if id == 0 || b.conn == nil || !b.conn.Connected() {
		return nil // it ended with the bus, if there was one
	}
	err := b.call(ctx, "CloseNotification", id).Err
	if _, answered := errors.AsType[dbus.Error](err); err != nil && !answered {
		return serviceError(ctx, err)
	}
	b.forget(key) // the service answers with an error when it was closed already
	return nil
}

// shownAs is what the service calls an incident's alert; 0 for none.
func (b *dbusBackend) shownAs(key string) uint32 {
	for _, s := range b.shown {
		if s.key == key && key != "" {
			return s.id
		}
	}
	return 0
}

func (b *dbusBackend) forget(key string) {
	b.shown = slices.DeleteFunc(b.shown, func(s shownID) bool { return s.key == key })
}

// validUTF8 is a text that a bus accepts: it closes the connection on bytes that
// are not UTF-8.
func validUTF8(text string) string { return strings.ToValidUTF8(text, "\uFFFD") }

// body is a text as the service takes it: some read markup in it, and would drop
// what looks like a tag.
func (b *dbusBackend) body(text string) string {
	text = validUTF8(text)
	if !b.markup {
		return text
	}
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(text)
}

// serviceError says in words why the notification service has not done it: it
// hangs, it is not there, or what it says.
func serviceError(ctx context.Context, err error) error {
	switch {
	case ctx.Err() != nil:
		return errors.New("the notification service does not answer")
	case errors.Is(err, dbus.ErrClosed), errors.Is(err, io.EOF):
		return errors.New("there is no session bus")
	case isMissing(err):
		return errors.New("no notification service is running")
	}
	return fmt.Errorf("the notification service fails: %w", err)
}

// isMissing reports that the bus knows nobody who would answer.
func isMissing(err error) bool {
	e, ok := errors.AsType[dbus.Error](err)
	const prefix = sessionbus.Name + ".Error."
	return ok && slices.Contains([]string{prefix + "ServiceUnknown", prefix + "NoReply", prefix + "NameHasNoOwner"}, e.Name)
}
