package atomicfile

import (
	"errors"
	"os"

	"golang.org/x/sys/windows"
)

// lock does nothing: an open file cannot be removed here.
func lock(*os.File) (taken bool) { return false }

// release closes a file, since an open one cannot be renamed here.
func release(f *os.File) error { return f.Close() }

// remove removes a file unless another process has it open.
func remove(f *os.File) {
	f.Close()
	os.Remove(f.Name())
}

func syncFolder(string) {}

// keepOwner does nothing: a new file has the access list of its folder here.
func keepOwner(*os.File, string) error { return nil }

// isBusy reports that another program has the file open.
func isBusy(err error) bool {
	return errors.Is(err, windows.ERROR_SHARING_VIOLATION) || errors.Is(err, windows.ERROR_LOCK_VIOLATION) || errors.Is(err, windows.ERROR_ACCESS_DENIED)
}
