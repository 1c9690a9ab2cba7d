//go:build linux

package fakedesktop

import (
	"context"
	"slices"
	"strings"

	"github.com/godbus/dbus/v5"
)

const (
	busInterface        = "org.freedesktop.DBus"
	propertiesInterface = "org.freedesktop.DBus.Properties"

	watcherName  = "org.kde.StatusNotifierWatcher"
	watcherPath  = "/StatusNotifierWatcher"
	itemRegister = watcherName + ".StatusNotifierItemRegistered"
	itemLeave    = watcherName + ".StatusNotifierItemUnregistered"
)

// A watcher is one life of the panel. A panel that comes back knows no items:
// programs must notice and register again.
type watcher struct {
	d     *Desktop
	conn  *dbus.Conn
	items []*Item // guarded by Desktop.mu, oldest first
	calls int     // of RegisterStatusNotifierItem; guarded by Desktop.mu
}

// StartWatcher brings the panel back after [Desktop.StopWatcher].
func (d *Desktop) StartWatcher() {
	d.t.Helper()
	if d.currentWatcher() != nil {
		d.t.Fatal("there is a panel already")
	}
	conn, err := d.dial()
	if err != nil {
		d.t.Fatalf("cannot start the panel: %v", err)
	}
	w := &watcher{d: d, conn: conn}
	conn.ExportMethodTable(map[string]any{
		"RegisterStatusNotifierItem": w.register,
		"RegisterStatusNotifierHost": func(string) *dbus.Error { return nil },
	}, watcherPath, watcherName)
	conn.ExportMethodTable(map[string]any{
		"Get":    w.property,
		"GetAll": w.properties,
	}, watcherPath, propertiesInterface)

	// Programs register as soon as they see the name.
	d.setWatcher(w)
	if err := own(conn, watcherName); err != nil {
		d.t.Fatalf("cannot start the panel: %v", err)
	}
	conn.Emit(watcherPath, watcherName+".StatusNotifierHostRegistered")
}

// StopWatcher takes the panel away, as a crash or a restart of it does.
func (d *Desktop) StopWatcher() {
	if w := d.currentWatcher(); w != nil {
		d.setWatcher(nil)
		quit(w.conn, watcherName)
	}
}

// Registrations is how often programs have registered with this panel. Some
// panels show an icon twice that registers twice.
func (d *Desktop) Registrations() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.watcher == nil {
		return 0
	}
	return d.watcher.calls
}

// Items is how many items the panel shows.
func (d *Desktop) Items() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.watcher == nil {
		return 0
	}
	return len(d.watcher.items)
}

// Item waits until the panel shows an item, and returns the newest. It stays
// good for as long as its program runs, with or without a panel.
func (d *Desktop) Item(ctx context.Context) (*Item, error) {
	var item *Item
	err := d.Await(ctx, "tray item", func() bool {
		d.mu.Lock()
		defer d.mu.Unlock()
		if d.watcher == nil || len(d.watcher.items) == 0 {
			return false
		}
		item = d.watcher.items[len(d.watcher.items)-1]
		return true
	})
	return item, err
}

func (d *Desktop) currentWatcher() *watcher {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.watcher
}

func (d *Desktop) setWatcher(w *watcher) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.watcher = w
	d.changeLocked()
}

// register is RegisterStatusNotifierItem. The specification has programs pass
// a bus name, which may be another connection's; many pass the path of their
// own item instead.
func (w *watcher) register(service string, sender dbus.Sender) *dbus.Error {
	w.d.mu.Lock()
	w.calls++
	w.d.changeLocked()
	w.d.mu.Unlock()
	item := &Item{host: w.d.host, owner: string(sender), path: "/StatusNotifierItem"}
	if strings.HasPrefix(service, "/") {
		item.path = dbus.ObjectPath(service)
	} else if err := w.ask("GetNameOwner", service, &item.owner); err != nil {
		return dbus.MakeFailedError(err)
	}
	w.d.mu.Lock()
	known := slices.ContainsFunc(w.items, item.same)
	if !known {
		w.items = append(w.items, item)
		w.conn.Emit(watcherPath, itemRegister, item.service())
		w.d.changeLocked()
	}
	w.d.mu.Unlock()

	// The program may have gone before its item was in the list, and then
	// nobody else takes it out again.
	var running bool
	if err := w.ask("NameHasOwner", item.owner, &running); err == nil && !running {
		w.d.mu.Lock()
		defer w.d.mu.Unlock()
		w.dropLocked(item.owner)
		w.d.changeLocked()
	}
	return nil
}

// ask has the bus tell about a name.
func (w *watcher) ask(method, name string, answer any) error {
	return w.conn.BusObject().Call(busInterface+"."+method, 0, name).Store(answer)
}

// dropLocked forgets the items of a program that has left the bus.
func (w *watcher) dropLocked(owner string) {
	w.items = slices.DeleteFunc(w.items, func(i *Item) bool {
		if i.owner != owner {
			return false
		}
		w.conn.Emit(watcherPath, itemLeave, i.service())
		return true
	})
}

func (w *watcher) properties(string) (map[string]dbus.Variant, *dbus.Error) {
	w.d.mu.Lock()
	defer w.d.mu.Unlock()
	services := []string{}
	for _, i := range w.items {
		services = append(services, i.service())
	}
	return map[string]dbus.Variant{
		"RegisteredStatusNotifierItems":  dbus.MakeVariant(services),
		"IsStatusNotifierHostRegistered": dbus.MakeVariant(true),
		"ProtocolVersion":                dbus.MakeVariant(int32(0)),
	}, nil
}

func (w *watcher) property(iface, name string) (dbus.Variant, *dbus.Error) {
	all, _ := w.properties(iface)
	v, ok := all[name]
	if !ok {
		return v, dbus.NewError("org.freedesktop.DBus.Error.UnknownProperty", []any{name})
	}
	return v, nil
}
