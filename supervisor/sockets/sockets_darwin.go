package sockets

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sys/unix"

	"gatelight/supervisor"
)

// New is this system's reader. It may be shared.
func New(...string) supervisor.Eyes { return newEyes(newLsof(lsofPath)) }

// AwaitExit implements [supervisor.Eyes] with kqueue's NOTE_EXIT, which works
// for any process of this user.
func (eyes) AwaitExit(ctx context.Context, pid int) error {
	queue, err := unix.Kqueue()
	if err != nil {
		return err
	}
	defer unix.Close(queue)
	change := []unix.Kevent_t{{Filter: unix.EVFILT_PROC, Flags: unix.EV_ADD | unix.EV_ONESHOT, Fflags: unix.NOTE_EXIT}}
	unix.SetKevent(&change[0], pid, unix.EVFILT_PROC, unix.EV_ADD|unix.EV_ONESHOT)
	if _, err := unix.Kevent(queue, change, nil, nil); err != nil {
		return fmt.Errorf("cannot watch process %d: %w", pid, err)
	}
	// A kqueue cannot be polled together with ctx, so it is asked in short waits.
	wait := unix.NsecToTimespec((500 * time.Millisecond).Nanoseconds())
	events := make([]unix.Kevent_t, 1)
	for ctx.Err() == nil {
		if n, err := unix.Kevent(queue, nil, events, &wait); n > 0 {
			return nil
		} else if err != nil && err != unix.EINTR {
			return err
		}
	}
	return ctx.Err()
}

// AwaitWake implements [supervisor.Eyes]: the system does not tell without a
// window, and the next look is at most two seconds of waking time away.
func (eyes) AwaitWake(context.Context) error { return errors.ErrUnsupported }
