//go:build unix

package ibc

import (
	"os"
	"syscall"

	"gatelight/supervisor/testkit"
)

// A launcher without the race detector starts in a third of the time.
func init() {
	if built := os.Getenv(testkit.BuiltProgram); built != "" {
		launcherProgram = func() (string, error) { return built, nil }
	}
}

// endRun ends a script, and all that it has started.
func endRun(pid int) {
	_ = syscall.Kill(-pid, syscall.SIGKILL) // often all have ended
	_, _ = syscall.Wait4(pid, nil, 0, nil)  // often reaped by the driver
}
