package regularfile

import (
	"os"
	"path/filepath"
)

const nonBlocking = 0

// OpenShared opens a regular file for reading so that it can still be renamed.
// [os.Open] does not allow that (no FILE_SHARE_DELETE), but a file opened in an
// [os.Root] does.
func OpenShared(path string) (*os.File, error) {
	return checked(os.OpenInRoot(filepath.Dir(path), filepath.Base(path)))
}
