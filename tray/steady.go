package tray

import (
	"context"
	"slices"
	"sync/atomic"
	"time"

	"gatelight/supervisor"
)

// This file keeps a menu steady while somebody has it open: its entries say what is
// true, and none comes, goes or moves under the pointer.

// openLimit is how long a menu counts as open that was not reported as closed: not
// every system reports it. Within it a panel of GTK that opens the menu again gets the
// new rows too late, and shows them in the height of the old ones; after it they would
// move under the pointer of a person who still reads.
const openLimit = 15 * time.Second

// An openMenu is whether somebody has the menu open. The zero value is a closed one.
type openMenu struct{ since atomic.Pointer[time.Time] }

func (o *openMenu) opened(now time.Time) { o.since.Store(&now) }
func (o *openMenu) closed()              { o.since.Store(nil) }

func (o *openMenu) isOpen(now time.Time) bool {
	since := o.since.Load()
	return since != nil && !now.Before(*since) && now.Sub(*since) < openLimit
}

// noteOpened notes that a person looks at the menu.
func (t *ui) noteOpened(ctx context.Context) {
	now := supervisor.Now()
	t.update(ctx, func(p *Program) { p.OpenedAt = now })
}

// steady is the next menu for somebody who has this one open. What is gone by then is
// greyed out; what is new is shown when the menu is opened again.
func steady(shown, next []Item) []Item {
	if len(shown) != len(next) {
		return next
	}
	items := slices.Clone(next)
	for i := range items {
		switch was := shown[i]; {
		case was.Separator:
		case was.Hidden && next[i].Hidden:
		case was.Hidden:
			items[i].Hidden = true
			if before := lastShown(items[:i]); next[i].Continues && before >= 0 {
				items[before].Title += " " + next[i].Title
			}
		default:
			if next[i].Hidden {
				items[i].Hidden, items[i].Enabled = false, false
			}
			items[i].Children = steady(was.Children, next[i].Children)
		}
	}
	return items
}

func lastShown(items []Item) int {
	for i, it := range slices.Backward(items) {
		if !it.Hidden && !it.Separator {
			return i
		}
	}
	return -1
}
