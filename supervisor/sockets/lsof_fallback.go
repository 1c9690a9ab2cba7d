//go:build !darwin

package sockets

import (
	"context"
	"errors"

	"gatelight/supervisor"
)

// AwaitExit is the system's own reader's business; the fallback is only tested here.
func (*lsofReader) AwaitExit(context.Context, int) error {
	return errors.New("not on this system")
}

var _ supervisor.Eyes = (*lsofReader)(nil)
