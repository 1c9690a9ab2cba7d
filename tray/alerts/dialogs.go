package alerts

import (
	"context"
	"sync"
	"time"

	"gatelight/supervisor"
)

// dialogs are the urgent alerts that are shown as windows as well: one at a time
// for each incident, and for as long as it lasts.
type dialogs struct {
	// show shows a notice until its window is closed, with a button of that label, ""
	// for none. It reports a press of the button.
	show    func(ctx context.Context, n supervisor.Notice, button string) (pressed bool, err error)
	pressed func(Press)

	wg      sync.WaitGroup
	open    map[string]dialog // by alert key; the presenter's goroutine alone uses it
	results chan error        // why a dialog could not be shown; nil: it was
}

type dialog struct {
	alert alert
	close context.CancelFunc
}

func newDialogs(pressed func(Press)) dialogs {
	return dialogs{show: showDialog, pressed: pressed, open: map[string]dialog{}, results: make(chan error)}
}

// add opens the dialog of an urgent alert in place of its incident's last one. A
// reminder opens none where there was one: who closed the dialog knows of it.
func (d *dialogs) add(ctx context.Context, a alert) {
	if !a.Notice.Urgent {
		return
	}
	if x, had := d.open[a.Key]; had && (x.alert.Notice == a.Notice || a.Notice.Kind == supervisor.NoticeReminder) {
		return // it is open, or was closed
	}
	d.close(a.Key)
	var action Button
	if len(a.Buttons) > 0 && a.Buttons[0].Do.Action != "" {
		action = a.Buttons[0]
	}
	ctx, end := context.WithCancel(ctx)
	d.open[a.Key] = dialog{a, end}
	d.wg.Go(func() {
		defer end()
		n := a.Notice
		n.Body = "At " + supervisor.Local(n.At).Format(time.TimeOnly) + ". " + n.Body
		pressed, err := d.show(ctx, n, action.Label)
		if ctx.Err() != nil {
			return
		}
		if pressed && d.pressed != nil {
			d.pressed(action.Do)
		}
		select {
		case d.results <- err:
		case <-ctx.Done():
		}
	})
}

func (d *dialogs) close(key string) {
	if x, open := d.open[key]; open {
		x.close()
		delete(d.open, key)
	}
}

// closeOver closes the dialogs whose notices do not hold any more.
func (d *dialogs) closeOver(status supervisor.Status) {
	for key, x := range d.open {
		if x.alert.over(status) {
			d.close(key)
		}
	}
}

func (d *dialogs) closeAll() {
	for key := range d.open {
		d.close(key)
	}
}

// end closes all and waits for them.
func (d *dialogs) end() {
	d.closeAll()
	d.wg.Wait()
}
