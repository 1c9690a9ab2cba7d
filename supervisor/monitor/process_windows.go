package monitor

import (
	"errors"
	"syscall"
)

const (
	createNoWindow = 0x08000000 // CREATE_NO_WINDOW, processthreadsapi.h; not in package syscall

	wsaeConnRefused = syscall.Errno(10061) // WSAECONNREFUSED, winsock2.h; not in package syscall
)

// ownProcessGroup puts the child into a process group of its own, which Ctrl-C in
// the console does not reach, and gives it no console window.
func ownProcessGroup() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{
		HideWindow:    true,
		CreationFlags: syscall.CREATE_NEW_PROCESS_GROUP | createNoWindow,
	}
}

func isRefused(err error) bool { return errors.Is(err, wsaeConnRefused) }

func isReset(err error) bool {
	return errors.Is(err, syscall.WSAECONNRESET) || errors.Is(err, syscall.WSAECONNABORTED)
}
