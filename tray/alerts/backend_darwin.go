package alerts

import (
	"cmp"
	"context"
	"errors"
	"os/exec"
	"time"

	"gatelight/supervisor"
)

// A darwinBackend shows alerts under Gatelight's own name where macOS allows it,
// else through another program. It asks macOS before each alert, so that it
// notices when the person gives or takes the permission.
type darwinBackend struct {
	beeepBackend
	center    *notificationCenter // nil: it cannot be used
	fixed     macSettings         // the part that does not change
	offers    offers
	noButtons bool // they would do nothing
}

func newBackend(pressed func(Press)) backend {
	d := openBackend()
	if d.center == nil {
		return d
	}
	d.noButtons = d.center.listen(func(button string) {
		p, _ := d.offers.press(button) // the zero value for the alert's text
		pressed(p)
	}) != nil
	d.center.requestPermission()
	return d
}

func openBackend() *darwinBackend {
	d := &darwinBackend{beeepBackend: newBeeep()}
	d.fixed.Bundle, d.fixed.Path = mainBundle()
	d.fixed.Helper = "osascript"
	if _, err := exec.LookPath("terminal-notifier"); err == nil { // which beeep prefers
		d.fixed.Helper = "terminal-notifier"
	}
	if !d.fixed.bundled() {
		return d
	}
	var err error
	if d.center, err = openNotificationCenter(); err != nil {
		d.fixed.Missing = err.Error()
	}
	return d
}

// settingsTimeout is how long macOS may take to tell its settings: an alert must
// not wait for that.
const settingsTimeout = time.Second

func (d *darwinBackend) settings(ctx context.Context) macSettings {
	s := d.fixed
	if d.center != nil {
		ctx, cancel := context.WithTimeout(ctx, settingsTimeout)
		defer cancel()
		d.center.settings(ctx, &s)
	}
	return s
}

func (d *darwinBackend) name(ctx context.Context) (string, error) {
	_, report := d.settings(ctx).choose()
	if report.Unreliable {
		return report.By + ", whose alerts macOS may drop", nil
	}
	return report.By, nil
}

func (d *darwinBackend) show(ctx context.Context, a alert) error {
	if way, _ := d.settings(ctx).choose(); way == throughHelper {
		return d.beeepBackend.show(ctx, a)
	}
	err := d.center.add(ctx, d.notification(a))
	if err == nil || ctx.Err() != nil { // after the deadline it may still be shown
		return err
	}
	if helperErr := d.beeepBackend.show(ctx, a); helperErr != nil {
		return errors.Join(err, helperErr)
	}
	return nil
}

// withdraw removes what is shown under our own name. What another program shows
// cannot be removed by us.
func (d *darwinBackend) withdraw(_ context.Context, key string) error {
	if d.center != nil {
		d.center.remove(key)
	}
	return nil
}

// flushTimeout is how long the end waits for macOS.
const flushTimeout = 300 * time.Millisecond

// close waits until macOS has got what was withdrawn last: it gets it in the
// background, and in order, so that an answer to a later question proves it.
func (d *darwinBackend) close() {
	if d.center != nil {
		ctx, cancel := context.WithTimeout(context.Background(), flushTimeout)
		defer cancel()
		d.center.shown(ctx)
	}
}

func (d *darwinBackend) notification(a alert) macNotification {
	n := macNotification{Key: cmp.Or(a.Key, "test"), Title: a.Notice.Title, Body: a.Notice.Body, Thread: a.Gateway, Sound: a.Sound}
	if !d.noButtons {
		n.Buttons = d.offers.add(a.Buttons)
	}
	return n
}

// Inspect asks macOS how alerts are shown, without asking the person. It shows
// nothing.
func Inspect(ctx context.Context) (supervisor.AlertReport, error) {
	d := openBackend()
	settings := d.settings(ctx)
	_, report := settings.choose()
	shown := -1
	if d.center != nil {
		shown = d.center.shown(ctx)
	}
	report.Detail = settings.detail(shown)
	return report, nil
}
