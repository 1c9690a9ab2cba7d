package cli

import (
	"os"
	"time"
)

// changedAt is when a file was written. When an older one was put in its place,
// is not known here.
func changedAt(path string) (time.Time, error) {
	info, err := os.Stat(path)
	if err != nil {
		return time.Time{}, err
	}
	return info.ModTime(), nil
}
