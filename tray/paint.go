package tray

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"sync"

	"fyne.io/systray"

	"gatelight/assets"
)

// A painter brings the toolkit's menu to what a Menu says, changing only what
// differs. The toolkit's items are made once and never removed, so that a click
// always finds its item.
type painter struct {
	shown   Menu
	entries []entry
}

// An entry is a toolkit item with what it shows now.
type entry struct {
	item     *systray.MenuItem // nil: a separator
	shown    Item
	children []entry
}

// before sets what must be there when the toolkit announces itself.
func (p *painter) before(m Menu) {
	systray.SetTitle(title)
	systray.SetIcon(image(m))
	systray.SetTooltip(m.Tooltip)
	p.shown = m
}

// build makes all items, and for each that can be clicked a goroutine that
// waits for it: the toolkit drops clicks nobody waits for.
func (t *ui) build(ctx context.Context, wg *sync.WaitGroup, m Menu) {
	add := func(it Item) *systray.MenuItem { return systray.AddMenuItem(label(it.Title), "") }
	t.entries = t.buildItems(ctx, wg, m.Items, add, systray.AddSeparator)
}

func (t *ui) buildItems(ctx context.Context, wg *sync.WaitGroup, items []Item, add func(Item) *systray.MenuItem, separator func()) []entry {
	entries := make([]entry, len(items))
	for i, it := range items {
		entries[i].shown = it
		if it.Separator {
			separator()
			continue
		}
		item := add(it)
		entries[i].item = item
		if !it.Enabled {
			item.Disable()
		}
		if it.Do != (Command{}) {
			wg.Go(func() { t.forward(ctx, item, &entries[i]) })
		}
		child := func(it Item) *systray.MenuItem { return item.AddSubMenuItem(label(it.Title), "") }
		entries[i].children = t.buildItems(ctx, wg, it.Children, child, item.AddSeparator)
		if it.Hidden {
			item.Hide()
		}
	}
	return entries
}

// forward tells the loop which entry was clicked; what that does is what the
// entry shows when the loop comes to it.
func (t *ui) forward(ctx context.Context, item *systray.MenuItem, clicked *entry) {
	for {
		select {
		case <-item.ClickedCh:
		case <-ctx.Done():
			return
		}
		select {
		case t.clicks <- clicked:
		case <-ctx.Done():
		}
	}
}

// forget makes the next paint a whole one.
func (p *painter) forget() {
	p.shown.Icon, p.shown.Tooltip = "", ""
}

// paint shows a menu. When the session bus dies the toolkit panics; that is
// turned into an error here.
func (p *painter) paint(m Menu) (err error) {
	defer func() {
		if broken := recover(); broken != nil {
			err = fmt.Errorf("the tray cannot be painted: %v", broken)
		}
	}()
	if m.Icon != p.shown.Icon || m.Simulated != p.shown.Simulated {
		systray.SetIcon(image(m))
	}
	if m.Tooltip != p.shown.Tooltip {
		systray.SetTooltip(m.Tooltip)
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
		if it.Title != e.shown.Title && !it.Hidden {
			e.item.SetTitle(label(it.Title))
		}
		switch {
		case it.Enabled && !e.shown.Enabled:
			e.item.Enable()
		case !it.Enabled && e.shown.Enabled:
			e.item.Disable()
		}
		switch {
		case it.Hidden && !e.shown.Hidden:
			e.item.Hide()
		case !it.Hidden && e.shown.Hidden:
			e.item.Show()
		}
		paintItems(e.children, it.Children)
		e.shown = it
	}
}

func image(m Menu) []byte {
	if runtime.GOOS == "windows" {
		return assets.ICO(m.Icon, m.Simulated)
	}
	return assets.PNG(m.Icon, m.Simulated)
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
