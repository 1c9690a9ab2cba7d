//go:build unix

package regularfile

import (
	"os"
	"syscall"
)

// nonBlocking keeps a named pipe from blocking who opens it. To a regular file
// it makes no difference.
const nonBlocking = syscall.O_NONBLOCK

// OpenShared opens a regular file for reading so that it can still be renamed.
func OpenShared(path string) (*os.File, error) { return Open(path) }
