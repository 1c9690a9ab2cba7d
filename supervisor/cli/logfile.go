package cli

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// A logFile is a log that grows, and makes room for a new one at times. It is
// not held open: on Windows that would keep its writer from rotating it.
type logFile struct {
	path   string
	label  string
	info   fs.FileInfo // of the file that was read last; nil: none yet
	offset int64
	rest   []byte    // a line that is not complete yet
	at     time.Time // of the last line that had a time
}

const (
	oldLog      = 1 << 20 // of a long log, this many bytes at its end are shown
	longestLine = 1 << 20 // a longer one is not shown: a secret in it could not be told
)

// An entry is one line of a log.
type entry struct {
	at    time.Time
	label string
	text  string
}

// read returns what is new. A log that is not there is no news.
func (l *logFile) read() ([]entry, error) {
	f, err := os.Open(l.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	var lines []string
	amid := false
	switch {
	case l.info == nil && info.Size() > oldLog:
		l.offset, amid = info.Size()-oldLog, true
	case l.info != nil && !os.SameFile(l.info, info):
		old, err := l.rotated()
		if err != nil {
			return nil, err
		}
		lines = append(old, l.flush()...)
		l.offset = 0
	case info.Size() < l.offset: // emptied
		lines = l.flush()
		l.offset = 0
	}
	l.info = info
	more, err := l.from(f)
	if amid && len(more) > 0 { // what it begins with is the end of a line
		more = more[1:]
	}
	return l.entries(append(lines, more...)), err
}

// rotated reads the end of the file that was read last, under the name that it
// has now.
func (l *logFile) rotated() ([]string, error) {
	siblings, err := os.ReadDir(filepath.Dir(l.path))
	if err != nil {
		return nil, err
	}
	for _, s := range siblings {
		if f, err := os.Open(filepath.Join(filepath.Dir(l.path), s.Name())); err == nil {
			info, err := f.Stat()
			if err == nil && os.SameFile(info, l.info) {
				defer f.Close()
				return l.from(f)
			}
			f.Close()
		}
	}
	return nil, nil // it has been deleted
}

// from reads the complete lines behind the offset.
func (l *logFile) from(f *os.File) (lines []string, err error) {
	if _, err := f.Seek(l.offset, io.SeekStart); err != nil {
		return nil, err
	}
	buffer := make([]byte, 64<<10)
	for {
		n, err := f.Read(buffer)
		l.offset += int64(n)
		l.rest = append(l.rest, buffer[:n]...)
		for {
			line, rest, complete := bytes.Cut(l.rest, []byte("\n"))
			if !complete {
				break
			}
			lines, l.rest = append(lines, shown(line)), rest
		}
		l.rest = bytes.Clone(l.rest)   // not the whole chunk that it is the end of
		if len(l.rest) > longestLine { // what follows of it is left out, too
			l.rest = l.rest[:longestLine+1]
		}
		switch {
		case errors.Is(err, io.EOF):
			return lines, nil
		case err != nil:
			return lines, err
		}
	}
}

// flush ends a line that nobody will complete.
func (l *logFile) flush() []string {
	defer func() { l.rest = nil }()
	if len(l.rest) == 0 {
		return nil
	}
	return []string{shown(l.rest)}
}

func shown(line []byte) string {
	if len(line) > longestLine {
		return "(a line of more than 1 MB is not shown)"
	}
	return strings.TrimSuffix(string(line), "\r")
}

// entries gives lines their times. One without a time belongs to the one before
// it, and those at the head to the first that has one.
func (l *logFile) entries(lines []string) []entry {
	var all []entry
	for _, text := range lines {
		at, ok := timeOf(text)
		if ok && l.at.IsZero() {
			for i := range all {
				all[i].at = at
			}
		}
		if ok {
			l.at = at
		}
		all = append(all, entry{l.at, l.label, text})
	}
	return all
}

// timeOf is the time at the beginning of a line of IBC's, of its start script's
// first line, or of our own. IBC writes local time.
func timeOf(text string) (time.Time, bool) {
	const ibc = "2006-01-02 15:04:05"
	if len(text) > len(ibc) && text[len(ibc)] == ':' {
		at, err := time.ParseInLocation(ibc, text[:len(ibc)], time.Local)
		ms, _, _ := strings.Cut(text[len(ibc)+1:], " ")
		n, _ := strconv.Atoi(ms)
		return at.Add(time.Duration(n) * time.Millisecond), err == nil
	}
	if rest, ok := strings.CutPrefix(text, "time="); ok {
		stamp, _, _ := strings.Cut(rest, " ")
		at, err := time.Parse(time.RFC3339Nano, stamp)
		return at, err == nil
	}
	if _, rest, ok := strings.Cut(text, " on "); ok && strings.HasPrefix(text, "Starting IBC version ") {
		at, err := time.ParseInLocation("2006-01-02 at 15:04:05", strings.TrimSpace(rest), time.Local)
		return at, err == nil
	}
	return time.Time{}, false
}
