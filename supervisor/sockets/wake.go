package sockets

import "context"

// wakes has a token when the machine has woken up since the last call of
// awaitWoken.
var wakes = make(chan struct{}, 1)

// Woken says that the machine has woken up. On macOS a program learns of it that
// has a run loop, as the tray's has; a reader of sockets has none.
func Woken() {
	select {
	case wakes <- struct{}{}:
	default: // nobody has asked for the one before
	}
}

// awaitWoken returns after the next call of Woken.
func awaitWoken(ctx context.Context) error {
	select {
	case <-wakes:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
