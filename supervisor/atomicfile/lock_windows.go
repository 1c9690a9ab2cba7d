package atomicfile

import "os"

// lock does nothing: a file that is open cannot be removed here.
func lock(*os.File) (taken bool) { return false }

// release closes a file, since one that is open cannot be moved here.
func release(f *os.File) error { return f.Close() }

// remove takes a file away if nobody else has it open.
func remove(f *os.File) {
	f.Close()
	os.Remove(f.Name())
}

func syncFolder(string) {}
