package history

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"gatelight/supervisor"
)

// longest is the longest line that is read; one of ours has a few hundred bytes.
const longest = 4 << 20

// Read hands over the entries of the log at path, the rotated ones included,
// that are not older than since: as they are stored, and as they are meant. They
// come in the order in which they were written, which is that of time unless the
// clock was set. The line is valid until each returns. A line that cannot be
// read costs that entry alone, and is counted; a log that is not there is empty.
func Read(path string, since time.Time, each func(line []byte, e supervisor.Entry) error) (unreadable int, err error) {
	files, err := openAll(path, since)
	for _, f := range files {
		defer f.Close()
	}
	if err != nil {
		return 0, fmt.Errorf("cannot read the event log: %w", err)
	}
	for _, f := range files {
		n, err := read(f, since, each)
		unreadable += n
		if err != nil {
			return unreadable, err
		}
	}
	return unreadable, nil
}

// openAll opens the log and what was rotated after since, oldest first. The log
// comes first in time: should it be rotated meanwhile, it is met again under its
// new name and not read twice.
func openAll(path string, since time.Time) (files []*os.File, err error) {
	log, err := os.Open(path)
	var is fs.FileInfo
	if err == nil {
		defer func() { files = append(files, log) }()
		is, err = log.Stat()
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	// ReadDir sorts by name, and so by the time that the names hold.
	siblings, err := os.ReadDir(filepath.Dir(path))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	for _, s := range siblings {
		at, ok := rotatedAt(s.Name(), filepath.Base(path))
		if !ok || at.Before(since) {
			continue
		}
		f, err := os.Open(filepath.Join(filepath.Dir(path), s.Name()))
		if errors.Is(err, fs.ErrNotExist) {
			continue // the oldest one is deleted when another one comes
		}
		if err != nil {
			return files, err
		}
		if info, err := f.Stat(); err != nil || is != nil && os.SameFile(info, is) {
			f.Close()
			continue
		}
		files = append(files, f)
	}
	return files, nil
}

// rotatedAt is the time in the name that the rotation gives to a log:
// events-2026-11-23T14-02-11.482-size.jsonl, in UTC.
func rotatedAt(name, base string) (time.Time, bool) {
	ext := filepath.Ext(base)
	rest, ok := strings.CutPrefix(name, strings.TrimSuffix(base, ext)+"-")
	rest, ended := strings.CutSuffix(rest, ext)
	const layout = "2006-01-02T15-04-05.000"
	if !ok || !ended || len(rest) < len(layout) {
		return time.Time{}, false
	}
	at, err := time.Parse(layout, rest[:len(layout)])
	return at, err == nil
}

func read(r io.Reader, since time.Time, each func([]byte, supervisor.Entry) error) (unreadable int, err error) {
	lines := bufio.NewReaderSize(r, 64<<10)
	var long []byte // of a line that the buffer does not hold
	for {
		line, err := lines.ReadSlice('\n')
		if len(long)+len(line) <= longest {
			if errors.Is(err, bufio.ErrBufferFull) || len(long) > 0 {
				long = append(long, line...)
				line = long
			}
		} else {
			long, line = long[:longest], nil // it ends up as one that cannot be read
		}
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return unreadable, fmt.Errorf("cannot read the event log: %w", err)
		}
		ended := err != nil
		tooLong := len(long) == longest
		long = long[:0]
		line = bytes.TrimSpace(line)
		switch e, ok := parse(line, since); {
		case !ok && (len(line) > 0 || tooLong):
			unreadable++
		case !ok || e.At.Before(since):
		default:
			if err := each(line, e); err != nil {
				return unreadable, err
			}
		}
		if ended {
			return unreadable, nil
		}
	}
}

// parse reads one entry. Of one that is older than since there is no more than
// its time: a long log is mostly of no concern.
func parse(line []byte, since time.Time) (e supervisor.Entry, ok bool) {
	if rest, plain := bytes.CutPrefix(line, []byte(`{"at":"`)); plain {
		stamp, _, _ := bytes.Cut(rest, []byte(`"`))
		at, err := time.Parse(time.RFC3339Nano, string(stamp))
		if err == nil && at.Before(since) {
			return supervisor.Entry{At: at}, true
		}
	}
	err := json.Unmarshal(line, &e)
	return e, err == nil && !e.At.IsZero()
}
