// Package history keeps the event log: one JSON line per transition, command
// and notice, appended as it happens. It also reads the log, and finds in it
// which state held when.
package history

import (
	"encoding/json"
	"io"
	"log/slog"

	"gatelight/supervisor"
	"gatelight/supervisor/rotatedlog"
)

// A Log is the event log. Several goroutines may write it.
type Log struct {
	file *rotatedlog.File
	log  *slog.Logger // for what cannot be written
}

// New is the event log at path. The first entry makes the file, with its folder,
// private to the user. It is rotated at 10 MB; five rotated ones are kept.
//
// Entries that cannot be written are reported to the other log, and so is that
// somebody has removed this one. Neither is an error: supervision does not need
// the event log, and the next entry may be written again.
func New(path string, log *slog.Logger) *Log {
	return &Log{log: log, file: rotatedlog.New(path, 5, func(io.Writer) {
		log.Warn("the event log was removed; it is made again", "file", path)
	})}
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
