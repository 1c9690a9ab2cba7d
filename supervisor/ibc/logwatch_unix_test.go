//go:build unix

package ibc

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

// soon is how long these tests wait for a reading. It is less than
// watchedInterval, so that only the watch can have caused it.
const soon = watchedInterval / 2

func newIdleLog(t *testing.T) (*logWatch, *os.File) {
	t.Helper()
	f, err := os.Create(filepath.Join(t.TempDir(), "ibc.log"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	watch := newLogWatch(f.Name())
	t.Cleanup(watch.stop)
	watch.due(t)
	watch.schedule(false, false, false)
	return watch, f
}

// due waits for the next reading.
func (w *logWatch) due(t *testing.T) {
	t.Helper()
	deadline := time.After(soon)
	for {
		select {
		case e := <-w.writes():
			w.coalesce(e)
		case <-w.timer.C:
			return
		case <-deadline:
			t.Fatal("the log was not read in time")
		}
	}
}

func appendTo(t *testing.T, f *os.File, text string) {
	t.Helper()
	if _, err := f.WriteString(text); err != nil {
		t.Fatal(err)
	}
}

func TestAWriteToAnIdleLogIsReadSoon(t *testing.T) {
	t.Parallel()
	watch, f := newIdleLog(t)
	for range 3 {
		appendTo(t, f, "a line\n")
		watch.due(t)
		watch.schedule(true, false, false)
	}
}

func TestLinesWrittenTogetherAreReadTogether(t *testing.T) {
	t.Parallel()
	watch, f := newIdleLog(t)
	appendTo(t, f, "a line\n")
	watch.coalesce(<-watch.writes())
	if watch.writes() != nil {
		t.Error("the next line has a reading of its own")
	}
	watch.schedule(true, false, false)
	if watch.writes() == nil {
		t.Error("after the reading no line is waited for")
	}
}

func TestALogIsPolledWhenItsWatchHasEnded(t *testing.T) {
	for name, end := range map[string]func(path string) error{
		"renamed": func(path string) error { return os.Rename(path, path+".1") },
		"removed": os.Remove,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			watch, f := newIdleLog(t)
			if name == "removed" { // the kernel keeps a file, and its watch, for whoever has it open
				f.Close()
			}
			if err := end(f.Name()); err != nil {
				t.Fatal(err)
			}
			for watch.watcher != nil {
				watch.due(t)
				watch.schedule(false, false, false)
			}
			watch.due(t)
		})
	}
}

func TestALogThatCannotBeWatchedIsPolled(t *testing.T) {
	t.Parallel()
	watch := newLogWatch(filepath.Join(t.TempDir(), "missing.log"))
	defer watch.stop()
	for range 2 {
		watch.due(t)
		watch.schedule(false, false, false)
	}
}

func TestPollingDoesNotWaitForAWrite(t *testing.T) {
	t.Parallel()
	watch, _ := newIdleLog(t)
	watch.schedule(false, false, true)
	watch.due(t)
}
