package tray

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"

	"gatelight/supervisor"
	"gatelight/tray/fakedesktop"
)

// A menuReader is a panel: it reads a busMenu over a real bus, and hears its signals.
type menuReader struct {
	t       *testing.T
	menu    *busMenu
	object  dbus.BusObject
	signals chan *dbus.Signal
	another func() *menuReader // one more panel on the same bus
}

// startMenu puts a menu on a bus of its own, and reads it.
func startMenu(t *testing.T, items []Item) *menuReader {
	t.Helper()
	r := exportMenuTo(t, items)
	r.layout()               // the first level alone
	r.until("LayoutUpdated") // that it may be read again
	return r
}

// exportMenuTo puts a menu on a bus of its own, which nobody has read yet.
func exportMenuTo(t *testing.T, items []Item) *menuReader {
	t.Helper()
	address := fakedesktop.Start(t).Address()
	ours, err := dbus.Connect(address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ours.Close() })
	menu := &busMenu{}
	menu.set(items, "a shape")
	r := connectReader(t, address, ours, menu)
	if err := menu.export(ours); err != nil {
		t.Fatal(err)
	}
	r.until("LayoutUpdated")
	return r
}

// connectReader is one more panel on the bus.
func connectReader(t *testing.T, address string, ours *dbus.Conn, menu *busMenu) *menuReader {
	t.Helper()
	panel, err := dbus.Connect(address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { panel.Close() })
	if err := panel.AddMatchSignal(dbus.WithMatchInterface(menuInterface)); err != nil {
		t.Fatal(err)
	}
	r := &menuReader{t: t, menu: menu, object: panel.Object(ours.Names()[0], menuPath), signals: make(chan *dbus.Signal, 100)}
	panel.Signal(r.signals)
	r.another = func() *menuReader { return connectReader(t, address, ours, menu) }
	return r
}

func (r *menuReader) layout() menuLayout {
	r.t.Helper()
	var revision uint32
	var root menuLayout
	if err := r.object.Call(menuInterface+".GetLayout", 0, int32(0), int32(-1), []string{}).Store(&revision, &root); err != nil {
		r.t.Fatal(err)
	}
	return root
}

// until returns the next signal, which must have this name.
func (r *menuReader) until(name string) *dbus.Signal {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(r.t.Context(), 10*time.Second)
	defer cancel()
	select {
	case s := <-r.signals:
		if s.Name != menuInterface+"."+name {
			r.t.Fatalf("%s %v, want %s", s.Name, s.Body, name)
		}
		return s
	case <-ctx.Done():
		r.t.Fatalf("no %s came", name)
		return nil
	}
}

// id is that of the entry whose label begins so.
func (r *menuReader) id(layout menuLayout, label string) int32 {
	r.t.Helper()
	for _, v := range layout.Children {
		var child menuLayout
		if err := v.Store(&child); err != nil {
			r.t.Fatal(err)
		}
		if text, _ := child.Properties["label"].Value().(string); strings.HasPrefix(text, label) {
			return child.ID
		}
	}
	r.t.Fatalf("there is no %q in %v", label, layout)
	return 0
}

func (r *menuReader) event(id int32, what string) error {
	return r.object.Call(menuInterface+".Event", 0, id, what, dbus.MakeVariant(""), uint32(0)).Err
}

func itemsIn(state supervisor.State) []Item { return View(statusOf(in(state)), Program{}, later).Items }

// Upon LayoutUpdated LXQt's panel closes an open menu.
func TestAChangeOfWordsIsNoneOfTheMenu(t *testing.T) {
	r := startMenu(t, itemsIn(supervisor.Connected))
	before := r.id(r.layout(), "Quit")
	r.menu.set(itemsIn(supervisor.Down), "a shape")
	changed := r.until("ItemsPropertiesUpdated")
	text := strings.ReplaceAll(dbus.MakeVariant(changed.Body[0]).String(), `"`, "")
	if !strings.Contains(text, "Down: paper") {
		t.Errorf("told was %s", text)
	}
	if after := r.id(r.layout(), "Quit"); after != before {
		t.Errorf("Quit was %d, and is %d: a click would miss", before, after)
	}
	r.menu.set(itemsIn(supervisor.Down), "a shape") // nothing is told of what is the same
	r.menu.set(itemsIn(supervisor.Down), "another shape")
	r.until("LayoutUpdated")
	if after := r.id(r.layout(), "Quit"); after == before {
		t.Error("an entry of another menu has the same ID: a late click would hit it")
	}
}

// A panel of Qt's would close a menu that somebody has opened as soon as the icon was
// there.
func TestAPanelThatReadsOneLevelAtATimeIsNotAskedToReadAgain(t *testing.T) {
	qt := exportMenuTo(t, itemsIn(supervisor.Connected))
	if err := qt.object.Call(menuInterface+".GetLayout", 0, int32(0), int32(1), []string{}).Err; err != nil {
		t.Fatal(err)
	}
	gtk := qt.another()
	gtk.layout()
	gtk.until("LayoutUpdated") // it has read later, and is asked
	qt.layout()                // what was told before has come by now
	select {
	case s := <-qt.signals:
		t.Errorf("it was told %s", s.Name)
	default:
	}
}

func TestWhatPanelsTellReachesTheProgram(t *testing.T) {
	r := startMenu(t, itemsIn(supervisor.Down))
	heard := make(chan string, 10)
	r.menu.listen(menuListener{
		clicked: func(c click) {
			it, _ := find(itemsIn(supervisor.Down), c.path)
			heard <- "clicked " + it.Title + " of " + c.shape
		},
		opened: func() { heard <- "opened" },
	})
	start := r.id(r.layout(), "Start")
	for _, what := range []struct {
		id   int32
		what string
	}{{0, "opened"}, {start, "hovered"}, {start, "clicked"}, {0, "clicked"}, {start, "opened"}, {0, "closed"}} {
		if err := r.event(what.id, what.what); err != nil {
			t.Error(err)
		}
	}
	var missing []int32
	group := []menuEvent{{0, "opened", dbus.MakeVariant(""), 0}, {9999, "clicked", dbus.MakeVariant(""), 0}}
	if err := r.object.Call(menuInterface+".EventGroup", 0, group).Store(&missing); err != nil || !slices.Equal(missing, []int32{9999}) {
		t.Errorf("%v, %v", missing, err)
	}
	var all []string
	for len(heard) > 0 {
		all = append(all, <-heard)
	}
	if want := []string{"opened", "clicked Start of a shape", "opened"}; !slices.Equal(all, want) {
		t.Errorf("heard %q, want %q", all, want)
	}
	if err := r.event(9999, "clicked"); err == nil || !strings.Contains(err.Error(), "no entry 9999") {
		t.Errorf("a click on nothing: %v", err)
	}
}

func TestPanelsCanReadSingleEntries(t *testing.T) {
	r := startMenu(t, itemsIn(supervisor.Connected))
	quit := r.id(r.layout(), "Quit")
	var some []menuProperties
	if err := r.object.Call(menuInterface+".GetGroupProperties", 0, []int32{quit, 9999}, []string{}).Store(&some); err != nil || len(some) != 1 {
		t.Errorf("%v, %v", some, err)
	}
	var value dbus.Variant
	for name, want := range map[string]any{"label": "Quit (the Gateway keeps running)", "visible": true, "toggle-type": ""} {
		if err := r.object.Call(menuInterface+".GetProperty", 0, quit, name).Store(&value); err != nil || value.Value() != want {
			t.Errorf("%s is %v, %v; want %v", name, value, err, want)
		}
	}
	var update bool
	if err := r.object.Call(menuInterface+".AboutToShow", 0, int32(0)).Store(&update); err != nil || update {
		t.Errorf("%t, %v", update, err)
	}
	for _, call := range []*dbus.Call{
		r.object.Call(menuInterface+".AboutToShow", 0, int32(9999)), r.object.Call(menuInterface+".GetProperty", 0, quit, "colour"),
		r.object.Call(menuInterface+".GetLayout", 0, int32(9999), int32(1), []string{}),
	} {
		if call.Err == nil {
			t.Errorf("%v was answered: %v", call.Method, call.Body)
		}
	}
}

func TestAnOpenMenuOnTheBusIsSteady(t *testing.T) {
	r := startMenu(t, itemsIn(supervisor.Connected))
	about := func() {
		t.Helper()
		if err := r.object.Call(menuInterface+".AboutToShow", 0, int32(0)).Err; err != nil {
			t.Fatal(err)
		}
	}
	visible := func(label string) bool {
		for _, v := range r.layout().Children {
			var child menuLayout
			if err := v.Store(&child); err != nil {
				t.Fatal(err)
			}
			text, _ := child.Properties["label"].Value().(string)
			_, hidden := child.Properties["visible"]
			if strings.HasPrefix(text, label) && !hidden {
				return true
			}
		}
		return false
	}
	about()
	r.menu.set(itemsIn(supervisor.Down), "a shape")
	if !visible("Down: paper") || !visible("Stop") || visible("Start") {
		t.Error("the open menu does not say what is true, or has moved")
	}
	about() // it was closed without a word, and is opened again
	if !visible("Start") || visible("Stop") {
		t.Error("the menu that is opened again is an old one")
	}
	r.menu.set(itemsIn(supervisor.Connected), "a shape")
	if err := r.event(0, "closed"); err != nil {
		t.Fatal(err)
	}
	if !visible("Stop") || visible("Start") {
		t.Error("the closed menu is an old one")
	}
}
