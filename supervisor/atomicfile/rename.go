package atomicfile

import (
	"os"
	"time"
)

// busyFor is how long another program may hold a file, such as one that looks
// for viruses in a file that was just written.
const busyFor = 2 * time.Second

// Rename renames a file. Where a system does not allow that while another
// program has the file open, it waits for that program, up to two seconds.
func Rename(from, to string) error {
	return whileBusy(isBusy, func() error { return os.Rename(from, to) })
}

// whileBusy repeats what fails because a file is busy.
func whileBusy(busy func(error) bool, do func() error) error {
	for late := time.Now().Add(busyFor); ; time.Sleep(50 * time.Millisecond) {
		if err := do(); err == nil || !busy(err) || time.Now().After(late) {
			return err
		}
	}
}
