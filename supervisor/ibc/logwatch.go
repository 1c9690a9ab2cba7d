package ibc

import (
	"runtime"
	"time"

	"github.com/fsnotify/fsnotify"
)

// How often IBC's log is read. Where the system reports writes: soon after a
// write, and otherwise rarely. Where it does not: often, and less often when
// nothing was written for idleAfter.
const (
	coalesceInterval = 20 * time.Millisecond // IBC writes its lines one by one
	watchedInterval  = 30 * time.Second
	pollInterval     = 200 * time.Millisecond
	floodInterval    = 100 * time.Millisecond // after a reading that found too much
	idleInterval     = 2 * time.Second
	idleAfter        = 10 * time.Second
)

// A logWatch says when a log is to be read next. Each wake-up of an idle
// program costs more than the reading does.
type logWatch struct {
	timer     *time.Timer       // of the next reading
	watcher   *fsnotify.Watcher // nil: the system does not report writes
	pending   bool              // a write was reported, and will be read soon
	lastGrown time.Time         // when there was something to read
}

// newLogWatch watches a log. The first reading comes after the watch has begun,
// so that no write is missed between the two.
func newLogWatch(log string) *logWatch {
	return &logWatch{watcher: newWatcher(log), timer: time.NewTimer(pollInterval), lastGrown: time.Now()}
}

// newWatcher is nil where writes are not reported.
func newWatcher(log string) *fsnotify.Watcher {
	if runtime.GOOS == "windows" {
		return nil // it reports a write when the cache is flushed, which may be long after
	}
	w, err := fsnotify.NewWatcher()
	if err != nil {
		return nil
	}
	if w.Add(log) != nil {
		w.Close()
		return nil
	}
	return w
}

// writes reports a write, unless one is pending. Writes that come meanwhile
// wait in the kernel, which merges them.
func (w *logWatch) writes() <-chan fsnotify.Event {
	if w.watcher == nil || w.pending {
		return nil
	}
	return w.watcher.Events
}

// errors reports that a write may have been missed.
func (w *logWatch) errors() <-chan error {
	if w.watcher == nil {
		return nil
	}
	return w.watcher.Errors
}

// coalesce schedules the reading of a write that was reported, together with
// those that follow at once.
func (w *logWatch) coalesce(e fsnotify.Event) {
	w.pending = true
	w.timer.Reset(coalesceInterval)
	if e.Has(fsnotify.Remove | fsnotify.Rename) {
		w.unwatch() // the watch has ended with the name; the file may be written on
	}
}

// schedule sets the next reading after one that found the log grown or not, or
// too much. poll says that the caller needs a regular wake-up, whatever is
// written.
func (w *logWatch) schedule(grown, flood, poll bool) {
	w.pending = flood // what is written meanwhile is read then
	if grown {
		w.lastGrown = time.Now()
	}
	switch {
	case flood:
		w.timer.Reset(floodInterval)
	case w.watcher != nil && !poll:
		w.timer.Reset(watchedInterval)
	case time.Since(w.lastGrown) > idleAfter:
		w.timer.Reset(idleInterval)
	default:
		w.timer.Reset(pollInterval)
	}
}

func (w *logWatch) unwatch() {
	if w.watcher != nil {
		w.watcher.Close()
		w.watcher = nil
	}
}

func (w *logWatch) stop() {
	w.unwatch()
	w.timer.Stop()
}
