package alerts

import (
	"context"
	"sync"

	"gatelight/supervisor"
)

// dialogs are the urgent alerts that are shown as windows as well: one at a time
// for each incident, and for as long as it lasts.
type dialogs struct {
	show func(ctx context.Context, n supervisor.Notice) error // until it is closed

	wg      sync.WaitGroup
	open    map[string]dialog // by alert key; the presenter's goroutine alone uses it
	changed chan struct{}     // problem has changed

	mu      sync.Mutex
	problem string // why none can be shown; "" when they can
}

type dialog struct {
	gateway string
	notice  supervisor.Notice
	close   context.CancelFunc
}

func newDialogs() dialogs {
	return dialogs{show: showDialog, open: map[string]dialog{}, changed: make(chan struct{}, 1)}
}

// add opens the dialog of an urgent alert in place of its incident's last one. A
// reminder opens none where there was one: who closed the dialog knows of it.
func (d *dialogs) add(ctx context.Context, a alert) {
	if !a.Notice.Urgent {
		return
	}
	if x, had := d.open[a.Key]; had && (x.notice == a.Notice || a.Notice.Kind == supervisor.NoticeReminder) {
		return // it is open, or was closed
	}
	d.close(a.Key)
	ctx, end := context.WithCancel(ctx)
	d.open[a.Key] = dialog{a.Gateway, a.Notice, end}
	d.wg.Go(func() {
		defer end()
		if err := d.show(ctx, a.Notice); ctx.Err() == nil {
			d.setProblem(err)
		}
	})
}

func (d *dialogs) close(key string) {
	if x, open := d.open[key]; open {
		x.close()
		delete(d.open, key)
	}
}

// closeOver closes the dialogs of a Gateway whose notices do not hold any more.
func (d *dialogs) closeOver(g supervisor.Snapshot) {
	for key, x := range d.open {
		if x.gateway == g.Name && isOver(g, x.notice) {
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

// setProblem notes how showing a dialog went.
func (d *dialogs) setProblem(err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.problem = ""
	if err != nil {
		d.problem = err.Error()
	}
	select {
	case d.changed <- struct{}{}:
	default:
	}
}

func (d *dialogs) why() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.problem
}
