package sockets

import (
	"context"
	"fmt"

	"golang.org/x/sys/unix"

	"gatelight/supervisor"
)

// New is this system's reader: libproc, or lsof where libproc fails its check.
// child are the arguments that make this program run [Child], which the readers
// are checked with; without them nothing is checked. Several goroutines may use
// it.
func New(child ...string) supervisor.SocketReader {
	best := newLibproc(openLibproc())
	if len(child) == 0 {
		return newSystemReader(best)
	}
	return newSystemReader(newFallback(childCheck(child), best, newLsof(lsofPath)))
}

// AwaitExit implements [supervisor.SocketReader] with kqueue's NOTE_EXIT, which
// works for any process of this user. The end of ctx is an event in the same
// queue.
func (systemReader) AwaitExit(ctx context.Context, pid int) error {
	queue, err := unix.Kqueue()
	if err != nil {
		return fmt.Errorf("cannot watch process %d: %w", pid, err)
	}
	defer unix.Close(queue)
	changes := []unix.Kevent_t{{Fflags: unix.NOTE_EXIT}, {}}
	unix.SetKevent(&changes[0], pid, unix.EVFILT_PROC, unix.EV_ADD|unix.EV_ONESHOT)
	unix.SetKevent(&changes[1], 0, unix.EVFILT_USER, unix.EV_ADD|unix.EV_ONESHOT)
	if _, err := unix.Kevent(queue, changes, nil, nil); err != nil {
		return fmt.Errorf("cannot watch process %d: %w", pid, err)
	}

	triggered := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(triggered)
		end := []unix.Kevent_t{{Fflags: unix.NOTE_TRIGGER}}
		unix.SetKevent(&end[0], 0, unix.EVFILT_USER, 0)
		_, _ = unix.Kevent(queue, end, nil, nil) // the event stays until it is received
	})
	defer func() {
		if !stop() {
			<-triggered // before the queue is closed, and its descriptor may be another file's
		}
	}()
	events := make([]unix.Kevent_t, 2)
	for {
		n, err := unix.Kevent(queue, nil, events, nil)
		if err == unix.EINTR {
			continue
		}
		if err != nil {
			return fmt.Errorf("cannot watch process %d: %w", pid, err)
		}
		for _, e := range events[:n] {
			if e.Filter == unix.EVFILT_PROC {
				return nil
			}
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
}

// AwaitWake implements [supervisor.SocketReader]: macOS notifies programs that have
// a run loop, and others only through a name of its private headers
// (kIOPMSystemPowerStateNotify). So the tray says it, by [Woken]. Without a tray the
// next look comes within two seconds after a wake-up, and until then the state is
// unknown.
func (systemReader) AwaitWake(ctx context.Context) error { return awaitWoken(ctx) }
