//go:build unix

package cli

import (
	"io/fs"
	"time"

	"golang.org/x/sys/unix"
)

// changedAt is when a file was written, or put in its place. The time of
// modification alone does not tell the latter: cp -p and mv keep it.
func changedAt(path string) (time.Time, error) {
	var s unix.Stat_t
	if err := unix.Stat(path, &s); err != nil {
		return time.Time{}, &fs.PathError{Op: "stat", Path: path, Err: err}
	}
	return time.Unix(s.Ctim.Unix()), nil
}
