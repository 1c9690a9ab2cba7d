package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"gatelight/supervisor"
	"gatelight/supervisor/settings"
	"gatelight/supervisor/status"
)

// errCommandEnded ends a view when nobody supervises any more.
var errCommandEnded = errors.New("the command that supervised has ended")

// viewOfCommand is the tray while a command supervises, such as start or watch
// without a running Gatelight. When the command has ended nobody would supervise,
// so that this program then starts itself anew, and supervises. The view of
// another tray or of serve does not: who has started those starts them again.
func viewOfCommand(e *env, view func() error) error {
	fmt.Fprintln(e.stdout, "A command is supervising; this is a view of it, and supervises when the command has ended.")
	ctx, cancel := context.WithCancelCause(e.ctx)
	defer cancel(nil)
	go func() {
		tick := time.NewTicker(500 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
			held, command, err := status.Holder(e.paths)
			if err == nil && !held && !answers(ctx, e.paths) {
				cancel(errCommandEnded)
				return
			}
			if err == nil && held && !command { // another one supervises now, for good
				return
			}
		}
	}()
	before := e.ctx
	e.ctx = ctx
	err := view()
	e.ctx = before
	if !errors.Is(context.Cause(ctx), errCommandEnded) {
		return err
	}
	return superviseAnew(errCommandEnded)
}

// errSupervisionLost ends a program that has supervised, and whose lock another
// Gatelight has.
var errSupervisionLost = errors.New("this Gatelight has ended")

// superviseAfterCommand is for serve when it has ended. Where it has lost its lock
// to a command, as when the folders were removed just before that began, nobody
// would supervise after the command. So the program waits for its end, and starts
// itself anew. What is left of the error is returned.
func superviseAfterCommand(e *env, err error) error {
	if !errors.Is(err, errSupervisionLost) {
		return err
	}
	for waits := false; ; waits = true {
		if !supervisor.Sleep(e.ctx, 500*time.Millisecond) { // a command says that it is one just after it has the lock
			return nil
		}
		held, command, unknown := status.Holder(e.paths)
		switch {
		case unknown != nil || held && !command: // nothing is known, or another tray or serve goes on
			return err
		case !held:
			return superviseAnew(err)
		case !waits:
			fmt.Fprintln(e.stdout, "A command is supervising; this program supervises again when that has ended.")
		}
	}
}

// superviseAnew starts this program anew, since nobody supervises.
func superviseAnew(why error) error {
	exe, err := os.Executable()
	if err == nil {
		err = startAnew(exe)
	}
	if err != nil {
		err = fmt.Errorf("%w, and this program cannot start itself again to supervise: %w; start it again", why, err)
	}
	return err
}

// answers reports that a Gatelight supervises, although nobody has the lock in the
// state folder: that may have been moved away.
func answers(ctx context.Context, p settings.Paths) bool {
	remote, err := status.Dial(ctx, p)
	if err == nil {
		remote.Close()
	}
	return err == nil
}
