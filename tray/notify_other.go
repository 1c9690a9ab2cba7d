//go:build !linux

package tray

import (
	"context"

	"github.com/gen2brain/beeep"

	"gatelight/assets"
	"gatelight/supervisor"
)

// A beeepPoster posts through beeep, which cannot replace a bubble.
type beeepPoster struct{}

func newBeeep() beeepPoster {
	beeep.AppName = title
	return beeepPoster{}
}

func (beeepPoster) close() {}

// post gives up waiting at ctx's deadline; beeep itself has none, so its call
// is left to end by itself.
func (beeepPoster) post(ctx context.Context, _ string, n supervisor.Notice, icon string, simulated bool) error {
	done := make(chan error, 1)
	go func() { done <- beeep.Notify(n.Title, n.Body, assets.PNG(icon, simulated)) }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}
