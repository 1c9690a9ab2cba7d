//go:build unix

package status

import (
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"syscall"
)

// noListener are the errors of a connection to a socket on which nobody listens.
var noListener = []error{fs.ErrNotExist, syscall.ECONNREFUSED, syscall.ENOTDIR, syscall.ENOTSOCK}

// recordOffset is where the record begins in a lock file.
const recordOffset = 0

// ownedByUser reports whether a file belongs to the user of this process.
func ownedByUser(info fs.FileInfo) bool { return owner(info) == os.Getuid() }

// private reports whether a folder is the user's, and nobody else can write to
// it.
func private(folder fs.FileInfo) bool {
	return folder.IsDir() && ownedByUser(folder) && folder.Mode()&0o022 == 0
}

// owner is the user id of a file's owner, or -1.
func owner(info fs.FileInfo) int {
	s, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return -1
	}
	return int(s.Uid)
}

// sameSocket reports whether a socket is still the file that was made.
func sameSocket(made, found fs.FileInfo) bool { return os.SameFile(made, found) }

// checkSocket returns an [ErrForeign] if anybody but the user could have put a
// socket there.
func checkSocket(path string) error {
	if _, err := os.Lstat(path); err != nil {
		return err
	}
	dir := filepath.Dir(path)
	if err := checkOwner(dir); err != nil {
		return err
	}
	folder, err := os.Lstat(dir)
	switch {
	case err != nil:
		return err
	case !folder.IsDir():
		return fmt.Errorf("%w: %s is a link", ErrForeign, dir)
	case folder.Mode()&0o022 != 0:
		return fmt.Errorf("%w: others may write to the folder %s", ErrForeign, dir)
	}
	return checkOwner(path)
}

// checkOwner returns an [ErrForeign] if a file belongs to another user.
func checkOwner(path string) error {
	info, err := os.Lstat(path)
	if err == nil && !ownedByUser(info) {
		err = fmt.Errorf("%w: %s belongs to user id %d", ErrForeign, path, owner(info))
	}
	return err
}

// checkPeer returns an [ErrForeign] if the process that answers is not the
// user's.
func checkPeer(c *net.UnixConn) error {
	raw, err := c.SyscallConn()
	if err != nil {
		return err
	}
	var uid int
	var failed error
	if err := raw.Control(func(fd uintptr) { uid, failed = peerUser(int(fd)) }); err != nil {
		return err
	}
	if failed != nil {
		return fmt.Errorf("cannot tell whose process answers: %w", failed)
	}
	if uid != os.Getuid() {
		return fmt.Errorf("%w: a process of user id %d answers at %s", ErrForeign, uid, c.RemoteAddr())
	}
	return nil
}
