package monitor

import (
	"errors"
	"syscall"

	"golang.org/x/sys/windows"
)

// ownProcessGroup puts the child into a process group of its own, which Ctrl-C in
// the console does not reach, and gives it no console window.
func ownProcessGroup() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{
		HideWindow:    true,
		CreationFlags: windows.CREATE_NEW_PROCESS_GROUP | windows.CREATE_NO_WINDOW,
	}
}

func isRefused(err error) bool { return errors.Is(err, windows.WSAECONNREFUSED) }

func isReset(err error) bool {
	return errors.Is(err, windows.WSAECONNRESET) || errors.Is(err, windows.WSAECONNABORTED)
}
