package ibc

import (
	"bytes"
	"errors"
	"io"
	"os"
	"strconv"
	"strings"

	"gatelight/supervisor"
)

// A tail reads a growing log.
type tail struct {
	path   string
	file   *os.File
	rest   []byte // a line not yet complete
	reader logReader
	status int
	buffer []byte
}

// read takes in what has been written since, and reports whether there was
// anything. A log that is not there is no news.
func (t *tail) read(emit func(supervisor.Event)) (news bool) {
	if t.file == nil {
		f, err := os.Open(t.path)
		if err != nil {
			t.status = -1
			return false
		}
		t.file, t.status = f, -1
	}
	if t.buffer == nil {
		t.buffer = make([]byte, 32<<10)
	}
	for {
		n, err := t.file.Read(t.buffer)
		if n > 0 {
			t.lines(append(t.rest, t.buffer[:n]...), emit)
			news = true
		}
		if err != nil {
			if !errors.Is(err, io.EOF) {
				t.close()
			}
			return news
		}
	}
}

// catchUp takes in the log of a run that began before us. What it tells is
// history: of it count the logins, the first of which was asked for, and the
// phase it has come to. Living it all again could stop a Gateway that has long
// recovered.
func (t *tail) catchUp(emit func(supervisor.Event)) {
	var phase supervisor.Event
	first := true
	t.read(func(e supervisor.Event) {
		switch e := e.(type) {
		case supervisor.LoginSeen:
			e.Attended, first = first, false
			emit(e)
		case supervisor.PhaseSeen:
			phase = e
		}
	})
	if phase != nil {
		emit(phase)
	}
}

func (t *tail) close() {
	if t.file != nil {
		t.file.Close()
	}
}

// longestLine is where a line is cut; what matters comes early.
const longestLine = 4 << 10

func (t *tail) lines(b []byte, emit func(supervisor.Event)) {
	for {
		line, rest, complete := bytes.Cut(b, []byte("\n"))
		if !complete {
			t.rest = append([]byte(nil), b[:min(len(b), longestLine)]...)
			return
		}
		text := strings.TrimRight(string(line[:min(len(line), longestLine)]), "\r")
		if status, ok := strings.CutPrefix(text, "IBC returned exit status "); ok {
			if n, err := strconv.Atoi(strings.TrimSpace(status)); err == nil {
				t.status = n
			}
		} else if status, ok := strings.CutPrefix(text, "Error level is "); ok { // StartIBC.bat
			if n, err := strconv.Atoi(strings.TrimSpace(status)); err == nil {
				t.status = asOnUnix(n)
			}
		} else if startsJava(text) {
			t.status = -1 // that was the status of an earlier one
		}
		for _, e := range t.reader.events(text) {
			emit(e)
		}
		b = rest
	}
}
