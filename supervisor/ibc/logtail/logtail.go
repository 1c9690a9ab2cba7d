// Package logtail reads the lines of a log file that another program is still
// writing.
package logtail

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"gatelight/supervisor/regularfile"
)

// A Tail reads a growing log file. It copes with a file that does not exist
// yet, and with one that is truncated: it is read from its beginning again.
type Tail struct {
	Path string
	// MaxLine is how many bytes of a line are kept: of a line that has MaxLine
	// bytes or more, the first MaxLine are handed on. It must be greater than
	// 0.
	MaxLine int
	// Last is how many bytes at the end of the file are read at first, without
	// the line that they begin in the middle of. 0: the whole file.
	Last int64
	// ByName follows the name instead of the file, as tail --follow=name does:
	// after a rotation the rest of the old file is read, then the new one.
	ByName bool
	// Max is about how many bytes one Read reads; 0: all that there are.
	Max int64
	// Behind is set by Read: there was more than Max, which the next one reads.
	Behind bool

	file   *os.File
	later  bool // this is not the first file that is read
	offset int64
	rest   []byte // an incomplete line, at most MaxLine+1 bytes of it
	skip   bool   // the line up to the next line end is not handed on
	buffer []byte
}

// Read hands on each line that has become complete since the last call, without
// its end (LF or CRLF). It reports whether there was anything to read. A line
// that is incomplete when its file is truncated or replaced counts as complete.
// A missing file is no error.
func (t *Tail) Read(line func(string)) (grown bool, err error) {
	if err := t.open(); err != nil || t.file == nil {
		return false, err
	}
	replaced := t.replaced() // before the reading: the old file's writer has left it then
	if grown, err = t.readFile(line); err != nil || !replaced || t.Behind {
		return grown, err
	}
	t.Flush(line)
	t.Close()
	more, err := t.Read(line)
	return grown || more, err
}

// Flush hands on the last line although its end is missing.
func (t *Tail) Flush(line func(string)) {
	if len(t.rest) > 0 {
		t.handOn(t.rest, line)
	}
	t.rest = nil
}

// Close closes the file. The next Read opens the one that has the name then.
func (t *Tail) Close() {
	if t.file != nil {
		t.file.Close()
		t.file = nil
	}
}

func (t *Tail) open() error {
	if t.file != nil {
		return nil
	}
	f, err := regularfile.OpenShared(t.Path) // its writer may rename it
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	t.file, t.offset, t.rest = f, 0, nil
	if info, err := f.Stat(); err == nil && !t.later && t.Last > 0 && info.Size() > t.Last {
		t.offset, t.skip = info.Size()-t.Last, true
	}
	t.later = true
	return nil
}

// replaced reports whether another file has the name now. Right after a
// rotation there may be none yet.
func (t *Tail) replaced() bool {
	if !t.ByName {
		return false
	}
	named, err1 := os.Stat(t.Path)
	info, err2 := t.file.Stat()
	return err1 == nil && err2 == nil && !os.SameFile(named, info)
}

// readFile reads the file from the offset to the end that it has now. What is
// written meanwhile is for the next call: a writer may be faster than we are.
func (t *Tail) readFile(line func(string)) (grown bool, err error) {
	info, err := t.file.Stat()
	if err != nil {
		return false, err
	}
	if info.Size() < t.offset { // truncated
		t.Flush(line)
		t.offset, t.skip = 0, false
	}
	if t.buffer == nil {
		t.buffer = make([]byte, 32<<10)
	}
	end := info.Size()
	if t.Behind = t.Max > 0 && end > t.offset+t.Max; t.Behind {
		end = t.offset + t.Max
	}
	for t.offset < end {
		n, err := t.file.ReadAt(t.buffer[:min(int64(len(t.buffer)), end-t.offset)], t.offset)
		t.offset += int64(n)
		t.split(t.buffer[:n], line)
		grown = grown || n > 0
		switch {
		case errors.Is(err, io.EOF):
			return grown, nil
		case err != nil:
			return grown, fmt.Errorf("cannot read on in %s: %w", t.Path, err)
		}
	}
	return grown, nil
}

// split hands on the lines that b completes.
func (t *Tail) split(b []byte, line func(string)) {
	for {
		part, behind, complete := bytes.Cut(b, []byte("\n"))
		t.rest = append(t.rest, part[:min(len(part), max(0, t.MaxLine+1-len(t.rest)))]...)
		if !complete {
			return
		}
		t.handOn(t.rest, line)
		t.rest, b = t.rest[:0], behind
	}
}

func (t *Tail) handOn(text []byte, line func(string)) {
	if !t.skip {
		text = bytes.TrimSuffix(text, []byte("\r"))
		line(string(text[:min(len(text), t.MaxLine)]))
	}
	t.skip = false
}
