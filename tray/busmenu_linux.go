package tray

import (
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/godbus/dbus/v5"

	"gatelight/assets"
	"gatelight/supervisor"
)

// The menu on the session bus: com.canonical.dbusmenu, as libdbusmenu has it.
const (
	itemInterface = "org.kde.StatusNotifierItem"
	menuInterface = "com.canonical.dbusmenu"
	menuPath      = itemPath + "/menu" // which the toolkit's icon names
)

// A busMenu is the menu as panels read it. An entry keeps its ID, so that a click means
// what the person has read; entries of a menu of another shape have other IDs.
type busMenu struct {
	mu       sync.Mutex
	conn     *dbus.Conn // nil: on no bus
	listener menuListener
	readers  map[string]bool // the panels that have read the menu, by their names on the bus
	open     openMenu
	newest   []Item // as set was told
	shown    []Item // the same, or what an open menu shows of it
	shape    string
	nodes    []busNode // by ID less first
	first    int32     // the ID of the first entry
	top      []int32   // the IDs of the entries of the menu itself
	revision uint32
}

// A menuListener is told what people do with the menu. Its functions must not block.
type menuListener struct {
	clicked func(click)
	opened  func()
}

// A busNode is one entry of the menu.
type busNode struct {
	path       []int
	properties map[string]dbus.Variant
	children   []int32
}

func (m *busMenu) listen(l menuListener) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.listener = l
}

func (m *busMenu) shapeNow() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.shape
}

// export answers panels on a connection, in the place of the toolkit.
func (m *busMenu) export(conn *dbus.Conn) error {
	m.mu.Lock()
	m.conn, m.readers = conn, map[string]bool{}
	m.mu.Unlock()
	if err := conn.Export(menuOnBus{m}, menuPath, menuInterface); err != nil {
		return fmt.Errorf("cannot put the menu on the session bus: %w", err)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.tellLayout() // a panel may have read the toolkit's empty menu already
	return nil
}

// set makes the menu show these entries. While it is open none of them comes, goes or
// moves.
func (m *busMenu) set(items []Item, shape string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.newest = items
	if shape == m.shape && m.open.isOpen(supervisor.Now()) {
		items = steady(m.shown, items)
	}
	m.show(items, shape)
}

// show makes the menu show these entries. m.mu is held.
func (m *busMenu) show(items []Item, shape string) {
	m.shown = items
	was, anew := m.nodes, m.nodes == nil || shape != m.shape
	if anew {
		m.first += int32(len(m.nodes)) + 1 // 0 is the menu itself
	}
	m.nodes = nil
	m.top = m.add(items, nil)
	m.shape = shape
	if anew || len(was) != len(m.nodes) {
		m.tellLayout()
		return
	}
	m.tellChanges(was)
}

// add appends entries and those below them, and returns their IDs.
func (m *busMenu) add(items []Item, parent []int) (ids []int32) {
	for i, it := range items {
		path := append(parent[:len(parent):len(parent)], i)
		at := len(m.nodes)
		ids = append(ids, m.first+int32(at))
		m.nodes = append(m.nodes, busNode{path: path, properties: propertiesOf(it)})
		below := m.add(it.Children, path)
		m.nodes[at].children = below
	}
	return ids
}

// propertiesOf are those that differ from the protocol's defaults.
func propertiesOf(it Item) map[string]dbus.Variant {
	p := map[string]dbus.Variant{}
	if it.Hidden {
		p["visible"] = dbus.MakeVariant(false)
	}
	if it.Separator {
		p["type"] = dbus.MakeVariant("separator")
		return p
	}
	p["label"] = dbus.MakeVariant(label(it.Title))
	if !it.Enabled {
		p["enabled"] = dbus.MakeVariant(false)
	}
	if it.Checkable {
		state := int32(0)
		if it.Checked {
			state = 1
		}
		p["toggle-type"], p["toggle-state"] = dbus.MakeVariant("checkmark"), dbus.MakeVariant(state)
	}
	if len(it.Children) > 0 {
		p["children-display"] = dbus.MakeVariant("submenu")
		if it.Icon != "" {
			p["icon-data"] = dbus.MakeVariant(assets.Tray(it.Icon, false))
		}
	}
	return p
}

// tellLayout has panels read the menu anew. m.mu is held.
func (m *busMenu) tellLayout() {
	m.revision++
	m.emit("LayoutUpdated", m.revision, int32(0))
}

// askToReadAgain tells one panel that the menu has changed: another one may have it
// open. m.mu is held.
func (m *busMenu) askToReadAgain(panel dbus.Sender) {
	m.revision++
	body := []any{m.revision, int32(0)}
	m.conn.Send(&dbus.Message{
		Type: dbus.TypeSignal,
		Headers: map[dbus.HeaderField]dbus.Variant{
			dbus.FieldDestination: dbus.MakeVariant(string(panel)), dbus.FieldPath: dbus.MakeVariant(dbus.ObjectPath(menuPath)),
			dbus.FieldInterface: dbus.MakeVariant(menuInterface), dbus.FieldMember: dbus.MakeVariant("LayoutUpdated"),
			dbus.FieldSignature: dbus.MakeVariant(dbus.SignatureOf(body...)),
		},
		Body: body,
	}, nil)
}

// tellChanges tells which words have changed, and which entries come and go. An open
// menu stays open. m.mu is held.
func (m *busMenu) tellChanges(was []busNode) {
	var updated []menuProperties
	var removed []removedProperties
	for i, n := range m.nodes {
		id := m.first + int32(i)
		changed := map[string]dbus.Variant{}
		for name, v := range n.properties {
			if old, had := was[i].properties[name]; !had || !sameVariant(old, v) {
				changed[name] = v
			}
		}
		var gone []string
		for name := range was[i].properties {
			if _, has := n.properties[name]; !has {
				gone = append(gone, name)
				changed[name] = menuDefaults[name] // some panels do not read the names that are removed
			}
		}
		if len(changed) > 0 {
			updated = append(updated, menuProperties{id, changed})
		}
		if len(gone) > 0 {
			slices.Sort(gone)
			removed = append(removed, removedProperties{id, gone})
		}
	}
	if len(updated) > 0 {
		m.emit("ItemsPropertiesUpdated", updated, append([]removedProperties{}, removed...))
	}
}

// menuDefaults are the protocol's.
var menuDefaults = map[string]dbus.Variant{
	"visible": dbus.MakeVariant(true), "enabled": dbus.MakeVariant(true), "label": dbus.MakeVariant(""),
	"icon-data": dbus.MakeVariant([]byte{}), "toggle-type": dbus.MakeVariant(""), "toggle-state": dbus.MakeVariant(int32(-1)),
	"type": dbus.MakeVariant("standard"), "children-display": dbus.MakeVariant(""),
}

func sameVariant(a, b dbus.Variant) bool {
	if x, ok := a.Value().([]byte); ok {
		y, ok := b.Value().([]byte)
		return ok && slices.Equal(x, y)
	}
	return a.Value() == b.Value()
}

// emit sends a signal. Whether the bus lives is known from elsewhere. m.mu is held.
func (m *busMenu) emit(name string, values ...any) {
	if m.conn != nil {
		_ = m.conn.Emit(menuPath, menuInterface+"."+name, values...)
	}
}

// node is an entry by its ID. m.mu is held.
func (m *busMenu) node(id int32) (busNode, bool) {
	if id == 0 {
		return busNode{properties: map[string]dbus.Variant{"children-display": dbus.MakeVariant("submenu")}, children: m.top}, true
	}
	if i := int(id - m.first); i >= 0 && i < len(m.nodes) {
		return m.nodes[i], true
	}
	return busNode{}, false
}

// layout is an entry with so many levels below it, -1 for all. m.mu is held.
func (m *busMenu) layout(id int32, n busNode, depth int32) menuLayout {
	l := menuLayout{ID: id, Properties: maps.Clone(n.properties), Children: []dbus.Variant{}}
	if depth == 0 {
		return l
	}
	for _, child := range n.children {
		below, _ := m.node(child)
		l.Children = append(l.Children, dbus.MakeVariant(m.layout(child, below, depth-1)))
	}
	return l
}

// event takes down what people did.
func (m *busMenu) event(id int32, what string) bool {
	m.mu.Lock()
	n, known := m.node(id)
	l, shape := m.listener, m.shape
	switch {
	case what == "opened" && id == 0:
		m.open.opened(supervisor.Now())
	case what == "closed" && id == 0, what == "clicked":
		m.open.closed()
		m.show(m.newest, m.shape)
	}
	m.mu.Unlock()
	if !known || l.clicked == nil {
		return known
	}
	switch {
	case what == "clicked" && id != 0 && len(n.children) == 0:
		l.clicked(click{shape, n.path})
	case what == "opened" && id == 0:
		l.opened()
	}
	return true
}
