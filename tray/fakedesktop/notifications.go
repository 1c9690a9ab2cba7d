//go:build linux

package fakedesktop

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"
)

// A Notification is one call of Notify.
type Notification struct {
	At         time.Time // of its arrival
	AppName    string
	ReplacesID uint32 // 0 for a notification of its own
	ID         uint32 // as answered to the program
	Icon       string // name or path
	Summary    string
	Body       string
	Actions    []Action
	Urgency    Urgency
	Hints      map[string]any
	Expire     time.Duration // 0 is never, negative leaves it to the service
}

// An Action is a button on a notification; the key "default" is the notification itself.
type Action struct{ Key, Label string }

// Urgency is how loudly a notification speaks.
type Urgency byte

// The three urgencies. A notification that gives none is [Normal].
const (
	Low Urgency = iota
	Normal
	Critical
)

func (u Urgency) String() string {
	switch u {
	case Low:
		return "low"
	case Normal:
		return "normal"
	case Critical:
		return "critical"
	}
	return fmt.Sprintf("urgency %d", byte(u))
}

func (b Notification) String() string {
	s := fmt.Sprintf("notification %d, %s: %q %q", b.ID, b.Urgency, b.Summary, b.Body)
	if b.ReplacesID != 0 {
		s += fmt.Sprintf(", in place of %d", b.ReplacesID)
	}
	for _, a := range b.Actions {
		s += fmt.Sprintf(" [%s: %s]", a.Key, a.Label)
	}
	return s
}

// Notifications is every call of Notify since the start, in the order of arrival,
// also those that were replaced or closed, and those that a hanging service
// has not answered. Ids count anew in each life of the service, as dunst's do.
func (d *Desktop) Notifications() []Notification {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.received)
}

// Shown is what a person sees now, by id.
func (d *Desktop) Shown() []Notification {
	d.mu.Lock()
	defer d.mu.Unlock()
	var all []Notification
	for _, id := range slices.Sorted(maps.Keys(d.shown)) {
		all = append(all, d.shown[id])
	}
	return all
}

// AwaitNotification returns the first notification, of those that came and those to come,
// that matches.
func (d *Desktop) AwaitNotification(ctx context.Context, match func(Notification) bool) (Notification, error) {
	var found Notification
	err := d.Await(ctx, "such notification", func() bool {
		all := d.Notifications()
		i := slices.IndexFunc(all, match)
		if i >= 0 {
			found = all[i]
		}
		return i >= 0
	})
	return found, err
}

// AwaitSummary is the first notification with this summary, and fails the test
// when none comes.
func (d *Desktop) AwaitSummary(summary string) Notification {
	d.t.Helper()
	n, err := d.AwaitNotification(d.t.Context(), func(n Notification) bool { return n.Summary == summary })
	if err != nil {
		d.t.Fatalf("%q: %v", summary, err)
	}
	return n
}

// InvokeAction presses a button of a showing notification. The notification closes, as it
// does on most desktops. It fails the test if there is no such button.
func (d *Desktop) InvokeAction(id uint32, key string) {
	d.t.Helper()
	if !d.touch(id, func(n *notifier, b Notification) bool {
		if !slices.ContainsFunc(b.Actions, func(a Action) bool { return a.Key == key }) {
			return false
		}
		// Desktops of today send a token first, with which the program may
		// raise a window.
		n.conn.Emit(notifyPath, notifyName+".ActivationToken", id, "token")
		n.conn.Emit(notifyPath, notifyName+".ActionInvoked", id, key)
		if resident, _ := b.Hints["resident"].(bool); !resident {
			n.closeLocked(id, dismissed)
		}
		return true
	}) {
		d.t.Errorf("no showing notification %d with an action %q:\n%s", id, key, d)
	}
}

// CloseNotification is a person waving a showing notification away. It fails the test if
// there is none.
func (d *Desktop) CloseNotification(id uint32) {
	d.t.Helper()
	if !d.touch(id, func(n *notifier, _ Notification) bool {
		n.closeLocked(id, dismissed)
		return true
	}) {
		d.t.Errorf("no showing notification %d:\n%s", id, d)
	}
}

// touch does something to a showing notification, with d.mu held.
func (d *Desktop) touch(id uint32, f func(*notifier, Notification) bool) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	b, ok := d.shown[id]
	return ok && d.notifier != nil && f(d.notifier, b)
}
