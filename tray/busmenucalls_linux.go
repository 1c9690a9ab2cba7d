package tray

import (
	"fmt"
	"maps"
	"time"

	"github.com/godbus/dbus/v5"

	"gatelight/supervisor"
)

// This file is what panels call, in the protocol's types.

// A menuLayout is an entry with what is below it, on the wire.
type menuLayout struct {
	ID         int32
	Properties map[string]dbus.Variant
	Children   []dbus.Variant
}

// menuProperties are those of one entry, on the wire.
type menuProperties struct {
	ID         int32
	Properties map[string]dbus.Variant
}

// removedProperties are names of properties that have their defaults again.
type removedProperties struct {
	ID    int32
	Names []string
}

// menuEvent is one event, on the wire.
type menuEvent struct {
	ID        int32
	What      string
	Data      dbus.Variant
	Timestamp uint32
}

// A menuOnBus has the methods that panels call.
type menuOnBus struct{ m *busMenu }

// secondReading is how soon a panel is asked to read the menu a second time.
const secondReading = 150 * time.Millisecond

// GetLayout returns entries with their properties, all of them whatever names says: the
// protocol permits that.
//
// libdbusmenu-gtk3, which xfce, Cinnamon and others use, loses submenus that it gets to
// know together with their parents. So each panel that asks for more than the first
// level gets that alone at first. Those of Qt, such as LXQt and Plasma, ask for one
// level at a time; a second reading would close a menu that was opened meanwhile.
func (b menuOnBus) GetLayout(sender dbus.Sender, parent, depth int32, _ []string) (uint32, menuLayout, *dbus.Error) {
	m := b.m
	m.mu.Lock()
	defer m.mu.Unlock()
	n, known := m.node(parent)
	if !known {
		return 0, menuLayout{}, noEntry(parent)
	}
	if depth != 1 && !m.readers[string(sender)] {
		m.readers[string(sender)] = true
		depth = 1
		conn := m.conn
		time.AfterFunc(secondReading, func() {
			m.mu.Lock()
			defer m.mu.Unlock()
			if m.conn == conn {
				m.askToReadAgain(sender)
			}
		})
	}
	return m.revision, m.layout(parent, n, depth), nil
}

func noEntry(id int32) *dbus.Error {
	return dbus.MakeFailedError(fmt.Errorf("the menu has no entry %d", id))
}

// GetGroupProperties returns the properties of several entries, of all for none.
func (b menuOnBus) GetGroupProperties(ids []int32, _ []string) ([]menuProperties, *dbus.Error) {
	m := b.m
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(ids) == 0 {
		for i := range m.nodes {
			ids = append(ids, m.first+int32(i))
		}
	}
	found := []menuProperties{}
	for _, id := range ids {
		if n, known := m.node(id); known {
			found = append(found, menuProperties{id, maps.Clone(n.properties)})
		}
	}
	return found, nil
}

// GetProperty returns one property.
func (b menuOnBus) GetProperty(id int32, name string) (dbus.Variant, *dbus.Error) {
	m := b.m
	m.mu.Lock()
	defer m.mu.Unlock()
	n, known := m.node(id)
	if !known {
		return dbus.MakeVariant(""), noEntry(id)
	}
	if v, has := n.properties[name]; has {
		return v, nil
	}
	if v, has := menuDefaults[name]; has {
		return v, nil
	}
	return dbus.MakeVariant(""), dbus.MakeFailedError(fmt.Errorf("entries have no property %q", name))
}

// Event is something that a person did.
func (b menuOnBus) Event(id int32, what string, _ dbus.Variant, _ uint32) *dbus.Error {
	if !b.m.event(id, what) {
		return noEntry(id)
	}
	return nil
}

// EventGroup is several of them. It returns the IDs of entries that there are not.
func (b menuOnBus) EventGroup(events []menuEvent) ([]int32, *dbus.Error) {
	missing := []int32{}
	for _, e := range events {
		if !b.m.event(e.ID, e.What) {
			missing = append(missing, e.ID)
		}
	}
	return missing, nil
}

// AboutToShow reports whether the entries of a submenu have to be read again: never,
// since every change was told. For the menu itself it is the one sign of its opening
// that xfce's panel gives, which does not tell when it is closed.
func (b menuOnBus) AboutToShow(id int32) (bool, *dbus.Error) {
	m := b.m
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, known := m.node(id); !known {
		return false, noEntry(id)
	}
	if id == 0 {
		m.show(m.newest, m.shape) // what was kept back while it was open before
		m.open.opened(supervisor.Now())
		if m.listener.opened != nil {
			m.listener.opened()
		}
	}
	return false, nil
}

// AboutToShowGroup is AboutToShow for several.
func (b menuOnBus) AboutToShowGroup(ids []int32) (update, missing []int32, err *dbus.Error) {
	update, missing = []int32{}, []int32{}
	for _, id := range ids {
		if _, e := b.AboutToShow(id); e != nil {
			missing = append(missing, id)
		}
	}
	return update, missing, nil
}
