//go:build unix

package monitor

import (
	"errors"
	"syscall"
)

// ownProcessGroup puts the child into a process group of its own: Ctrl-C in the
// terminal reaches the parent only, which then decides in which order things
// end.
func ownProcessGroup() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }

func isRefused(err error) bool { return errors.Is(err, syscall.ECONNREFUSED) }

func isReset(err error) bool {
	return errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE)
}
