package tray

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"time"

	"fyne.io/systray"

	"gatelight/assets"
	"gatelight/supervisor"
)

// A painter brings the toolkit's menu to what a Menu says, changing only what
// differs. The toolkit's items are made once, so that a click always finds its
// item; only a menu of another shape is made anew.
type painter struct {
	shown   Menu
	entries []entry
	hear    func([]entry, string) // hears of clicks on a menu of that shape
}

// An entry is a toolkit item with what it shows now.
type entry struct {
	item     *systray.MenuItem // nil: a separator
	shown    Item
	children []entry
}

// before sets what must be there when the toolkit announces itself: an icon set
// only then is sometimes not shown.
func (p *painter) before(m Menu) {
	p.shown = m
	systray.SetTitle(besideIcon(m))
	systray.SetTooltip(m.Tooltip)
	// The toolkit keeps the icon before it complains that it has no bus any more.
	defer func() { _ = recover() }()
	systray.SetIcon(image(m))
}

// besideIcon is the text beside the icon on macOS, and the program's name on
// Linux, where panels show it in their settings.
func besideIcon(m Menu) string {
	if runtime.GOOS == "darwin" {
		return m.Beside
	}
	return title
}

// build makes all items.
func (p *painter) build(m Menu) {
	top := adder{systray.AddMenuItem, systray.AddMenuItemCheckbox, systray.AddSeparator}
	p.entries = build(m.Items, top)
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
		entries[i].shown = it
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
		// The toolkit drops a click that nobody waits for at that moment.
		item.ClickedCh = make(chan struct{}, 8)
		entries[i].item = item
		if !it.Enabled {
			item.Disable()
		}
		entries[i].children = build(it.Children, adder{item.AddSubMenuItem, item.AddSubMenuItemCheckbox, item.AddSeparator})
		if it.Hidden {
			item.Hide()
		}
	}
	return entries
}

// listen tells the loop of clicks and of the menu being opened, until ctx ends.
func (t *ui) listen(ctx context.Context) {
	t.hear = func(entries []entry, shape string) { t.listenTo(ctx, entries, shape, nil) }
	t.hear(t.entries, t.shown.Shape)
	t.tasks.Go(func() {
		for {
			select {
			case <-systray.TrayOpenedCh:
			case <-ctx.Done():
				return
			}
			select {
			case t.opened <- supervisor.Now():
			case <-ctx.Done():
				return
			}
		}
	})
}

func (t *ui) listenTo(ctx context.Context, entries []entry, shape string, above []int) {
	for i, e := range entries {
		at := append(above[:len(above):len(above)], i)
		if e.item != nil && len(e.children) == 0 {
			t.tasks.Go(func() { t.forward(ctx, e.item, click{shape, at}) })
		}
		t.listenTo(ctx, e.children, shape, at)
	}
}

// forward tells the loop which entry was clicked; what that does is what the
// entry shows when the loop comes to it.
func (t *ui) forward(ctx context.Context, item *systray.MenuItem, at click) {
	for {
		select {
		case _, there := <-item.ClickedCh:
			if !there { // the menu was made anew
				return
			}
		case <-ctx.Done():
			return
		}
		select {
		case t.clicks <- at:
		case <-ctx.Done():
			return
		}
	}
}

// vanishing is how long a menu is hidden before its items are removed: a click
// that comes just then would end the program, since the toolkit sends it into a
// channel that it has closed.
const vanishing = time.Second

// remake makes a menu of another shape: a view may find that its supervisor has
// come back with other Gateways.
func (p *painter) remake(ctx context.Context, m Menu) (err error) {
	defer recovered(&err)
	for _, e := range p.entries {
		if e.item != nil {
			e.item.Hide()
		}
	}
	gone := time.NewTimer(vanishing)
	defer gone.Stop()
	select {
	case <-gone.C:
	case <-ctx.Done():
		for i := range p.entries { // as it is, until there is time for it
			p.entries[i].shown.Hidden = true
		}
		return nil
	}
	systray.ResetMenu()
	p.build(m)
	p.shown.Shape = m.Shape
	p.hear(p.entries, m.Shape)
	return nil
}

// paints shows what the loop leaves, until ctx ends or the toolkit breaks down.
func (t *ui) paints(ctx context.Context) error {
	for {
		select {
		case m := <-t.menus:
			if m.Shape != t.shown.Shape {
				if err := t.remake(ctx, m); err != nil || ctx.Err() != nil {
					return err
				}
			}
			if err := t.paint(m); err != nil {
				return err
			}
		case <-ctx.Done():
			return nil
		}
	}
}

// forget makes the next paint of what is on the bar a whole one.
func (p *painter) forget() {
	p.shown.Icon, p.shown.Tooltip, p.shown.Beside = "", "", "?"
}

// recovered makes an error of the toolkit's panic, as when the session bus dies.
func recovered(err *error) {
	if broken := recover(); broken != nil {
		*err = fmt.Errorf("the tray cannot be painted: %v", broken)
	}
}

// paint shows a menu.
func (p *painter) paint(m Menu) (err error) {
	defer recovered(&err)
	if m.Icon != p.shown.Icon || m.Simulated != p.shown.Simulated {
		systray.SetIcon(image(m))
	}
	if m.Tooltip != p.shown.Tooltip {
		systray.SetTooltip(m.Tooltip)
	}
	if besideIcon(m) != besideIcon(p.shown) {
		systray.SetTitle(besideIcon(m))
	}
	p.shown = m
	paintItems(p.entries, m.Items)
	return nil
}

func paintItems(entries []entry, items []Item) {
	for i := range min(len(entries), len(items)) {
		e, it := &entries[i], items[i]
		if e.item == nil {
			continue
		}
		if it.Hidden { // what it says is set when it is shown again
			if !e.shown.Hidden {
				e.item.Hide()
			}
			e.shown.Hidden = true
			continue
		}
		if e.shown.Hidden {
			e.item.Show()
		}
		if it.Title != e.shown.Title {
			e.item.SetTitle(label(it.Title))
		}
		switch {
		case it.Enabled && !e.shown.Enabled:
			e.item.Enable()
		case !it.Enabled && e.shown.Enabled:
			e.item.Disable()
		}
		switch {
		case it.Checked && !e.shown.Checked:
			e.item.Check()
		case !it.Checked && e.shown.Checked:
			e.item.Uncheck()
		}
		paintItems(e.children, it.Children)
		e.shown = it
	}
}

func image(m Menu) []byte { return assets.Tray(m.Icon, m.Simulated) }

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
