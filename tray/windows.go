package tray

import (
	"context"
	"errors"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/ncruces/zenity"

	"gatelight/supervisor"
)

// windows are the alerts that stand in the way until somebody has seen them:
// one at a time for each incident, and for as long as it lasts.
type windows struct {
	show func(ctx context.Context, n supervisor.Notice) error

	wg      sync.WaitGroup
	open    map[string]window // the announcer's
	mu      sync.Mutex
	problem string // why none can be shown
	told    chan struct{}
}

type window struct {
	gateway string
	notice  supervisor.Notice
	close   context.CancelFunc
}

// mind opens the window of an urgent alert in place of its incident's last. A
// reminder opens none where there was one: whoever has closed the window knows.
func (w *windows) mind(ctx context.Context, h held) {
	if !h.Notice.Urgent {
		return
	}
	if x, had := w.open[h.Key]; had && (x.notice == h.Notice || h.Notice.Kind == supervisor.NoticeReminder) {
		return // it is up, or was closed
	}
	w.shut(h.Key)
	ctx, end := context.WithCancel(ctx)
	if w.open == nil {
		w.open = map[string]window{}
	}
	w.open[h.Key] = window{h.gateway, h.Notice, end}
	w.wg.Go(func() {
		defer end()
		if err := w.show(ctx, h.Notice); ctx.Err() == nil {
			w.went(err)
		}
	})
}

func (w *windows) shut(key string) {
	if x, open := w.open[key]; open {
		x.close()
		delete(w.open, key)
	}
}

// closeOver closes the windows of a Gateway whose matter has passed.
func (w *windows) closeOver(g supervisor.Snapshot) {
	for key, x := range w.open {
		if x.gateway == g.Name && over(g, x.notice) {
			w.shut(key)
		}
	}
}

func (w *windows) shutAll() {
	for key := range w.open {
		w.shut(key)
	}
}

// close closes all, and waits for them as long as one may wait for a program
// that does not end when it is told to.
func (w *windows) close() {
	w.shutAll()
	wait(&w.wg, leaving)
}

// went notes how showing a window went.
func (w *windows) went(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.problem = ""
	if err != nil {
		w.problem = err.Error()
	}
	select {
	case w.told <- struct{}{}:
	default:
	}
}

// failed tells that a window was closed or could not be shown; why says why.
func (w *windows) failed() <-chan struct{} { return w.told }

func (w *windows) why() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.problem
}

// How a text is broken into lines in a window that would not do it well by itself.
const (
	windowWidth = 60 // characters
	windowLines = 12
)

// showWindow shows a notice in a window until it is closed or ctx ends.
func showWindow(ctx context.Context, n supervisor.Notice) error {
	text := n.Body
	if runtime.GOOS == "linux" { // there a window may have no title, and is as wide as its longest line
		text = n.Title + "\n\n" + strings.Join(slices.DeleteFunc(wrapped(n.Body, windowWidth, windowLines), func(line string) bool { return line == "" }), "\n")
	}
	err := zenity.Warning(text, zenity.Title(n.Title), zenity.Context(ctx), zenity.WarningIcon, zenity.NoWrap())
	switch {
	case errors.Is(err, exec.ErrNotFound):
		return errors.New("alerts cannot open a window: zenity is not installed")
	case errors.Is(err, zenity.ErrCanceled), err == nil:
		return nil // closed
	}
	return errors.New("alerts cannot open a window: " + err.Error())
}
