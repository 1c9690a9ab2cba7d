package tray

import (
	"context"
	"errors"
	"time"

	"gatelight/supervisor"
)

// When the place of the icon is looked at: once it had time to find one, and then
// now and then, since other icons come and go.
const (
	firstBarLook = 10 * time.Second
	barLooks     = time.Minute
)

// A barWatcher watches where the icon is.
type barWatcher struct {
	Options
	look func() (r supervisor.MenuBarReport, known bool) // known is false where the system does not tell
	tell func(what string, err error)
}

// watch writes down where the icon is, until ctx ends, and says once that it
// cannot be seen.
func (t barWatcher) watch(ctx context.Context) {
	told := false
	var last supervisor.MenuBarReport
	for wait := firstBarLook; supervisor.Sleep(ctx, wait); wait = barLooks {
		r, known := t.look()
		if !known {
			continue
		}
		last = r
		t.report(r)
		if why := r.Hidden(); why != "" && !told {
			told = true
			t.tell("You cannot see the light", errors.New(why+". "+t.Where))
		}
	}
	last.Ended = true
	t.report(last)
}

func (t barWatcher) report(r supervisor.MenuBarReport) {
	if t.MenuBar == nil {
		return
	}
	if err := t.MenuBar(r); err != nil {
		t.Log.Warn("cannot write down where the icon is", "error", err)
	}
}
