//go:build unix

package atomicfile

import (
	"os"
	"syscall"
)

// lock locks a file, and reports whether another process has it locked. The
// lock ends when the file is closed or the process ends. On a file system
// without locks it reports false: a temporary file that Sweep removes too early
// cannot be committed, which is an error and loses nothing.
func lock(f *os.File) (taken bool) {
	return syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) == syscall.EWOULDBLOCK
}

// release makes a file ready to be renamed. Here it stays locked.
func release(*os.File) error { return nil }

// remove removes a file that is open and locked.
func remove(f *os.File) {
	if isFileAt(f, f.Name()) {
		os.Remove(f.Name())
	}
}

// syncFolder writes a folder's entries to the disk. Errors are ignored, since
// not every file system can.
func syncFolder(dir string) {
	if d, err := os.Open(dir); err == nil {
		d.Sync()
		d.Close()
	}
}

// isBusy is never so: an open file can be renamed here.
func isBusy(error) bool { return false }
