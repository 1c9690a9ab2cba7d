//go:build unix

package settings

import (
	"io/fs"
	"os"
	"syscall"
)

// ownedByUser reports whether a folder belongs to the user of this process.
func ownedByUser(info fs.FileInfo) bool {
	s, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(s.Uid) == os.Getuid()
}
