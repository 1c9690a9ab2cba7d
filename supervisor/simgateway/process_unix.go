//go:build unix

package simgateway

import (
	"os"
	"os/signal"
	"syscall"
)

// killSelf dies as a java that ran into "kill -9", without any clean-up.
func killSelf() {
	_ = syscall.Kill(os.Getpid(), syscall.SIGKILL) // cannot fail for ourselves
}

// ignoreBrokenPipes lets java outlive the reader of its output, as a JVM does.
func ignoreBrokenPipes() { signal.Ignore(syscall.SIGPIPE) }

// terminate asks a child to end.
func terminate(p *os.Process) { _ = p.Signal(syscall.SIGTERM) } // it may have ended already

// exitCode is what a shell has in $? after a child: 128 plus the signal, if one
// ended it.
func exitCode(state *os.ProcessState) (code int, killed bool) {
	if ws, ok := state.Sys().(syscall.WaitStatus); ok && ws.Signaled() {
		return 128 + int(ws.Signal()), ws.Signal() == syscall.SIGKILL
	}
	return state.ExitCode(), false
}
