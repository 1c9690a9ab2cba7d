package tray

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"sync"

	"github.com/godbus/dbus/v5"
)

// The notification service, as the Desktop Notifications Specification 1.2 has it.
const (
	notifyService = "org.freedesktop.Notifications"
	notifyPath    = "/org/freedesktop/Notifications"
)

// A busPoster posts over a bus connection of its own. The toolkit's may not be
// shared: a NotificationClosed signal there ends its loop, and the icon never
// comes back after a panel restart.
type busPoster struct {
	pressed func(Command)
	conn    *dbus.Conn
	came    chan struct{}
	service string // who shows alerts, by the name that only this life of it has
	bubbles []bubble
	pending *posting
	actions bool // the service has buttons
	markup  bool // it reads markup in what an alert says

	mu     sync.Mutex
	offers map[string]Command // by the key of their button
	serial int
}

// A bubble is what the service shows of an incident. Its id means nothing to
// another service, which counts anew.
type bubble struct {
	key     string
	id      uint32
	buttons []string
}

// A posting is a call that has not been answered yet.
type posting struct {
	alert   alert
	service string
	buttons []string
	done    chan *dbus.Call
}

func newPoster(pressed func(Command)) poster {
	return &busPoster{pressed: pressed, came: make(chan struct{}, 1), offers: map[string]Command{}}
}

func (b *busPoster) close() {
	if b.conn != nil {
		b.conn.Close()
		b.conn = nil
	}
}

func (b *busPoster) ready() <-chan struct{} { return b.came }

// dial brings up the connection, finds out who shows alerts, and what a new one
// can do.
func (b *busPoster) dial(ctx context.Context) error {
	if b.conn == nil || !b.conn.Connected() {
		b.close()
		b.pending = nil
		b.serve("")
		conn, err := privateBus(context.WithoutCancel(ctx))
		if err != nil {
			return errors.New("there is no session bus")
		}
		if err := b.listen(ctx, conn); err != nil {
			conn.Close()
			return serviceError(ctx, err)
		}
		b.conn = conn
	}
	now, err := b.find(ctx)
	if err != nil {
		return err
	}
	if now == b.service {
		return nil
	}
	b.serve(now)
	var can []string
	if err := b.call(ctx, "GetCapabilities").Store(&can); err != nil {
		b.serve("")
		return serviceError(ctx, err)
	}
	b.actions, b.markup = slices.Contains(can, "actions"), slices.Contains(can, "body-markup")
	return nil
}

// serve notes who shows alerts from now on. What another one showed is gone.
func (b *busPoster) serve(service string) {
	if b.service == service {
		return
	}
	b.service, b.bubbles = service, nil
	b.mu.Lock()
	defer b.mu.Unlock()
	clear(b.offers)
}

// find is the unique name of the service, which the bus starts if it has to and can.
func (b *busPoster) find(ctx context.Context) (service string, err error) {
	const unowned = bus + ".Error.NameHasNoOwner"
	get := func() error {
		return b.conn.BusObject().CallWithContext(ctx, bus+".GetNameOwner", 0, notifyService).Store(&service)
	}
	err = get()
	if e, ok := errors.AsType[dbus.Error](err); ok && e.Name == unowned {
		if err = b.conn.BusObject().CallWithContext(ctx, bus+".StartServiceByName", 0, notifyService, uint32(0)).Err; err == nil {
			err = get()
		}
	}
	if err != nil {
		return "", serviceError(ctx, err)
	}
	return service, nil
}

func (b *busPoster) object() dbus.BusObject { return b.conn.Object(b.service, notifyPath) }

func (b *busPoster) call(ctx context.Context, method string, args ...any) *dbus.Call {
	return b.object().CallWithContext(ctx, notifyService+"."+method, 0, args...)
}

// listen hears of buttons that are pressed and of services that come.
func (b *busPoster) listen(ctx context.Context, conn *dbus.Conn) error {
	came, err := owners(ctx, conn, notifyService)
	if err != nil {
		return err
	}
	hear(conn, notifyService+".ActionInvoked", 2, func(body []any) { b.invoked(body[1]) })
	go func() { // ends with the connection
		for {
			select {
			case <-came:
				signal(b.came)
			case <-conn.Context().Done():
				return
			}
		}
	}()
	return conn.AddMatchSignalContext(ctx, dbus.WithMatchSender(notifyService), dbus.WithMatchInterface(notifyService), dbus.WithMatchMember("ActionInvoked"))
}

func (b *busPoster) invoked(key any) {
	k, _ := key.(string)
	b.mu.Lock()
	c, ours := b.offers[k]
	b.mu.Unlock()
	if ours {
		b.pressed(c)
	}
}

func (b *busPoster) who(ctx context.Context) (string, error) {
	if err := b.dial(ctx); err != nil {
		return "", err
	}
	var name, vendor, version, spec string
	if err := b.call(ctx, "GetServerInformation").Store(&name, &vendor, &version, &spec); err != nil {
		return "", serviceError(ctx, err)
	}
	return strings.TrimSpace(name + " " + version), nil
}

func (b *busPoster) post(ctx context.Context, a alert) error {
	if err := b.dial(ctx); err != nil {
		return err
	}
	// A service that hangs has the alert in hand already, and will show it when
	// it comes to itself: another call would show it twice.
	if p := b.pending; p != nil && p.service != b.service { // who hangs is not who is asked now
		b.forget(p.buttons)
		b.pending = nil
	}
	if p := b.pending; p != nil {
		if err := b.settle(ctx); err == nil && p.alert.Key == a.Key && p.alert.Notice == a.Notice {
			return nil
		} else if b.pending != nil {
			return err
		}
	}
	buttons, actions := b.offer(a)
	done := make(chan *dbus.Call, 1)
	b.pending = &posting{a, b.service, buttons, done}
	b.object().Go(notifyService+".Notify", 0, done,
		title, b.bubble(a.Key).id, "", clean(a.Notice.Title), b.body(a.Notice.Body), actions, hints(a), int32(-1)) // -1: the service knows for how long
	return b.settle(ctx)
}

func (b *busPoster) withdraw(ctx context.Context, key string) error {
	if p := b.pending; p != nil && p.alert.Key == key { // it may come on the screen yet
		if err := b.settle(ctx); b.pending != nil {
			return err
		}
	}
	x := b.bubble(key)
	if x.id == 0 || b.conn == nil || !b.conn.Connected() {
		return nil // it went with the bus, if there was one
	}
	err := b.call(ctx, "CloseNotification", x.id).Err
	if _, answered := errors.AsType[dbus.Error](err); err != nil && !answered {
		return serviceError(ctx, err)
	}
	b.lose(key) // an error is that it was closed already, or went with its service
	return nil
}

// clean is text that a bus takes. It hangs up on bytes that are not UTF-8.
func clean(text string) string { return strings.ToValidUTF8(text, "\uFFFD") }

// body is a text as the service takes it: some read markup in it, and would drop
// what looks like a tag.
func (b *busPoster) body(text string) string {
	text = clean(text)
	if !b.markup {
		return text
	}
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(text)
}

// settle waits for the answer to the call that is pending.
func (b *busPoster) settle(ctx context.Context) error {
	p := b.pending
	select {
	case call := <-p.done:
		b.pending = nil
		var id uint32
		if err := call.Store(&id); err != nil {
			b.forget(p.buttons)
			if _, answered := errors.AsType[dbus.Error](err); answered && !gone(err) {
				return refusal{serviceError(ctx, err)}
			}
			return serviceError(ctx, err)
		}
		if p.service == b.service {
			b.keep(bubble{p.alert.Key, id, p.buttons})
		}
		return nil
	case <-ctx.Done():
		return serviceError(ctx, ctx.Err())
	}
}

// offer makes buttons of an alert's offers. Their keys are good for this one
// alert only, since every program on the bus hears of every button.
func (b *busPoster) offer(a alert) (keys, actions []string) {
	actions = []string{}
	if !b.actions {
		return nil, actions
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, o := range a.Offers {
		b.serial++
		key := fmt.Sprintf("gatelight-%d-%d", os.Getpid(), b.serial)
		b.offers[key] = o.Do
		keys, actions = append(keys, key), append(actions, key, o.Label)
	}
	return keys, actions
}

func (b *busPoster) forget(buttons []string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, k := range buttons {
		delete(b.offers, k)
	}
}

func (b *busPoster) bubble(key string) bubble {
	i := slices.IndexFunc(b.bubbles, func(x bubble) bool { return x.key == key })
	if i < 0 || key == "" {
		return bubble{}
	}
	return b.bubbles[i]
}

// keep remembers a bubble in place of the incident's last.
func (b *busPoster) keep(x bubble) {
	b.lose(x.key)
	b.bubbles = append(b.bubbles, x)
	if len(b.bubbles) > remembered {
		b.forget(b.bubbles[0].buttons)
		b.bubbles = b.bubbles[1:]
	}
}

func (b *busPoster) lose(key string) {
	b.bubbles = slices.DeleteFunc(b.bubbles, func(x bubble) bool {
		if x.key == key {
			b.forget(x.buttons)
		}
		return x.key == key
	})
}

// serviceError says in words why the notification service has not done it: it
// hangs, it is not there, or what it says.
func serviceError(ctx context.Context, err error) error {
	switch {
	case ctx.Err() != nil:
		return errors.New("the notification service does not answer")
	case errors.Is(err, dbus.ErrClosed), errors.Is(err, io.EOF):
		return errors.New("there is no session bus")
	case gone(err):
		return errors.New("no notification service is running")
	}
	return fmt.Errorf("the notification service fails: %w", err)
}

// gone reports that the bus knows nobody who would answer.
func gone(err error) bool {
	e, told := errors.AsType[dbus.Error](err)
	return told && slices.Contains([]string{bus + ".Error.ServiceUnknown", bus + ".Error.NoReply", bus + ".Error.NameHasNoOwner"}, e.Name)
}
