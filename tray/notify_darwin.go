package tray

import (
	"cmp"
	"context"
	"errors"
	"os/exec"
	"time"
)

// A macPoster posts in Gatelight's own name where macOS allows it, else through
// another program. It looks before each post, so that a permission that comes
// or goes is followed.
type macPoster struct {
	beeepPoster
	center  *center
	says    macSays // what does not change
	offered pressable
	deaf    bool // buttons would do nothing
}

func newPoster(pressed func(Command)) poster {
	m := openMac()
	if m.center == nil {
		return m
	}
	m.deaf = m.center.listen(func(button string) {
		c, _ := m.offered.command(button) // none for the alert's text
		pressed(c)
	}) != nil
	m.center.ask()
	return m
}

func openMac() *macPoster {
	m := &macPoster{beeepPoster: newBeeep()}
	m.says.Bundle, m.says.Path = mainBundle()
	m.says.Helper = "osascript"
	if _, err := exec.LookPath("terminal-notifier"); err == nil { // which beeep prefers
		m.says.Helper = "terminal-notifier"
	}
	if !m.says.bundled() {
		return m
	}
	var err error
	if m.center, err = openCenter(); err != nil {
		m.says.Missing = err.Error()
	}
	return m
}

// settingsLimit is how long macOS may take to tell its settings: an alert must
// not wait for that.
const settingsLimit = time.Second

func (m *macPoster) now(ctx context.Context) macSays {
	says := m.says
	if m.center != nil {
		ctx, cancel := context.WithTimeout(ctx, settingsLimit)
		defer cancel()
		m.center.settings(ctx, &says)
	}
	return says
}

func (m *macPoster) who(ctx context.Context) (string, error) {
	_, alerts := m.now(ctx).choose()
	if alerts.Doubtful {
		return alerts.By + ", whose alerts macOS may drop", nil
	}
	return alerts.By, nil
}

func (m *macPoster) post(ctx context.Context, a alert) error {
	if by, _ := m.now(ctx).choose(); by == borrowed {
		return m.beeepPoster.post(ctx, a)
	}
	err := m.center.add(ctx, m.note(a))
	if err == nil || ctx.Err() != nil { // late, it may still be shown
		return err
	}
	if lower := m.beeepPoster.post(ctx, a); lower != nil {
		return errors.Join(err, lower)
	}
	return nil
}

// withdraw takes back what was posted in our own name; what was posted by another
// program is not ours to take.
func (m *macPoster) withdraw(_ context.Context, key string) error {
	if m.center != nil {
		m.center.remove(key)
	}
	return nil
}

func (m *macPoster) note(a alert) macNote {
	n := macNote{Key: cmp.Or(a.Key, "test"), Title: a.Notice.Title, Body: a.Notice.Body, Sound: a.Sound}
	if !m.deaf {
		m.offered.offer(a.Offers)
		n.Buttons = buttons(a.Offers)
	}
	return n
}

// alertsNow asks macOS, without asking the person.
func alertsNow(ctx context.Context) (Alerts, error) {
	_, alerts := openMac().now(ctx).choose()
	return alerts, nil
}
