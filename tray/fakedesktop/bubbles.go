//go:build linux

package fakedesktop

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"
)

// A Bubble is one call of Notify.
type Bubble struct {
	At         time.Time // of its arrival
	AppName    string
	ReplacesID uint32 // 0 for a bubble of its own
	ID         uint32 // as answered to the program
	Icon       string // name or path
	Summary    string
	Body       string
	Actions    []Action
	Urgency    Urgency
	Hints      map[string]any
	Expire     time.Duration // 0 is never, negative leaves it to the service
}

// An Action is a button on a bubble; the key "default" is the bubble itself.
type Action struct{ Key, Label string }

// Urgency is how loudly a bubble speaks.
type Urgency byte

// The three urgencies. A bubble that gives none is [Normal].
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

func (b Bubble) String() string {
	s := fmt.Sprintf("bubble %d, %s: %q %q", b.ID, b.Urgency, b.Summary, b.Body)
	if b.ReplacesID != 0 {
		s += fmt.Sprintf(", in place of %d", b.ReplacesID)
	}
	for _, a := range b.Actions {
		s += fmt.Sprintf(" [%s: %s]", a.Key, a.Label)
	}
	return s
}

// Bubbles is every call of Notify since the start, in the order of arrival,
// also those that were replaced or closed, and those that a hanging service
// has not answered. Ids count anew in each life of the service, as dunst's do.
func (d *Desktop) Bubbles() []Bubble {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.bubbles)
}

// Showing is what a person sees now, by id.
func (d *Desktop) Showing() []Bubble {
	d.mu.Lock()
	defer d.mu.Unlock()
	var all []Bubble
	for _, id := range slices.Sorted(maps.Keys(d.showing)) {
		all = append(all, d.showing[id])
	}
	return all
}

// AwaitBubble returns the first bubble, of those that came and those to come,
// that matches.
func (d *Desktop) AwaitBubble(ctx context.Context, match func(Bubble) bool) (Bubble, error) {
	var found Bubble
	err := d.Await(ctx, "such bubble", func() bool {
		all := d.Bubbles()
		i := slices.IndexFunc(all, match)
		if i >= 0 {
			found = all[i]
		}
		return i >= 0
	})
	return found, err
}

// InvokeAction presses a button of a showing bubble. The bubble closes, as it
// does on most desktops. It fails the test if there is no such button.
func (d *Desktop) InvokeAction(id uint32, key string) {
	d.t.Helper()
	if !d.touch(id, func(n *notifier, b Bubble) bool {
		if !slices.ContainsFunc(b.Actions, func(a Action) bool { return a.Key == key }) {
			return false
		}
		// Desktops of today send a token first, with which the program may
		// raise a window.
		n.conn.Emit(notifyPath, notifyName+".ActivationToken", id, "token")
		n.conn.Emit(notifyPath, notifyName+".ActionInvoked", id, key)
		if resident, _ := b.Hints["resident"].(bool); !resident {
			n.closeLocked(id, closedByPerson)
		}
		return true
	}) {
		d.t.Errorf("no showing bubble %d with an action %q:\n%s", id, key, d)
	}
}

// CloseBubble is a person waving a showing bubble away. It fails the test if
// there is none.
func (d *Desktop) CloseBubble(id uint32) {
	d.t.Helper()
	if !d.touch(id, func(n *notifier, _ Bubble) bool {
		n.closeLocked(id, closedByPerson)
		return true
	}) {
		d.t.Errorf("no showing bubble %d:\n%s", id, d)
	}
}

// touch does something to a showing bubble, with d.mu held.
func (d *Desktop) touch(id uint32, f func(*notifier, Bubble) bool) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	b, ok := d.showing[id]
	return ok && d.notifier != nil && f(d.notifier, b)
}
