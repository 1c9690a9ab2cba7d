//go:build !windows

package alerts

import (
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"time"
)

// runDialog runs a program that shows a window, until the window is closed. It
// returns what the program has printed, and whether it has ended with 0.
func runDialog(cmd *exec.Cmd) (printed string, ok bool, err error) {
	var stdout, stderr strings.Builder
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	cmd.WaitDelay = time.Second // after a kill, a child of its own may still hold stderr
	err = cmd.Run()
	exit, ended := errors.AsType[*exec.ExitError](err)
	switch {
	case err == nil, ended && exit.ExitCode() == 1: // 1: closed without its button
		return stdout.String(), err == nil, nil
	case errors.Is(err, exec.ErrNotFound):
		return "", false, fmt.Errorf("alerts cannot open a window: %s is not installed", cmd.Args[0])
	}
	return "", false, fmt.Errorf("alerts cannot open a window: %w: %s", err, strings.TrimSpace(stderr.String()))
}
