package tray

import (
	"cmp"
	"context"
	"errors"
	"os/exec"
	"time"

	"gatelight/supervisor"
)

// A macPoster posts in Gatelight's own name where macOS allows it, else through
// another program. It looks before each post, so that a permission that comes
// or goes is followed.
type macPoster struct {
	beeepPoster
	center *center
	says   macSays // what does not change
}

func newPoster() poster {
	m := openMac()
	if m.center != nil {
		m.center.ask()
	}
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

func (m *macPoster) post(ctx context.Context, key string, n supervisor.Notice, icon string, simulated bool) error {
	by, _ := m.now(ctx).choose()
	if by == borrowed {
		return m.beeepPoster.post(ctx, key, n, icon, simulated)
	}
	err := m.center.add(ctx, macNote{Key: cmp.Or(key, "test"), Title: n.Title, Body: n.Body})
	if err == nil || ctx.Err() != nil { // late, it may still be shown
		return err
	}
	if lower := m.beeepPoster.post(ctx, key, n, icon, simulated); lower != nil {
		return errors.Join(err, lower)
	}
	return nil
}

// alertsNow asks macOS, without asking the person.
func alertsNow(ctx context.Context) (Alerts, error) {
	_, alerts := openMac().now(ctx).choose()
	return alerts, nil
}
