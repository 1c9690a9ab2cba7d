//go:build unix

package atomicfile

import (
	"os"
	"syscall"
)

// lock locks a file, and reports whether somebody else has it locked. The lock
// ends with the file, or with the process. Where a file system knows no locks,
// nobody has: a draft that is swept away too early cannot be placed, which is an
// error and no harm.
func lock(f *os.File) (taken bool) {
	return syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) == syscall.EWOULDBLOCK
}

// release makes a file ready to be moved. Here it stays locked.
func release(*os.File) error { return nil }

// remove takes away a file that is open and locked.
func remove(f *os.File) {
	if isFileAt(f, f.Name()) {
		os.Remove(f.Name())
	}
}

// syncFolder has a folder's entries on the disk. Where it cannot, the file system
// has to do without.
func syncFolder(dir string) {
	if d, err := os.Open(dir); err == nil {
		d.Sync()
		d.Close()
	}
}
