//go:build linux

package fakedesktop

import (
	"fmt"
	"strings"
	"time"

	"github.com/godbus/dbus/v5"
)

const menuInterface = "com.canonical.dbusmenu"

// An Entry is one line of a menu.
type Entry struct {
	ID        int32  // the program's, new whenever it makes the entry anew
	Label     string // as it shows: without the underscores that mark access keys
	Enabled   bool
	Visible   bool
	Separator bool
	Checkable bool
	Checked   bool
	Icon      []byte // PNG, or nil
	Submenu   bool   // it opens a menu, even one that is empty
	Children  []Entry
}

// Menu reads the whole menu, invisible entries included.
func (i *Item) Menu() ([]Entry, error) {
	path, err := i.menuPath()
	if err != nil {
		return nil, err
	}
	// A program may answer with the first level only: the tray library does so
	// once after each rebuild, for the sake of one toolkit. Like a panel, ask
	// again; thrice in all, because a submenu can also be empty.
	for try := 1; ; try++ {
		var revision uint32
		var root node
		err := i.call(path, menuInterface+".GetLayout", int32(0), int32(-1), []string{}).Store(&revision, &root)
		if err != nil {
			return nil, fmt.Errorf("cannot read the menu: %w", err)
		}
		menu, err := root.children()
		if err != nil {
			return nil, err
		}
		if try == 3 || !shallow(menu) {
			return menu, nil
		}
	}
}

// Click opens the menu and chooses an entry, as a panel does. One label is an
// entry of the menu itself; more lead through submenus. It is an error if there
// is no such entry to click: hidden, disabled, or two of the same name.
func (i *Item) Click(path ...string) error {
	menu, err := i.menuPath()
	if err != nil {
		return err
	}
	if err := i.open(menu, 0); err != nil {
		return err
	}
	entries, err := i.Menu()
	if err != nil {
		return err
	}
	for level, label := range path {
		e, err := choose(entries, label)
		if err != nil {
			return fmt.Errorf("cannot click %s: %w; the menu is\n%s", strings.Join(path, " > "), err, Text(entries))
		}
		if level == len(path)-1 {
			if err := i.ClickID(e.ID); err != nil {
				return err
			}
			return i.event(menu, 0, "closed")
		}
		if err := i.open(menu, e.ID); err != nil {
			return err
		}
		entries = e.Children
	}
	return fmt.Errorf("cannot click: no label given")
}

// ClickID sends the click alone, without looking whether the entry is there. A
// panel does that when the menu has changed under the pointer.
func (i *Item) ClickID(id int32) error {
	menu, err := i.menuPath()
	if err != nil {
		return err
	}
	return i.event(menu, id, "clicked")
}

// Text is the menu as a person reads it, one entry a line: [x] and [ ] for
// check marks, --- for separators, (off) for what is greyed out, submenus
// indented. Invisible entries are left out.
func Text(menu []Entry) string {
	var b strings.Builder
	for _, e := range menu {
		switch {
		case !e.Visible:
			continue
		case e.Separator:
			b.WriteString("---\n")
			continue
		case e.Checked:
			b.WriteString("[x] ")
		case e.Checkable:
			b.WriteString("[ ] ")
		}
		b.WriteString(e.Label)
		if !e.Enabled {
			b.WriteString(" (off)")
		}
		b.WriteString("\n")
		if len(e.Children) > 0 {
			b.WriteString(indent(Text(e.Children)))
		}
	}
	return b.String()
}

func choose(menu []Entry, label string) (Entry, error) {
	var found []Entry
	for _, e := range menu {
		if e.Visible && !e.Separator && e.Label == label {
			found = append(found, e)
		}
	}
	switch {
	case len(found) == 0:
		return Entry{}, fmt.Errorf("there is no %q", label)
	case len(found) > 1:
		return Entry{}, fmt.Errorf("there are %d entries %q", len(found), label)
	case !found[0].Enabled:
		return Entry{}, fmt.Errorf("%q is greyed out", label)
	}
	return found[0], nil
}

func shallow(menu []Entry) bool {
	for _, e := range menu {
		if e.Submenu && len(e.Children) == 0 || shallow(e.Children) {
			return true
		}
	}
	return false
}

func (i *Item) menuPath() (dbus.ObjectPath, error) {
	var path dbus.ObjectPath
	err := i.get("Menu", &path)
	return path, err
}

func (i *Item) open(menu dbus.ObjectPath, id int32) error {
	if err := i.call(menu, menuInterface+".AboutToShow", id).Err; err != nil {
		return fmt.Errorf("cannot open the menu: %w", err)
	}
	return i.event(menu, id, "opened")
}

func (i *Item) event(menu dbus.ObjectPath, id int32, name string) error {
	now := uint32(time.Now().Unix())
	if err := i.call(menu, menuInterface+".Event", id, name, dbus.MakeVariant(int32(0)), now).Err; err != nil {
		return fmt.Errorf("the menu did not take %q for entry %d: %w", name, id, err)
	}
	return nil
}

// A node is an entry on the wire; its children are nodes.
type node struct {
	ID         int32
	Properties map[string]dbus.Variant
	Children   []dbus.Variant
}

func (n node) children() ([]Entry, error) {
	var entries []Entry
	for _, v := range n.Children {
		var child node
		if err := v.Store(&child); err != nil {
			return nil, fmt.Errorf("entry %d of the menu has a child of type %s: %w", n.ID, v.Signature(), err)
		}
		e := child.entry()
		var err error
		if e.Children, err = child.children(); err != nil {
			return nil, err
		}
		entries = append(entries, e)
	}
	return entries, nil
}

// entry reads the properties, with the specification's defaults for those that
// are absent.
func (n node) entry() Entry {
	return Entry{
		ID:        n.ID,
		Label:     withoutAccessKeys(property(n, "label", "")),
		Enabled:   property(n, "enabled", true),
		Visible:   property(n, "visible", true),
		Separator: property(n, "type", "standard") == "separator",
		Checkable: property(n, "toggle-type", "") != "",
		Checked:   property(n, "toggle-type", "") != "" && property(n, "toggle-state", int32(-1)) == 1,
		Icon:      property[[]byte](n, "icon-data", nil),
		Submenu:   property(n, "children-display", "") == "submenu",
	}
}

func property[T any](n node, name string, otherwise T) T {
	if v, ok := n.Properties[name].Value().(T); ok {
		return v
	}
	return otherwise
}

// withoutAccessKeys drops access keys: "_" marks one and does not show, "__" shows as one.
func withoutAccessKeys(label string) string {
	parts := strings.Split(label, "__")
	for i, p := range parts {
		parts[i] = strings.ReplaceAll(p, "_", "")
	}
	return strings.Join(parts, "_")
}
