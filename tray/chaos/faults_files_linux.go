package main

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// What goes wrong with the program's files.
var fileFaults = []*fault{
	{"the runtime folder is removed", 3, func(w *world, _ *gateway, _ step, _ *rand.Rand) string {
		return said(os.RemoveAll(w.paths.Runtime))
	}},
	{"the socket is removed", 2, func(w *world, _ *gateway, _ step, _ *rand.Rand) string {
		return said(os.Remove(w.paths.Socket()))
	}},
	{"the lock is removed", 2, func(w *world, _ *gateway, _ step, _ *rand.Rand) string {
		w.mu.Lock()
		w.lockGone = true
		w.mu.Unlock()
		return said(os.Remove(w.paths.Lock()))
	}},
	{"the state folder is moved away", 2, func(w *world, _ *gateway, s step, _ *rand.Rand) string {
		w.logIsBroken()
		away := w.paths.State + ".away"
		if err := os.Rename(w.paths.State, away); err != nil {
			return err.Error()
		}
		w.later("the state folder is moved away", s.hold, func() {
			if os.Rename(away, w.paths.State) != nil { // it was made anew
				for _, g := range w.gateways { // of one that was started meanwhile the run file goes
					w.forget(g)
				}
				_ = os.RemoveAll(w.paths.State)
				_ = os.Rename(away, w.paths.State)
			}
		})
		return "moved"
	}},
	{"the event log is damaged", 3, func(w *world, _ *gateway, s step, r *rand.Rand) string {
		w.logIsBroken()
		w.laterRegular(w.paths.Events(), s.hold)
		return damage(w.paths.Events(), r)
	}},
	{"a run file is damaged", 3, func(w *world, g *gateway, s step, r *rand.Rand) string {
		w.forget(g)
		path := filepath.Join(w.paths.Runs(), g.name+".json")
		did := damage(path, r)
		left := contentOf(path)
		// As the error says that a user does: unless another one was written since.
		w.laterRemove("a damaged run file", s.hold, path, func() bool { return bytes.Equal(contentOf(path), left) })
		return did
	}},
	{"IBC's log is damaged", 2, func(w *world, g *gateway, s step, r *rand.Rand) string {
		w.forget(g)
		path := filepath.Join(w.paths.Logs(), "ibc-"+g.name+".log")
		w.laterRegular(path, s.hold)
		return damage(path, r)
	}},
	{"the settings are being written", 3, func(w *world, _ *gateway, s step, _ *rand.Rand) string {
		b, err := os.ReadFile(w.paths.Settings)
		if err != nil {
			return err.Error()
		}
		half := string(b[:len(b)/2]) + "\nname = "
		began := time.Now()
		w.later("the settings are being written", s.hold/2, func() {
			w.must(os.WriteFile(w.paths.Settings, []byte(w.settings()), 0o600))
			// One that was started meanwhile has said what is wrong, and ended, or is about to.
			if l := w.light; l.began.After(began) {
				w.await(10*time.Second, func() bool { return !l.alive() || w.stream.shown(time.Now()) != nil })
			}
			w.shine()
		})
		return said(os.WriteFile(w.paths.Settings, []byte(half), 0o600))
	}},
}

// damage does one of the things that happen to files.
func damage(path string, r *rand.Rand) string {
	info, err := os.Lstat(path)
	if err != nil {
		return err.Error()
	}
	if !info.Mode().IsRegular() { // to write to a pipe that nobody reads would block
		return "it is damaged already"
	}
	switch r.IntN(6) {
	case 0:
		return "cut off, " + said(os.Truncate(path, info.Size()/2))
	case 1:
		return "emptied, " + said(os.Truncate(path, 0))
	case 2:
		return "removed, " + said(os.Remove(path))
	case 3:
		garbage := make([]byte, 4096)
		for i := range garbage {
			garbage[i] = byte(r.Uint32())
		}
		return "garbage, " + said(os.WriteFile(path, garbage, 0o600))
	case 4:
		return "a pipe, " + said(errors.Join(os.Remove(path), syscall.Mkfifo(path, 0o600)))
	}
	return "a folder, " + said(errors.Join(os.Remove(path), os.Mkdir(path, 0o700)))
}

// contentOf is nil for what is not a file: a pipe would block.
func contentOf(path string) []byte {
	if info, err := os.Lstat(path); err != nil || !info.Mode().IsRegular() {
		return nil
	}
	b, _ := os.ReadFile(path) // it may go at any moment
	return b
}

// laterRegular removes what is no file, as a user does who reads the error, and
// starts the program again, which may have refused to run with it.
func (w *world) laterRegular(path string, hold time.Duration) {
	w.laterRemove("a damaged "+filepath.Base(path), hold, path, func() bool {
		info, err := os.Lstat(path)
		return err == nil && !info.Mode().IsRegular()
	})
}

// laterRemove removes a damaged file, unless it is in order by then. Its disk may
// be read-only, or away, so it is looked at again when no fault is left.
func (w *world) laterRemove(name string, hold time.Duration, path string, damaged func() bool) {
	remove := func() {
		if damaged() && os.RemoveAll(path) == nil {
			w.shine()
		}
	}
	w.later(name, hold, remove)
	w.atTheEnd = append(w.atTheEnd, remove)
}

// logIsBroken notes that the event log need not be complete any more.
func (w *world) logIsBroken() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.logBroken = true
}

// mayBeBlind notes until when the looks of the program may fail.
func (w *world) mayBeBlind(until time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.blindUntil = until
}

// forget notes that the program cannot know the Gateway again.
func (w *world) forget(g *gateway) {
	w.mu.Lock()
	defer w.mu.Unlock()
	g.forgotten = true
}
