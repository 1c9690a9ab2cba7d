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

// A painter makes the toolkit's menu show what a Menu says, and changes only what
// differs. The toolkit's items are made once, so that no click is lost; they are
// made again only for a menu of another shape.
type painter struct {
	painted   Menu
	entries   []entry
	onRebuild func([]entry, string) // listens for clicks on a menu of that shape
}

// An entry is a toolkit item with what it shows now.
type entry struct {
	item     *systray.MenuItem // nil: a separator
	painted  Item
	children []entry
}

// prepare sets what must be there when the toolkit registers the icon: an icon
// that is set only then is sometimes not shown.
func (p *painter) prepare(m Menu) {
	p.painted = m
	systray.SetTitle(barTitle(m))
	systray.SetTooltip(m.Tooltip)
	// The toolkit keeps the icon before it complains that it has no bus any more.
	defer func() { _ = recover() }()
	pooled(func() { systray.SetIcon(image(m)) })
}

// barTitle is the text beside the icon on macOS, and the program's name on
// Linux, where panels show it in their settings.
func barTitle(m Menu) string {
	if runtime.GOOS == "darwin" {
		return m.BarText
	}
	return title
}

// build makes all items.
func (p *painter) build(m Menu) {
	top := adder{systray.AddMenuItem, systray.AddMenuItemCheckbox, systray.AddSeparator}
	p.entries = build(m.Items, top)
	paintItems(p.entries, m.Items)
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
	t.onRebuild = func(entries []entry, shape string) { t.listenTo(ctx, entries, shape, nil) }
	t.onRebuild(t.entries, t.painted.Shape)
	t.tasks.Go(func() {
		for {
			select {
			case <-systray.TrayOpenedCh:
				now := supervisor.Now()
				t.update(ctx, func(p *Program) { p.OpenedAt = now })
			case <-ctx.Done():
				return
			}
		}
	})
}

func (t *ui) listenTo(ctx context.Context, entries []entry, shape string, parent []int) {
	for i, e := range entries {
		path := append(parent[:len(parent):len(parent)], i)
		if e.item != nil && len(e.children) == 0 {
			t.tasks.Go(func() { t.forward(ctx, e.item, click{shape, path}) })
		}
		t.listenTo(ctx, e.children, shape, path)
	}
}

// forward sends the clicks on one entry to the loop. A click does what the entry
// shows when the loop receives it.
func (t *ui) forward(ctx context.Context, item *systray.MenuItem, c click) {
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

// paintLoop paints what the loop publishes, until ctx ends or the toolkit fails.
func (t *ui) paintLoop(ctx context.Context) error {
	for {
		select {
		case m := <-t.menus:
			if m.Shape != t.painted.Shape {
				if err := t.rebuild(ctx, m); err != nil || ctx.Err() != nil {
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

// invalidate makes the next paint set everything that is on the bar.
func (p *painter) invalidate() {
	p.painted.Icon, p.painted.Tooltip, p.painted.BarText = "", "", "?"
}

// recoverError turns a panic of the toolkit into an error. It panics when the
// session bus ends.
func recoverError(err *error) {
	if panicked := recover(); panicked != nil {
		*err = fmt.Errorf("the tray cannot be painted: %v", panicked)
	}
}

// paint makes the toolkit show a menu of the same shape.
func (p *painter) paint(m Menu) (err error) {
	defer recoverError(&err)
	if m.Icon != p.painted.Icon || m.Simulated != p.painted.Simulated {
		pooled(func() { systray.SetIcon(image(m)) })
	}
	if m.Tooltip != p.painted.Tooltip {
		systray.SetTooltip(m.Tooltip)
	}
	if barTitle(m) != barTitle(p.painted) {
		systray.SetTitle(barTitle(m))
	}
	p.painted = m
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
			if !e.painted.Hidden {
				e.item.Hide()
			}
			e.painted.Hidden = true
			continue
		}
		if e.painted.Hidden {
			e.item.Show()
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
		paintItems(e.children, it.Children)
		e.painted = it
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
