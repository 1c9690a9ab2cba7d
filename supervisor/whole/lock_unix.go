//go:build unix

package whole

import (
	"os"
	"syscall"
)

// lock fails when somebody else has the file locked. It ends with the file, or
// with the process.
func lock(f *os.File) error { return syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) }

// release makes a file ready to be moved. Here it stays locked.
func release(*os.File) error { return nil }

// remove takes away a file that is open and locked.
func remove(f *os.File) {
	if in(f, f.Name()) {
		os.Remove(f.Name())
	}
}

// settle has a folder's entries on the disk. Where it cannot, the file system
// has to do without.
func settle(dir string) {
	if d, err := os.Open(dir); err == nil {
		d.Sync()
		d.Close()
	}
}
