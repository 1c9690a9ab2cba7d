//go:build unix

package ibc

import (
	"sync/atomic"
	"syscall"
)

// noCoreDump is a limit in bytes below which no system writes a core dump.
// Linux gives a dump to a program (core_pattern with a "|") whatever the limit
// is, unless it is 1 (core(5)).
const noCoreDump = 1

// coreLimit is the limit that this process was started with, nil as long as it
// is the one that holds.
var coreLimit atomic.Pointer[syscall.Rlimit]

// ForbidCoreDumps keeps the system from writing the memory of this process to a
// file when it crashes: IBC's password may be in it. The processes that it
// starts get the same limit, and the Gateway the one of before. Where the system
// refuses, the dumps stay as they are.
func ForbidCoreDumps() {
	var before syscall.Rlimit
	if syscall.Getrlimit(syscall.RLIMIT_CORE, &before) != nil || before.Cur <= noCoreDump {
		return
	}
	if limit := (syscall.Rlimit{Cur: noCoreDump, Max: before.Max}); syscall.Setrlimit(syscall.RLIMIT_CORE, &limit) == nil {
		coreLimit.Store(&before)
	}
}

// WithCoreDumps starts a process that may dump as much as this one might have.
func WithCoreDumps(start func() error) error {
	if before := coreLimit.Load(); before != nil && syscall.Setrlimit(syscall.RLIMIT_CORE, before) == nil {
		defer ForbidCoreDumps()
	}
	return start()
}
