//go:build unix

package status

import (
	"os/exec"
	"syscall"
)

// detach starts the command in a session of its own: it has no terminal on which
// it could ask, and gets no Ctrl-C.
func detach(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true} }
