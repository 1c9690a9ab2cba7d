package tray

import (
	"context"
	"strings"

	"github.com/godbus/dbus/v5"

	"gatelight/supervisor"
)

// widgets are the menu as panels read it. The toolkit's own menu is not used: it
// announces each change of a word as a change of the whole menu, upon which LXQt's
// panel closes an open one; it does not tell when a menu is closed; and a click on a
// menu that is made again may end the program.
type widgets struct{ menu busMenu }

func (w *widgets) build(m Menu) { w.menu.set(m.Items, m.Shape) }

func (w *widgets) paintItems(items []Item) { w.menu.set(items, w.menu.shapeNow()) }

// rebuild makes a menu of another shape.
func (p *painter) rebuild(_ context.Context, m Menu) error {
	p.build(m)
	p.painted.Items, p.painted.Shape = m.Items, m.Shape
	return nil
}

// listen sends clicks, and when the menu is opened and closed, to the loop until ctx
// ends.
func (t *ui) listen(ctx context.Context) {
	t.painter.menu.listen(menuListener{
		clicked: func(c click) { t.tasks.Go(func() { send(ctx, t.queue, func() { t.clicked(ctx, c) }) }) },
		opened:  func() { t.tasks.Go(func() { t.noteOpened(ctx) }) },
	})
}

// exportMenu puts our menu in the place of the toolkit's, and answers clicks on the
// icon itself: some panels send those to the program and show no menu then.
func exportMenu(ctx context.Context, t *ui, item *dbus.Conn) error {
	if err := item.Export(activation{func() { t.tasks.Go(func() { send(ctx, t.queue, func() { showState(t) }) }) }}, itemPath, itemInterface); err != nil {
		return err
	}
	return t.painter.menu.export(item)
}

// An activation answers clicks on the icon (org.kde.StatusNotifierItem).
type activation struct{ clicked func() }

// Activate is a click with the left button, where the panel does not show the menu.
func (a activation) Activate(_, _ int32) *dbus.Error { a.clicked(); return nil }

// SecondaryActivate is one with the middle button.
func (a activation) SecondaryActivate(_, _ int32) *dbus.Error { return nil }

// ContextMenu is one with the right button, where the panel shows no menu by itself.
func (a activation) ContextMenu(_, _ int32) *dbus.Error { a.clicked(); return nil }

// Scroll is the wheel.
func (a activation) Scroll(int32, string) *dbus.Error { return nil }

// showState tells the state in a bubble.
func showState(t *ui) {
	status := t.Supervisor.Latest().Aged(supervisor.Now())
	worst := status.Worst()
	t.alerts.ShowState(worst, lineEach(status, tooltip))
}

// label keeps panels from taking a character of a name for the mark of an access key.
func label(s string) string { return strings.ReplaceAll(s, "_", "__") }
