//go:build !linux && !windows

package alerts

import (
	"context"

	"github.com/gen2brain/beeep"
)

// A beeepBackend shows alerts through the library beeep, which can neither
// replace a shown one nor put buttons on it.
type beeepBackend struct{}

func newBeeep() beeepBackend {
	beeep.AppName = appName
	return beeepBackend{}
}

func (beeepBackend) close() {}

func (beeepBackend) ready() <-chan struct{} { return nil }

func (beeepBackend) name(context.Context) (string, error) { return "the system", nil }

func (beeepBackend) withdraw(context.Context, string) error { return nil }

// show gives up at ctx's deadline. beeep has no deadline of its own, so its call
// goes on by itself.
func (beeepBackend) show(ctx context.Context, a alert) error {
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
