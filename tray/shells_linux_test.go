package tray

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"

	"gatelight/supervisor"
)

// These tests read the menu as Plasma and the AppIndicator extension of GNOME Shell do,
// call by call. Each keeps a copy of the menu, and brings it up to date by signals.

// A shellReader is how a shell reads.
type shellReader struct {
	depth   int32    // how many levels it asks for at once
	names   []string // the properties that it asks for with the layout
	group   bool     // it asks for the properties of all entries after the layout
	onOpen  bool     // it reads a submenu that it has nothing of when that is opened
	rereads bool     // it closes an open menu whose layout has changed
}

var shells = map[string]shellReader{
	// libdbusmenu-qt, in Plasma's fork and in LXQt
	"Plasma": {depth: 1, names: []string{}, onOpen: true, rereads: true},
	// dbusMenu.js
	"GNOME": {depth: -1, names: []string{"type", "children-display"}, group: true},
}

// A shellMenu is a shell's copy of the menu.
type shellMenu struct {
	*menuReader
	shellReader
	revision   uint32
	properties map[int32]map[string]dbus.Variant
	children   map[int32][]int32
	layouts    int // how many times it was told to read again
}

func startShell(t *testing.T, how shellReader, items []Item) *shellMenu {
	t.Helper()
	s := &shellMenu{menuReader: exportMenuTo(t, items), shellReader: how,
		properties: map[int32]map[string]dbus.Variant{}, children: map[int32][]int32{}}
	s.read(0)
	return s
}

// read reads a part of the menu.
func (s *shellMenu) read(parent int32) {
	s.t.Helper()
	var root menuLayout
	if err := s.object.Call(menuInterface+".GetLayout", 0, parent, s.depth, s.names).Store(&s.revision, &root); err != nil {
		s.t.Fatal(err)
	}
	s.keep(root, s.depth)
	if !s.group {
		return
	}
	var all []menuProperties
	if err := s.object.Call(menuInterface+".GetGroupProperties", 0, slices.Collect(maps.Keys(s.properties)), []string{}).Store(&all); err != nil {
		s.t.Fatal(err)
	}
	for _, p := range all {
		s.properties[p.ID] = p.Properties
	}
}

func (s *shellMenu) keep(l menuLayout, depth int32) {
	s.t.Helper()
	s.properties[l.ID] = l.Properties
	if depth == 0 {
		return // what is below it was not asked for
	}
	s.children[l.ID] = nil
	for _, v := range l.Children {
		var child menuLayout
		if err := v.Store(&child); err != nil {
			s.t.Fatal(err)
		}
		s.children[l.ID] = append(s.children[l.ID], child.ID)
		s.keep(child, depth-1)
	}
}

// open opens a menu, and closed tells that it was closed.
func (s *shellMenu) open(id int32) {
	s.t.Helper()
	var again bool
	if err := s.object.Call(menuInterface+".AboutToShow", 0, id).Store(&again); err != nil {
		s.t.Fatal(err)
	}
	if again || s.onOpen && len(s.children[id]) == 0 {
		s.read(id)
	}
	if err := s.event(id, "opened"); err != nil {
		s.t.Fatal(err)
	}
}

func (s *shellMenu) close(id int32) {
	s.t.Helper()
	if err := s.event(id, "closed"); err != nil {
		s.t.Fatal(err)
	}
}

// await takes in signals until the copy says what is wanted.
func (s *shellMenu) await(want string) {
	s.t.Helper()
	limit := time.After(10 * time.Second)
	for s.text(0) != want {
		select {
		case signal := <-s.signals:
			s.take(signal)
		case <-limit:
			s.t.Fatalf("it says\n%swant\n%s", s.text(0), want)
		}
	}
}

func (s *shellMenu) take(signal *dbus.Signal) {
	s.t.Helper()
	switch strings.TrimPrefix(signal.Name, menuInterface+".") {
	case "LayoutUpdated":
		s.layouts++
		var revision uint32
		var parent int32
		if err := dbus.Store(signal.Body, &revision, &parent); err != nil {
			s.t.Fatal(err)
		}
		if revision <= s.revision {
			s.t.Errorf("revision %d comes after %d", revision, s.revision)
		}
		s.read(parent)
	case "ItemsPropertiesUpdated":
		var changed []menuProperties
		var removed []removedProperties
		if err := dbus.Store(signal.Body, &changed, &removed); err != nil {
			s.t.Fatal(err)
		}
		for _, c := range changed {
			if s.properties[c.ID] != nil {
				maps.Copy(s.properties[c.ID], c.Properties)
			}
		}
		for _, r := range removed {
			for _, name := range r.Names {
				delete(s.properties[r.ID], name)
			}
		}
	}
}

// text is what a person can read of an entry's menu. Of what was never opened there
// may be nothing.
func (s *shellMenu) text(id int32) string {
	var b strings.Builder
	for _, child := range s.children[id] {
		value := func(name string) any {
			if v, has := s.properties[child][name]; has {
				return v.Value()
			}
			return menuDefaults[name].Value()
		}
		if value("visible") == false {
			continue
		}
		writeLine(&b, value("type") == "separator", strings.ReplaceAll(value("label").(string), "__", "_"), value("enabled") == true,
			value("toggle-type") == "checkmark", value("toggle-state") == int32(1))
		if value("children-display") == "submenu" {
			b.WriteString(indented(s.text(child)))
		}
	}
	return b.String()
}

func writeLine(b *strings.Builder, separator bool, label string, enabled, checkable, checked bool) {
	if separator {
		b.WriteString("---\n")
		return
	}
	fmt.Fprintf(b, "%s enabled=%t check=%t,%t\n", label, enabled, checkable, checked)
}

func indented(s string) string {
	if s == "" {
		return ""
	}
	return "  " + strings.ReplaceAll(strings.TrimSuffix(s, "\n"), "\n", "\n  ") + "\n"
}

// itemsText is what a person should read.
func itemsText(items []Item) string {
	var b strings.Builder
	for _, it := range items {
		if !it.Hidden {
			writeLine(&b, it.Separator, it.Title, it.Enabled, it.Checkable, it.Checkable && it.Checked)
			b.WriteString(indented(itemsText(it.Children)))
		}
	}
	return b.String()
}

func (s *shellMenu) shows(id int32) bool {
	v, has := s.properties[id]["visible"]
	return !has || v.Value() == true
}

// visible are the entries that a person sees below one, by their IDs.
func (s *shellMenu) visible(below int32) (ids []int32) {
	for _, id := range s.children[below] {
		if s.shows(id) {
			ids = append(append(ids, id), s.visible(id)...)
		}
	}
	return ids
}

// readSubmenus opens and closes every submenu that can be seen, as somebody does who
// looks around.
func (s *shellMenu) readSubmenus(below int32) {
	s.t.Helper()
	for _, id := range s.children[below] {
		if v := s.properties[id]["children-display"]; v.Value() == "submenu" && s.shows(id) {
			s.open(id)
			s.readSubmenus(id)
			s.close(id)
		}
	}
}

func TestTheMenuOfAShellIsRightAndSteadyWhileItIsOpen(t *testing.T) {
	for name, how := range shells {
		t.Run(name, func(t *testing.T) {
			connected, down := itemsIn(supervisor.Connected), itemsIn(supervisor.Down)
			s := startShell(t, how, connected)
			s.open(0)
			s.readSubmenus(0)
			s.await(itemsText(connected))

			seen, layouts := s.visible(0), s.layouts
			s.menu.set(down, "a shape")
			s.await(itemsText(steady(connected, down)))
			if now := s.visible(0); !slices.Equal(now, seen) {
				t.Errorf("seen in the open menu were %v, and are %v", seen, now)
			}
			if s.rereads && s.layouts != layouts {
				t.Error("the open menu was closed: its layout has changed")
			}
			s.close(0)
			s.await(itemsText(down))

			s.open(0)
			s.menu.set(connected, "a shape")
			s.await(itemsText(steady(down, connected)))
			s.close(0)
			s.open(0) // at once, before the shell has taken in anything
			s.await(itemsText(connected))
			s.close(0)
		})
	}
}

// A Gateway is added in the settings while somebody has the menu open: the menu is
// another one.
func TestAShellReadsAMenuOfAnotherShape(t *testing.T) {
	for name, how := range shells {
		t.Run(name, func(t *testing.T) {
			s := startShell(t, how, itemsIn(supervisor.Connected))
			s.open(0)
			live := in(supervisor.Down)
			live.Name = "live"
			two := View(statusOf(in(supervisor.Connected), live), Program{}, later).Items
			s.menu.set(two, "two Gateways")
			for !strings.Contains(s.text(0), "Down: live") {
				s.take(<-s.signals)
			}
			s.readSubmenus(0)
			s.await(itemsText(two))
		})
	}
}
