//go:build !windows

package alerts

import (
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"time"
)

// runDialog runs a program that shows a window, until the window is closed.
func runDialog(cmd *exec.Cmd) error {
	var stderr strings.Builder
	cmd.Stderr = &stderr
	cmd.WaitDelay = time.Second // after a kill, a child of its own may still hold stderr
	err := cmd.Run()
	exit, ended := errors.AsType[*exec.ExitError](err)
	switch {
	case err == nil, ended && exit.ExitCode() == 1: // 1: closed without its button
		return nil
	case errors.Is(err, exec.ErrNotFound):
		return fmt.Errorf("alerts cannot open a window: %s is not installed", cmd.Args[0])
	}
	return fmt.Errorf("alerts cannot open a window: %w: %s", err, strings.TrimSpace(stderr.String()))
}
