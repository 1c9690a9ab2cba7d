//go:build unix

package ibc

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

// A watched log is read every logSeldom, which is longer than these tests have
// patience: what they see in time, the watch has brought.

func quietLog(t *testing.T) (*turn, *os.File) {
	t.Helper()
	f, err := os.Create(filepath.Join(t.TempDir(), "ibc.log"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	turn := newTurn(f.Name())
	t.Cleanup(turn.end)
	turn.due(t)
	turn.next(false, false)
	return turn, f
}

// due waits for the next reading.
func (x *turn) due(t *testing.T) {
	t.Helper()
	deadline := time.After(patience)
	for {
		select {
		case w := <-x.written():
			x.gather(w)
		case <-x.timer.C:
			return
		case <-deadline:
			t.Fatal("the log was not read in time")
		}
	}
}

func scribble(t *testing.T, f *os.File, text string) {
	t.Helper()
	if _, err := f.WriteString(text); err != nil {
		t.Fatal(err)
	}
}

func TestAWriteToAQuietLogIsReadSoon(t *testing.T) {
	t.Parallel()
	turn, f := quietLog(t)
	for range 3 {
		scribble(t, f, "a line\n")
		turn.due(t)
		turn.next(true, false)
	}
}

func TestLinesWrittenTogetherAreReadTogether(t *testing.T) {
	t.Parallel()
	turn, f := quietLog(t)
	scribble(t, f, "a line\n")
	turn.gather(<-turn.written())
	if turn.written() != nil {
		t.Error("the next line has a reading of its own")
	}
	turn.next(true, false)
	if turn.written() == nil {
		t.Error("after the reading no line is waited for")
	}
}

func TestALogIsReadOnWhenItsWatchHasEnded(t *testing.T) {
	for name, end := range map[string]func(path string) error{
		"renamed": func(path string) error { return os.Rename(path, path+".1") },
		"removed": os.Remove,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			turn, f := quietLog(t)
			if name == "removed" { // the kernel keeps a file, and its watch, for whoever has it open
				f.Close()
			}
			if err := end(f.Name()); err != nil {
				t.Fatal(err)
			}
			for turn.watcher != nil {
				turn.due(t)
				turn.next(false, false)
			}
			turn.due(t)
		})
	}
}

func TestALogThatCannotBeWatchedIsReadAllTheSame(t *testing.T) {
	t.Parallel()
	turn := newTurn(filepath.Join(t.TempDir(), "missing.log"))
	defer turn.end()
	for range 2 {
		turn.due(t)
		turn.next(false, false)
	}
}

func TestWhoAsksAtEachTurnIsNotKeptWaiting(t *testing.T) {
	t.Parallel()
	turn, _ := quietLog(t)
	turn.next(false, true)
	turn.due(t)
}
