//go:build !linux

package tray

import (
	"context"
	"runtime"
	"strings"
	"time"

	"fyne.io/systray"

	"gatelight/assets"
	"gatelight/supervisor"
)

// widgets are the toolkit's items. They are made once, so that no click is lost; they
// are made again only for a menu of another shape.
type widgets struct {
	entries   []entry
	open      openMenu
	shown     []Item                // what the items show
	onRebuild func([]entry, string) // listens for clicks on a menu of that shape
}

// An entry is a toolkit item with what it shows now.
type entry struct {
	item     *systray.MenuItem // nil: a separator
	painted  Item
	children []entry
}

// build makes all items.
func (p *painter) build(m Menu) {
	top := adder{systray.AddMenuItem, systray.AddMenuItemCheckbox, systray.AddSeparator}
	p.entries = build(m.Items, top)
	p.paintItems(m.Items)
}

// An adder adds to one menu of the toolkit.
type adder struct {
	item      func(title, tooltip string) *systray.MenuItem
	checkbox  func(title, tooltip string, checked bool) *systray.MenuItem
	separator func()
}

func build(items []Item, add adder) []entry {
	entries := make([]entry, len(items))
	for i, it := range items {
		if it.Separator {
			add.separator()
			continue
		}
		var item *systray.MenuItem
		if it.Checkable {
			item = add.checkbox(label(it.Title), "", it.Checked)
		} else {
			item = add.item(label(it.Title), "")
		}
		// The toolkit drops a click that nobody waits for at that moment, so there is a buffer.
		item.ClickedCh = make(chan struct{}, 8)
		entries[i] = entry{
			item:     item,
			painted:  Item{Title: it.Title, Checked: it.Checked, Enabled: true},
			children: build(it.Children, adder{item.AddSubMenuItem, item.AddSubMenuItemCheckbox, item.AddSeparator}),
		}
	}
	return entries
}

// listen sends clicks, and when the menu is opened, to the loop until ctx ends.
func (t *ui) listen(ctx context.Context) {
	t.painter.onRebuild = func(entries []entry, shape string) { listenTo(ctx, t, entries, shape, nil) }
	t.painter.onRebuild(t.painter.entries, t.painter.painted.Shape)
	t.tasks.Go(func() {
		for {
			select {
			case <-systray.TrayOpenedCh:
				t.painter.open.opened(supervisor.Now())
				t.noteOpened(ctx)
			case <-ctx.Done():
				return
			}
		}
	})
}

func listenTo(ctx context.Context, t *ui, entries []entry, shape string, parent []int) {
	for i, e := range entries {
		path := append(parent[:len(parent):len(parent)], i)
		if e.item != nil && len(e.children) == 0 {
			t.tasks.Go(func() { forward(ctx, t, e.item, click{shape, path}) })
		}
		listenTo(ctx, t, e.children, shape, path)
	}
}

// forward sends the clicks on one entry to the loop. A click does what the entry
// shows when the loop receives it.
func forward(ctx context.Context, t *ui, item *systray.MenuItem, c click) {
	for {
		select {
		case _, open := <-item.ClickedCh:
			if !open { // the menu was made again
				return
			}
			send(ctx, t.queue, func() { t.clicked(ctx, c) })
		case <-ctx.Done():
			return
		}
	}
}

// hideTime is how long a menu is hidden before its items are removed: a click at
// that moment would end the program, since the toolkit sends it into a channel
// that it has closed.
const hideTime = time.Second

// rebuild makes a menu of another shape: the supervisor of a view may have started
// again with other Gateways.
func (p *painter) rebuild(ctx context.Context, m Menu) (err error) {
	defer recoverError(&err)
	for _, e := range p.entries {
		if e.item != nil {
			e.item.Hide()
		}
	}
	if !supervisor.Sleep(ctx, hideTime) {
		for i := range p.entries { // until there is time to rebuild
			p.entries[i].painted.Hidden = true
		}
		return nil
	}
	systray.ResetMenu()
	p.build(m)
	p.painted.Shape = m.Shape
	p.onRebuild(p.entries, m.Shape)
	return nil
}

// paintItems makes the items show these entries. While the menu is open none of them
// comes, goes or moves.
func (w *widgets) paintItems(items []Item) {
	if w.open.isOpen(supervisor.Now()) {
		items = steady(w.shown, items)
	}
	w.shown = items
	paintEntries(w.entries, items)
}

func paintEntries(entries []entry, items []Item) {
	for i := range min(len(entries), len(items)) {
		e, it := &entries[i], items[i]
		if e.item == nil {
			continue
		}
		if it.Hidden { // what it says is set when it is shown again
			if !e.painted.Hidden {
				e.item.Hide()
			}
			e.painted.Hidden = true
			continue
		}
		if e.painted.Hidden {
			e.item.Show()
		}
		if it.Icon != e.painted.Icon && len(it.Children) > 0 {
			pooled(func() { e.item.SetIcon(assets.Tray(it.Icon, false)) })
		}
		if it.Title != e.painted.Title {
			e.item.SetTitle(label(it.Title))
		}
		switch {
		case it.Enabled && !e.painted.Enabled:
			e.item.Enable()
		case !it.Enabled && e.painted.Enabled:
			e.item.Disable()
		}
		switch {
		case it.Checked && !e.painted.Checked:
			e.item.Check()
		case !it.Checked && e.painted.Checked:
			e.item.Uncheck()
		}
		paintEntries(e.children, it.Children)
		e.painted = it
	}
}

// label keeps the toolkit from taking a character of a name for the mark of an
// access key.
func label(s string) string {
	switch runtime.GOOS {
	case "windows":
		return strings.ReplaceAll(s, "&", "&&")
	case "darwin":
		return s
	}
	return strings.ReplaceAll(s, "_", "__")
}
