package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/term"

	"gatelight/packaging"
)

// tellFailedStart says on the desktop why the light cannot be shown, when nobody
// sits at a terminal: it was started by a click or at login. A mistake stays until
// a person mends it, so it waits in a window until that was closed; anything else
// may be over at the next start. It returns what is left of the error.
func tellFailedStart(e *env, err error, mistake bool) error {
	var said exitError
	if err == nil || e.ctx.Err() != nil || errors.As(err, &said) ||
		term.IsTerminal(int(os.Stdout.Fd())) || term.IsTerminal(int(os.Stderr.Fd())) {
		return err
	}
	newLog(filepath.Join(e.paths.Logs(), "gatelight.log")).Error("cannot start", "error", err)
	tellPerson(e, "Gatelight cannot start", sentence(err), mistake)
	if mistake && startedByLaunchd(os.Getenv) {
		fmt.Fprintln(e.stderr, "gatelight:", err)
		return nil // launchd would start it again and again, and it would fail in the same way
	}
	return err
}

// tellPerson shows an alert; or a window, if one is wanted and can be shown, and
// returns when it was closed.
func tellPerson(e *env, title, text string, window bool) {
	if window && e.showDialog != nil && e.showDialog(e.ctx, title, text) == nil || e.showAlert == nil {
		return
	}
	ctx, cancel := context.WithTimeout(e.ctx, 5*time.Second)
	defer cancel()
	if err := e.showAlert(ctx, title, text); err != nil {
		fmt.Fprintln(e.stderr, "gatelight: cannot raise a notification:", err)
	}
}

// startedByLaunchd reports a start by our LaunchAgent: launchd names the job.
func startedByLaunchd(getenv func(string) string) bool {
	return getenv("XPC_SERVICE_NAME") == packaging.BundleID
}
