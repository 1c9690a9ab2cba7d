package ibc

import (
	"runtime"
	"time"

	"github.com/fsnotify/fsnotify"
)

// How often IBC's log is read. Where the system tells of a write, soon after it,
// and seldom otherwise. Where it does not: quickly, and calmly when the log has
// had nothing to say for a while.
const (
	logGather  = 20 * time.Millisecond // IBC writes its lines one by one
	logSeldom  = 30 * time.Second
	logPace    = 200 * time.Millisecond
	logCalm    = 2 * time.Second
	quietAfter = 10 * time.Second
)

// A turn says when a log is to be read next: each wake-up of an idle program
// costs more than the reading.
type turn struct {
	timer   *time.Timer       // of the next reading
	watcher *fsnotify.Watcher // nil: writes are not told of
	soon    bool              // a write has been told of, and is about to be read
	heard   time.Time         // when there was something to read
}

// newTurn has the first reading come after the watch has begun, so that nothing
// falls between the two.
func newTurn(log string) *turn {
	t := &turn{watcher: watch(log), heard: time.Now()}
	t.timer = time.NewTimer(logPace)
	return t
}

// watch is nil where writes cannot be told of.
func watch(log string) *fsnotify.Watcher {
	if runtime.GOOS == "windows" {
		return nil // it tells of a write when the cache is flushed, which may be long after
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

// written tells of a write that is not about to be read anyway. Those that come
// meanwhile wait in the kernel, which makes one of them.
func (t *turn) written() <-chan fsnotify.Event {
	if t.watcher == nil || t.soon {
		return nil
	}
	return t.watcher.Events
}

// failed tells that a write may have gone untold.
func (t *turn) failed() <-chan error {
	if t.watcher == nil {
		return nil
	}
	return t.watcher.Errors
}

// gather has what was written read soon, together with what follows at once.
func (t *turn) gather(e fsnotify.Event) {
	t.soon = true
	t.timer.Reset(logGather)
	if e.Has(fsnotify.Remove | fsnotify.Rename) {
		t.unwatch() // the watch has ended with it; the file may be written on
	}
}

// next sets the next reading. Whoever asks something else at each turn is not
// told of it by the watch.
func (t *turn) next(news, asks bool) {
	t.soon = false
	if news {
		t.heard = time.Now()
	}
	switch {
	case t.watcher != nil && !asks:
		t.timer.Reset(logSeldom)
	case time.Since(t.heard) > quietAfter:
		t.timer.Reset(logCalm)
	default:
		t.timer.Reset(logPace)
	}
}

func (t *turn) unwatch() {
	if t.watcher != nil {
		t.watcher.Close()
		t.watcher = nil
	}
}

func (t *turn) end() {
	t.unwatch()
	t.timer.Stop()
}
