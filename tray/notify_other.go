//go:build !linux

package tray

import (
	"context"

	"github.com/gen2brain/beeep"
)

// A beeepPoster posts through beeep, which can neither replace a bubble nor
// offer anything on it.
type beeepPoster struct{}

func newBeeep() beeepPoster {
	beeep.AppName = title
	return beeepPoster{}
}

func (beeepPoster) close() {}

func (beeepPoster) ready() <-chan struct{} { return nil }

func (beeepPoster) who(context.Context) (string, error) { return "the system", nil }

func (beeepPoster) withdraw(context.Context, string) error { return nil }

// post gives up waiting at ctx's deadline; beeep itself has none, so its call
// is left to end by itself.
func (beeepPoster) post(ctx context.Context, a alert) error {
	show := beeep.Notify
	if a.Sound && a.Notice.Urgent {
		show = beeep.Alert
	}
	done := make(chan error, 1)
	go func() { done <- show(a.Notice.Title, a.Notice.Body, a.picture()) }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}
