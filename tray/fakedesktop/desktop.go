//go:build linux

package fakedesktop

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"
)

const (
	// patience ends an Await whose context has no deadline of its own.
	patience = time.Minute
	// callTimeout ends a question to a program that has stopped answering.
	callTimeout = 5 * time.Second
	// fallback is how often Await looks without having been told of a change,
	// for conditions that are not about the desktop, or about a dead bus.
	fallback = 100 * time.Millisecond
)

// A Desktop is a session bus with a panel and a notification service. Methods
// may be called from any goroutine, except those that start and stop a part of
// it, and AwaitSummary: they fail the test at once, and belong to its own
// goroutine.
type Desktop struct {
	t    testing.TB
	bus  *bus
	host *dbus.Conn // the panel's eyes: reads items, hears their signals

	mu           sync.Mutex
	changed      chan struct{} // closed and replaced at every change
	watcher      *watcher      // nil when there is no panel
	notifier     *notifier     // nil when there is no notification service
	hung         bool
	capabilities []string // of the service; nil: the usual
	received     []Notification
	shown        map[uint32]Notification
}

// Start brings up a private session bus with a tray host and a notification
// service. They end with the test.
func Start(t testing.TB) *Desktop {
	t.Helper()
	d := &Desktop{
		t:       t,
		bus:     startBus(t),
		changed: make(chan struct{}),
		shown:   map[uint32]Notification{},
	}
	d.connect()
	t.Cleanup(func() { d.host.Close() })
	d.StartWatcher()
	t.Cleanup(d.StopWatcher)
	d.StartNotifications()
	t.Cleanup(d.StopNotifications)
	return d
}

// connect opens the panel's eyes.
func (d *Desktop) connect() {
	d.t.Helper()
	host, err := d.dial(dbus.WithSignalHandler(signalFunc(d.signalled)))
	if err != nil {
		d.t.Fatalf("cannot connect the panel to its bus: %v", err)
	}
	d.host = host
	for _, iface := range []string{itemInterface, menuInterface, propertiesInterface, busInterface} {
		if err := host.AddMatchSignal(dbus.WithMatchInterface(iface)); err != nil {
			d.t.Fatalf("cannot listen to %s: %v", iface, err)
		}
	}
}

// Address is the bus's, for DBUS_SESSION_BUS_ADDRESS.
func (d *Desktop) Address() string { return d.bus.address }

// Env is what to append to the environment of the program under test. The
// displays are blanked so that nothing it starts shows on a real screen.
func (d *Desktop) Env() []string {
	return []string{"DBUS_SESSION_BUS_ADDRESS=" + d.Address(), "DISPLAY=", "WAYLAND_DISPLAY=gatelight-test"}
}

// KillBus ends the bus as a crash would: every connection breaks. It comes back
// with [Desktop.RestartBus] only.
func (d *Desktop) KillBus() {
	d.bus.kill()
	d.change()
}

// FreezeBus stops the daemon where it stands, or lets it go on: connections
// stay, and nothing is answered.
func (d *Desktop) FreezeBus(on bool) {
	d.t.Helper()
	s := syscall.SIGCONT
	if on {
		s = syscall.SIGSTOP
	}
	if err := d.bus.process.Signal(s); err != nil {
		d.t.Fatal(err)
	}
}

// RestartBus ends the bus, if it has not ended, and starts another at the same
// address, without a panel or a notification service. Items from before are
// good no more.
func (d *Desktop) RestartBus() {
	d.t.Helper()
	d.bus.kill()
	d.StopWatcher()
	d.StopNotifications()
	d.host.Close()
	d.bus.start(d.t)
	d.connect()
	d.change()
}

// Await returns when ok does. It looks again whenever anything changes on the
// desktop: the item's icon, texts or menu, the items themselves, the notifications.
// When ctx ends (or after ten seconds, if it has no deadline) the error shows
// what the desktop looked like.
func (d *Desktop) Await(ctx context.Context, what string, ok func() bool) error {
	if _, bounded := ctx.Deadline(); !bounded {
		var cancel func()
		ctx, cancel = context.WithTimeout(ctx, patience)
		defer cancel()
	}
	tick := time.NewTicker(fallback)
	defer tick.Stop()
	for {
		d.mu.Lock()
		changed := d.changed // before looking, so that no change is missed
		d.mu.Unlock()
		if ok() {
			return nil
		}
		select {
		case <-changed:
		case <-tick.C:
		case <-ctx.Done():
			if ok() { // it may have come true with the deadline
				return nil
			}
			return fmt.Errorf("no %s: %w\n%s", what, ctx.Err(), d)
		}
	}
}

// String is the desktop as a person would describe it.
func (d *Desktop) String() string {
	d.mu.Lock()
	var items []*Item
	panel := "no panel"
	if d.watcher != nil {
		items = slices.Clone(d.watcher.items)
		panel = fmt.Sprintf("a panel with %d items", len(items))
	}
	service := "no notification service"
	if d.notifier != nil {
		service = "a notification service"
	}
	notifications := slices.Clone(d.received)
	d.mu.Unlock()

	var b strings.Builder
	fmt.Fprintf(&b, "the desktop has %s, %s\n", panel, service)
	for _, i := range items {
		b.WriteString(indent(i.String()))
	}
	for _, notification := range notifications {
		fmt.Fprintf(&b, "  %s\n", notification)
	}
	return b.String()
}

// change wakes every Await.
func (d *Desktop) change() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.changeLocked()
}

func (d *Desktop) changeLocked() {
	close(d.changed)
	d.changed = make(chan struct{})
}

// signalled runs in the host connection's reader for every signal.
func (d *Desktop) signalled(s *dbus.Signal) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if name, gone := lostName(s); gone && d.watcher != nil {
		d.watcher.dropLocked(name)
	}
	d.changeLocked()
}

func lostName(s *dbus.Signal) (name string, gone bool) {
	if s.Name != busInterface+".NameOwnerChanged" || len(s.Body) != 3 {
		return "", false
	}
	name, _ = s.Body[0].(string)
	return name, s.Body[2] == ""
}

func (d *Desktop) dial(options ...dbus.ConnOption) (*dbus.Conn, error) {
	return dbus.Connect(d.Address(), options...)
}

// own takes a well-known name, which nobody else may have.
func own(conn *dbus.Conn, name string) error {
	reply, err := conn.RequestName(name, dbus.NameFlagDoNotQueue)
	if err == nil && reply != dbus.RequestNameReplyPrimaryOwner {
		err = fmt.Errorf("%s is taken", name)
	}
	return err
}

// quit gives a name back before closing, so that it is free on return: the bus
// would notice the closed connection only a little later.
func quit(conn *dbus.Conn, name string) {
	conn.ReleaseName(name) // the one error is a dead bus, which holds no names
	conn.Close()
}

// signalFunc hears signals in the order in which they come, in the connection's
// reader and without a goroutine of its own.
type signalFunc func(*dbus.Signal)

// DeliverSignal implements [dbus.SignalHandler].
func (f signalFunc) DeliverSignal(_, _ string, s *dbus.Signal) { f(s) }

func indent(s string) string {
	return "  " + strings.ReplaceAll(strings.TrimRight(s, "\n"), "\n", "\n  ") + "\n"
}
