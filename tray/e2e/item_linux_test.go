package e2e

import (
	"strings"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"

	"gatelight/supervisor/testkit"
	"gatelight/tray/fakedesktop"
)

const (
	itemPath      = "/StatusNotifierItem"
	itemInterface = "org.kde.StatusNotifierItem"
	menuPath      = itemPath + "/menu"
	menuInterface = "com.canonical.dbusmenu"
	properties    = "org.freedesktop.DBus.Properties"
)

// What Plasma and the AppIndicator extension of GNOME Shell read, with the types that
// they insist on. What else there is in the specification they take as empty.
var (
	itemProperties = map[string]string{
		"Category": "s", "Id": "s", "Title": "s", "Status": "s", "IconName": "s", "IconThemePath": "s",
		"IconPixmap": "a(iiay)", "ToolTip": "(sa(iiay)ss)", "ItemIsMenu": "b", "Menu": "o",
	}
	menuProperties = map[string]string{"Version": "u", "TextDirection": "s", "Status": "s", "IconThemePath": "as"}
)

// A shell is a program that shows icons, on the bus.
type shell struct {
	t       *testing.T
	conn    *dbus.Conn
	owner   string // of the icon
	signals chan *dbus.Signal
}

func newShell(t *testing.T, d *fakedesktop.Desktop) *shell {
	t.Helper()
	conn, err := dbus.Connect(d.Address())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	const watcher = "org.kde.StatusNotifierWatcher"
	v, err := conn.Object(watcher, "/StatusNotifierWatcher").GetProperty(watcher + ".RegisteredStatusNotifierItems")
	if err != nil {
		t.Fatal(err)
	}
	items, _ := v.Value().([]string)
	if len(items) != 1 {
		t.Fatalf("the icons are %v", v)
	}
	s := &shell{t: t, conn: conn, owner: strings.TrimSuffix(items[0], itemPath), signals: make(chan *dbus.Signal, 1000)}
	if err := conn.AddMatchSignal(dbus.WithMatchInterface(itemInterface)); err != nil {
		t.Fatal(err)
	}
	conn.Signal(s.signals)
	return s
}

// all are the properties of an interface, which must have these types.
func (s *shell) all(path dbus.ObjectPath, face string, types map[string]string) map[string]dbus.Variant {
	s.t.Helper()
	call := s.conn.Object(s.owner, path).Call(properties+".GetAll", 0, face)
	if call.Err != nil {
		s.t.Fatal(call.Err)
	}
	all, _ := call.Body[0].(map[string]dbus.Variant) // Store would lose the types
	for name, want := range types {
		if got := all[name].Signature().String(); got != want {
			s.t.Errorf("%s.%s has the type %q, want %q", face, name, got, want)
		}
	}
	return all
}

func (s *shell) item() map[string]dbus.Variant { return s.all(itemPath, itemInterface, itemProperties) }

func (s *shell) call(method string, args ...any) error {
	return s.conn.Object(s.owner, itemPath).Call(itemInterface+"."+method, 0, args...).Err
}

// await waits for signals of the item with all these names.
func (s *shell) await(names ...string) {
	s.t.Helper()
	limit := time.After(testkit.Patience)
	missing := map[string]bool{}
	for _, n := range names {
		missing[itemInterface+"."+n] = true
	}
	for len(missing) > 0 {
		select {
		case signal := <-s.signals:
			delete(missing, signal.Name)
		case <-limit:
			s.t.Fatalf("these signals did not come: %v", missing)
		}
	}
}

func TestTheItemIsWhatPlasmaAndGNOMEReadAndCall(t *testing.T) {
	b := newHarness(t, quick)
	f := newFakeSupervisor(t, b, example{picture: "connected", state: "connected"}.snapshot(1))
	_, item := b.startTray()
	b.awaitIcon(item, "connected")
	s := newShell(t, b.desktop)
	was := s.item()
	s.all(menuPath, menuInterface, menuProperties)
	for name, want := range map[string]any{
		"Category": "ApplicationStatus", "Title": "Gatelight", "Status": "Active", "IconName": "", // that is for the pixels
		"Menu":       dbus.ObjectPath(menuPath),
		"ItemIsMenu": true, // Plasma opens the menu at a left click, too
	} {
		if was[name].Value() != want {
			t.Errorf("%s is %v, want %v", name, was[name], want)
		}
	}
	if label, has := was["XAyatanaLabel"]; has {
		t.Errorf("there is a text beside the icon: %v", label)
	}

	f.tell(example{picture: "down", state: "down"}.snapshot(2))
	s.await("NewIcon", "NewToolTip")
	b.awaitIcon(item, "down")
	now := s.item()
	if tip := now["ToolTip"].String(); !strings.Contains(tip, "Down: paper (simulated). This is number 2") {
		t.Errorf("the tooltip is %s", tip)
	}
	if now["IconPixmap"].String() == was["IconPixmap"].String() {
		t.Error("the icon that is read after NewIcon is the old one")
	}

	// The wheel and the middle button do nothing, and are no error, upon which Plasma
	// and LXQt would open the menu. The others tell the state.
	for _, c := range []struct {
		err  error
		what string
	}{
		{s.call("Scroll", int32(120), "vertical"), "Scroll"},
		{s.call("SecondaryActivate", int32(10), int32(10)), "SecondaryActivate"},
	} {
		if c.err != nil {
			t.Errorf("%s: %v", c.what, c.err)
		}
	}
	if shown := b.desktop.Notifications(); len(shown) != 0 {
		t.Errorf("it told %v", shown)
	}
	for n, method := range []string{"Activate", "ContextMenu"} {
		if err := s.call(method, int32(10), int32(10)); err != nil {
			t.Errorf("%s: %v", method, err)
		}
		if err := b.desktop.Await(t.Context(), "the state at "+method, func() bool {
			all := b.desktop.Notifications()
			return len(all) == n+1 && all[n].Summary == "Down: paper (simulated)"
		}); err != nil {
			t.Error(err)
		}
	}

	// What GNOME and Plasma try and do without.
	if err := s.call("XAyatanaSecondaryActivate", uint32(0)); err == nil {
		t.Error("XAyatanaSecondaryActivate was answered")
	}
	if err := s.call("ProvideXdgActivationToken", "token"); err == nil {
		t.Error("ProvideXdgActivationToken was answered")
	}
}
