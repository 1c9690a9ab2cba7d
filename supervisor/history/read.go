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
	"gatelight/supervisor/regularfile"
)

// maxLine is the longest line that is read, in bytes. One that Gatelight writes
// has a few hundred.
const maxLine = 4 << 20

// Read calls each for the entries of the log at path that are not older than
// since, rotated logs included: with the line as it is stored, which is valid
// until each returns, and with what it means, its texts cleaned. They come in the order in which
// they were written, which is the order of time unless the clock was set. A
// line that cannot be read is left out and counted. A log that does not exist
// is empty. An error of each ends the reading and is returned.
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

// openAll opens the log and those that were rotated after since, oldest first.
// The log itself is opened first: if it is rotated meanwhile, it is found again
// under its new name and not read twice.
func openAll(path string, since time.Time) (files []*os.File, err error) {
	log, err := regularfile.Open(path)
	var logInfo fs.FileInfo
	if err == nil {
		defer func() { files = append(files, log) }()
		logInfo, err = log.Stat()
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
		f, err := regularfile.Open(filepath.Join(filepath.Dir(path), s.Name()))
		if errors.Is(err, fs.ErrNotExist) {
			continue // the oldest one is deleted when another one comes
		}
		if err != nil {
			return files, err
		}
		if info, err := f.Stat(); err != nil || logInfo != nil && os.SameFile(info, logInfo) {
			f.Close()
			continue
		}
		files = append(files, f)
	}
	return files, nil
}

// rotatedAt is the time in the name of a rotated log, such as
// events-2026-11-23T14-02-11.482.jsonl, in UTC.
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
	lines := bufio.NewReaderSize(r, maxLine)
	isRest := false // of a line that is too long, and was counted
	for {
		line, err := lines.ReadSlice('\n')
		isTooLong, isLast := errors.Is(err, bufio.ErrBufferFull), errors.Is(err, io.EOF)
		if err != nil && !isTooLong && !isLast {
			return unreadable, fmt.Errorf("cannot read the event log: %w", err)
		}
		line = bytes.TrimSpace(line)
		switch e, ok := parse(line, since); {
		case isRest:
		case isTooLong || !ok && len(line) > 0:
			unreadable++
		case ok && !e.At.Before(since):
			if err := each(line, e); err != nil {
				return unreadable, err
			}
		}
		if isLast {
			return unreadable, nil
		}
		isRest = isTooLong
	}
}

// parse reads one entry. Of one that is older than since only the time is read,
// since most of a long log is older.
func parse(line []byte, since time.Time) (e supervisor.Entry, ok bool) {
	if rest, plain := bytes.CutPrefix(line, []byte(`{"at":"`)); plain {
		stamp, _, _ := bytes.Cut(rest, []byte(`"`))
		at, err := time.Parse(time.RFC3339Nano, string(stamp))
		if err == nil && at.Before(since) {
			return supervisor.Entry{At: at}, true
		}
	}
	err := json.Unmarshal(line, &e)
	supervisor.CleanTexts(&e)
	return e, err == nil && !e.At.IsZero()
}
