//go:build unix

package cli

import (
	"os"
	"syscall"
)

// startAnew replaces this program with a new one in the same process.
func startAnew(exe string) error { return syscall.Exec(exe, os.Args, os.Environ()) }
