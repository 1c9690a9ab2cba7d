//go:build linux

package fakedesktop

import (
	"context"
	"errors"
	"image/color"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/esiqveland/notify"
	"go.uber.org/goleak"
)

// desktop is a fresh desktop that must leave no goroutine behind.
func desktop(t *testing.T) *Desktop {
	t.Helper()
	before := goleak.IgnoreCurrent()
	t.Cleanup(func() { goleak.VerifyNone(t, before) })
	return Start(t)
}

func item(t *testing.T, d *Desktop) *Item {
	t.Helper()
	i, err := d.Item(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return i
}

func await(t *testing.T, d *Desktop, what string, ok func() bool) {
	t.Helper()
	if err := d.Await(t.Context(), what, ok); err != nil {
		t.Fatal(err)
	}
}

func text(i *Item) string {
	menu, err := i.Menu()
	if err != nil {
		return err.Error()
	}
	return Text(menu)
}

const wholeMenu = `Ready (off)
---
Stop the _lamp
[x] Dim
More
  Restart
`

func TestItem(t *testing.T) {
	d := desktop(t)
	startApp(t, d)
	i := item(t, d)
	await(t, d, "whole menu", func() bool { return text(i) == wholeMenu })

	for name, read := range map[string]func() (string, error){
		"Lamp": i.Title, "all is well": i.ToolTip, "Active": i.Status,
	} {
		if got, err := read(); err != nil || got != name {
			t.Errorf("the item reads %q, %v; want %q", got, err, name)
		}
	}
	img, err := i.Icon()
	if err != nil {
		t.Fatal(err)
	}
	if got := img.Bounds().Size().String(); got != "(32,24)" {
		t.Errorf("the icon is %s", got)
	}
	if got := img.NRGBAAt(16, 12); got != green {
		t.Errorf("the middle of the icon is %v, want %v", got, green)
	}
	if got := img.NRGBAAt(0, 0); got != (color.NRGBA{}) {
		t.Errorf("the corner of the icon is %v, want nothing", got)
	}
}

func TestChanges(t *testing.T) {
	d := desktop(t)
	a := startApp(t, d)
	i := item(t, d)

	a.tell("tooltip trouble")
	await(t, d, "tooltip", func() bool { s, _ := i.ToolTip(); return s == "trouble" })
	a.tell("red")
	await(t, d, "red icon", func() bool {
		img, err := i.Icon()
		return err == nil && img.NRGBAAt(16, 12) == red
	})
	a.tell("state Broken")
	await(t, d, "new title", func() bool { return strings.HasPrefix(text(i), "Broken (off)\n---") })
	a.tell("show")
	await(t, d, "shown entry", func() bool { return strings.HasSuffix(text(i), "Restart\nSecret\n") })
	a.tell("rebuild")
	await(t, d, "menu made anew", func() bool { return text(i) == wholeMenu })
}

func TestClick(t *testing.T) {
	d := desktop(t)
	a := startApp(t, d)
	i := item(t, d)
	await(t, d, "whole menu", func() bool { return text(i) == wholeMenu })

	for _, c := range []struct {
		path []string
		want string // what the app hears, or the error
	}{
		{[]string{"Stop the _lamp"}, "clicked stop"},
		{[]string{"Dim"}, "clicked dim"},
		{[]string{"More", "Restart"}, "clicked restart"},
		{[]string{"Restart"}, `there is no "Restart"`},
		{[]string{"Ready"}, "greyed out"},
		{[]string{"Secret"}, `there is no "Secret"`},
		{nil, "no label"},
	} {
		err := i.Click(c.path...)
		switch {
		case err == nil:
			a.expect(c.want)
		case !strings.Contains(err.Error(), c.want):
			t.Errorf("Click(%q) = %v, want %s", c.path, err, c.want)
		}
	}
	if err := i.Activate(); err == nil {
		t.Error("the app has only a menu, and took a left click")
	}
	if err := i.ClickID(9999); err != nil {
		t.Errorf("a click on an entry that has gone: %v", err)
	}
}

func TestPanelComesBack(t *testing.T) {
	d := desktop(t)
	d.StopWatcher()
	a := startApp(t, d)
	a.tell("tooltip alone")
	if n := d.Items(); n != 0 {
		t.Fatalf("%d items without a panel", n)
	}
	first := panelComesBack(t, d)
	d.StopWatcher()
	if n := d.Items(); n != 0 {
		t.Fatalf("%d items after the panel went", n)
	}
	if again := panelComesBack(t, d); !again.same(first) {
		t.Errorf("the item came back as %s, was %s", again.service(), first.service())
	}
	a.in.Close()
	await(t, d, "empty panel", func() bool { return d.Items() == 0 })
	if _, err := first.Title(); err == nil {
		t.Error("the item answers after its program has ended")
	}
}

// panelComesBack starts the panel until the app registers. It may take two: the
// library misses a panel that appears between its first attempt to register and
// the moment when it begins to listen for panels.
func panelComesBack(t *testing.T, d *Desktop) *Item {
	t.Helper()
	for range 10 {
		d.StartWatcher()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		i, err := d.Item(ctx)
		cancel()
		if err == nil {
			return i
		}
		t.Log("once more:", err)
		d.StopWatcher()
	}
	t.Fatal("the app does not see the panel")
	return nil
}

// A program may have one connection register the item of another.
func TestRegisterByName(t *testing.T) {
	d := desktop(t)
	startApp(t, d)
	item(t, d)
	conn := dial(t, d)
	var names []string
	if err := conn.BusObject().Call(busInterface+".ListNames", 0).Store(&names); err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(names, func(s string) bool { return strings.HasPrefix(s, itemInterface+"-") })
	if i < 0 {
		t.Fatalf("the app has no name of its own: %q", names)
	}
	register := func(service string) error {
		return conn.Object(watcherName, watcherPath).Call(watcherName+".RegisterStatusNotifierItem", 0, service).Err
	}
	if err := register(names[i]); err != nil {
		t.Fatal(err)
	}
	if n := d.Items(); n != 1 {
		t.Errorf("%d items, want the one that was there", n)
	}
	if err := register("org.example.Nobody"); err == nil {
		t.Error("the panel took the item of nobody")
	}
}

func TestBusDies(t *testing.T) {
	d := desktop(t)
	startApp(t, d)
	i := item(t, d)
	d.KillBus()
	if _, err := i.Title(); err == nil {
		t.Error("the item answers over a dead bus")
	}
	d.StopWatcher()
	d.StopNotifications()
}

func TestAwaitShowsTheDesktop(t *testing.T) {
	d := desktop(t)
	startApp(t, d)
	i := item(t, d)
	await(t, d, "whole menu", func() bool { return text(i) == wholeMenu })
	post(t, dial(t, d), notify.Notification{Summary: "Lamp out", Body: "Change it."})

	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	err := d.Await(ctx, "second item", func() bool { return d.Items() == 2 })
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("Await = %v", err)
	}
	const want = `no second item: context deadline exceeded
the desktop has a panel with 1 items, a notification service
  item "Lamp", tooltip "all is well", icon 32×24 with {32 192 64 255} in the middle
    Ready (off)
    ---
    Stop the _lamp
    [x] Dim
    More
      Restart
  notification 1, normal: "Lamp out" "Change it."
`
	if err.Error() != want {
		t.Errorf("Await says\n%s\nwant\n%s", err, want)
	}
}

func TestAccessKeys(t *testing.T) {
	for label, want := range map[string]string{
		"_Quit": "Quit", "a__b": "a_b", "___x": "_x", "ib_gateway_1": "ibgateway1", "": "", "trailing_": "trailing",
	} {
		if got := withoutAccessKeys(label); got != want {
			t.Errorf("%q shows as %q, want %q", label, got, want)
		}
	}
}
