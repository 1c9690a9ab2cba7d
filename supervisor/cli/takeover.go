package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

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
	e.ctx = ctx
	err := view()
	if !errors.Is(context.Cause(ctx), errCommandEnded) {
		return err
	}
	exe, err := os.Executable()
	if err == nil {
		err = startAnew(exe)
	}
	if err != nil {
		err = fmt.Errorf("%w, and this program cannot start itself anew to supervise: %w; start it again", errCommandEnded, err)
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
