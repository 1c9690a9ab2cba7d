package sockets

import (
	"context"
	"testing"
)

func TestAWakeUpIsToldOnce(t *testing.T) {
	Woken()
	Woken() // as of two windows of one program
	if err := awaitWoken(t.Context()); err != nil {
		t.Error(err)
	}
	ended, end := context.WithCancel(t.Context())
	end()
	if err := awaitWoken(ended); err != context.Canceled {
		t.Errorf("it was told again: %v", err)
	}
}
