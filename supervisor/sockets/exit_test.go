package sockets

import (
	"context"
	"errors"
	"testing"
	"time"
)

// awaitExit runs AwaitExit and gives what it returns.
func awaitExit(ctx context.Context, pid int) <-chan error {
	result := make(chan error, 1)
	go func() { result <- New().AwaitExit(ctx, pid) }()
	return result
}

func TestAwaitExitReturnsWithTheProcess(t *testing.T) {
	c := startClient(t, "trader")
	result := awaitExit(t.Context(), c.pid())
	select {
	case err := <-result:
		t.Fatalf("it lives, yet: %v", err)
	case <-time.After(50 * time.Millisecond):
	}
	if err := c.cmd.Process.Kill(); err != nil { // and nobody collects its status yet
		t.Fatal(err)
	}
	select {
	case err := <-result:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(time.Second):
		t.Error("it is still thought alive after a second")
	}
}

func TestAwaitExitEndsWithItsContext(t *testing.T) {
	c := startClient(t, "trader")
	ctx, cancel := context.WithCancel(t.Context())
	result := awaitExit(ctx, c.pid())
	cancel()
	select {
	case err := <-result:
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%v, want %v", err, context.Canceled)
		}
	case <-time.After(time.Second):
		t.Error("it still waits after a second")
	}
}

func TestAwaitExitOfNoProcessIsAnError(t *testing.T) {
	const noPID = 1 << 30 // more than any system gives out
	if err := New().AwaitExit(t.Context(), noPID); err == nil || errors.Is(err, context.Canceled) {
		t.Errorf("a process that does not exist: %v", err)
	}
}
