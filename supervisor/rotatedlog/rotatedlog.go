// Package rotatedlog writes log files that are rotated when they are long, and
// made anew when somebody has removed them.
package rotatedlog

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"gopkg.in/natefinch/lumberjack.v2"

	"gatelight/supervisor/regularfile"
)

// maxSize is when a log is rotated, in MB.
const maxSize = 10

// A File is a log file. Several goroutines may write it.
//
// It is open during a write only. A file that stays open can be removed or
// replaced, and what is written then is lost.
type File struct {
	path    string
	removed func(io.Writer)

	mu      sync.Mutex
	rotated *lumberjack.Logger
	written bool // there was a file before
	half    bool // the last line is there in part only, since the disk was full or its writer crashed
}

// New is the log file at path; kept is how many rotated ones stay. It is made by
// the first write, with its folder, private to the user. When a later write
// finds that it was removed and makes it anew, removed is called first, with
// what writes to the new one.
func New(path string, kept int, removed func(io.Writer)) *File {
	// lumberjack creates files with mode 0600, and keeps the mode of an old one.
	return &File{path: path, removed: removed, rotated: &lumberjack.Logger{Filename: path, MaxSize: maxSize, MaxBackups: kept},
		written: regularfile.Check(path) == nil, half: endsInHalfALine(path)}
}

// endsInHalfALine reports that the last line of a file was not ended. The next write ends
// it, and not New: a full disk must not keep the program from starting.
func endsInHalfALine(path string) bool {
	f, err := regularfile.Open(path)
	if err != nil {
		return false // a write will say why
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil || info.Size() == 0 {
		return false
	}
	last := make([]byte, 1)
	_, err = f.ReadAt(last, info.Size()-1)
	return err == nil && last[0] != '\n'
}

// Write implements [io.Writer].
func (f *File) Write(p []byte) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	defer f.rotated.Close()
	err := regularfile.Check(f.path)
	if errors.Is(err, fs.ErrNotExist) {
		if err = os.MkdirAll(filepath.Dir(f.path), 0o700); err == nil && f.written {
			f.removed(f.rotated)
		}
	}
	if err != nil {
		return 0, err
	}
	if f.half {
		if _, err := f.rotated.Write([]byte("\n")); err != nil {
			return 0, err
		}
		f.half = false
	}
	n, err := f.rotated.Write(p)
	f.written, f.half = f.written || err == nil, err != nil && n > 0
	return n, err
}
