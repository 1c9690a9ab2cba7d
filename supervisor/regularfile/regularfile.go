// Package regularfile opens and reads regular files, and refuses all else. A
// named pipe blocks who opens it until somebody writes, and a device such as
// /dev/zero never ends. A path can lead to one of them by mistake, or because
// somebody wants it to: some paths come from the command lines of other
// processes.
package regularfile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// Open opens a regular file for reading. A link to one is followed. It never
// blocks. An error names the file, and is an [fs.PathError].
func Open(path string) (*os.File, error) { return OpenFile(path, os.O_RDONLY, 0) }

// OpenFile is [os.OpenFile] for regular files.
func OpenFile(path string, flag int, mode fs.FileMode) (*os.File, error) {
	// To open a device can have an effect, so the name is looked at first. What
	// is open is looked at again, since the name may have changed meanwhile.
	if err := Check(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	return checked(os.OpenFile(path, flag|nonBlocking, mode))
}

// Check returns an error if there is no regular file at a path.
func Check(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	return check(path, info.Mode())
}

// checked closes a file that is not a regular one.
func checked(f *os.File, err error) (*os.File, error) {
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil {
		err = check(f.Name(), info.Mode())
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

func check(path string, mode fs.FileMode) error {
	what := ""
	switch {
	case mode.IsRegular():
		return nil
	case mode.IsDir():
		what = "a folder"
	case mode&fs.ModeNamedPipe != 0:
		what = "a named pipe"
	case mode&fs.ModeSocket != 0:
		what = "a socket"
	case mode&fs.ModeDevice != 0:
		what = "a device"
	default:
		what = "something else"
	}
	return &fs.PathError{Op: "open", Path: path, Err: fmt.Errorf("it is %s, and has to be a regular file", what)}
}

// ErrTooLong is in the error about a file that is longer than the limit.
var ErrTooLong = errors.New("it is longer than a file of its kind can be")

// Read reads a regular file of at most limit bytes. A longer one is an error: a
// part of a file could mean something else than the whole.
func Read(path string, limit int64) ([]byte, error) {
	f, err := Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if info.Size() <= limit { // files below /proc say 0, and others can grow
		// One buffer that does not grow: a secret in it has no second copy.
		b := bytes.NewBuffer(make([]byte, 0, info.Size()+2*bytes.MinRead))
		_, err := b.ReadFrom(io.LimitReader(f, limit+1))
		if err != nil || int64(b.Len()) <= limit {
			return b.Bytes(), err
		}
	}
	return nil, &fs.PathError{Op: "read", Path: path, Err: fmt.Errorf("%w: more than %s", ErrTooLong, size(limit))}
}

// size writes a number of bytes for people.
func size(n int64) string {
	if n >= 1<<20 {
		return fmt.Sprintf("%d MB", n>>20)
	}
	return fmt.Sprintf("%d kB", n>>10)
}
