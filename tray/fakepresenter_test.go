package tray

import (
	"context"
	"sync"
	"testing/synctest"
	"time"

	"gatelight/supervisor"
)

// A fakePresenter remembers what it was asked to show.
type fakePresenter struct {
	presenter
	mu          sync.Mutex
	failures    []string // title and body
	states      []string
	dialogs     []string // title and body
	pausedUntil time.Time
	closed      chan error // ends a dialog; nil: it ends at once
}

func (f *fakePresenter) Pause(_ context.Context, until time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.pausedUntil = until
}

func (f *fakePresenter) ShowFailure(title, body string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.failures = append(f.failures, title+": "+body)
}

func (f *fakePresenter) ShowState(_ supervisor.Snapshot, text string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.states = append(f.states, text)
}

func (f *fakePresenter) ShowDialog(_ context.Context, title, body string) error {
	f.mu.Lock()
	f.dialogs = append(f.dialogs, title+": "+body)
	f.mu.Unlock()
	if f.closed == nil {
		return nil
	}
	return <-f.closed
}

// takeDialogs are the dialogs since the last call.
func (f *fakePresenter) takeDialogs() []string {
	synctest.Wait()
	f.mu.Lock()
	defer f.mu.Unlock()
	all := f.dialogs
	f.dialogs = nil
	return all
}

// shownFailure is the newest failure that an alert was to show, "" for none.
func shownFailure(u *ui) string {
	synctest.Wait()
	f := u.alerts.(*fakePresenter)
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.failures) == 0 {
		return ""
	}
	return f.failures[len(f.failures)-1]
}
