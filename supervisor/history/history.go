// Package history keeps the event log: one JSON line per transition, command
// and notice, appended as it happens. It also reads the log, and finds in it
// which state held when.
package history

import (
	"encoding/json"
	"io"
	"log/slog"
	"os"
	"path/filepath"

	"gatelight/supervisor"
	"gatelight/supervisor/regularfile"
	"gatelight/supervisor/rotatedlog"
)

// A Log is the event log. Several goroutines may write it.
type Log struct {
	file *rotatedlog.File
	log  *slog.Logger // for what cannot be written
}

// Open makes the log's folder, private to the user, and opens the log. It is
// rotated at 10 MB; five rotated ones are kept. Entries that cannot be written
// are reported to the other log, and so is that somebody has removed this one.
func Open(path string, log *slog.Logger) (*Log, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, err
	}
	// Opened once here, so that a log that cannot be written is an error at the
	// start.
	f, err := regularfile.OpenFile(path, os.O_CREATE|os.O_RDWR|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	if err := f.Close(); err != nil {
		return nil, err
	}
	return &Log{log: log, file: rotatedlog.New(path, 5, func(io.Writer) {
		log.Warn("the event log was removed; it is made anew", "file", path)
	})}, nil
}

// Append writes one entry.
func (l *Log) Append(e supervisor.Entry) {
	b, err := json.Marshal(e)
	if err == nil {
		_, err = l.file.Write(append(b, '\n'))
	}
	if err != nil {
		l.log.Error("cannot write the event log", "error", err, "entry", e.Text)
	}
}
