//go:build unix

package atomicfile

import (
	"os"
	"path/filepath"
	"syscall"
)

// keepOwner gives a new file the owner and group of the file at path, or of its
// folder where there is no file. Who is not root can give the group alone, and
// only one of their own; where that fails the group stays the user's.
func keepOwner(f *os.File, path string) error {
	info, err := os.Stat(path)
	isRoot := os.Geteuid() == 0
	if err != nil {
		if !isRoot {
			return nil
		}
		if info, err = os.Stat(filepath.Dir(path)); err != nil {
			return err
		}
	}
	was, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return nil
	}
	if isRoot {
		return f.Chown(int(was.Uid), int(was.Gid))
	}
	_ = f.Chown(-1, int(was.Gid))
	return nil
}
