package ibc

import (
	"bytes"
	"errors"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

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

// readLive is read as it happens. A login counts from now then: IBC stamps the
// local time, which is not to be relied on in the hour that a clock change repeats.
func (t *tail) readLive(emit func(supervisor.Event)) (news bool) {
	return t.read(func(e supervisor.Event) {
		if login, ok := e.(supervisor.LoginSeen); ok {
			login.At = time.Time{}
			e = login
		}
		emit(e)
	})
}

// catchUp takes in the log of a run that began before us. What it tells is
// history: of it count the logins, the first of which was asked for if the start
// was, the phase it has come to, and whether it has been stopped since. Living it
// all again could stop a Gateway that has long recovered.
func (t *tail) catchUp(emit func(supervisor.Event)) (stopped bool) {
	var phase supervisor.Event
	t.read(t.history(emit, func(e supervisor.Event) {
		switch e.(type) {
		case supervisor.PhaseSeen:
			phase = e
		case supervisor.LaunchSeen:
			stopped = false
		case supervisor.StopCommandSeen:
			stopped = true
		}
	}))
	if phase != nil {
		emit(phase)
	}
	if stopped {
		emit(supervisor.StopCommandSeen{})
	}
	return stopped
}

// history hands the logins of a log to emit, with who asked for them, and all
// else to rest.
func (t *tail) history(emit, rest func(supervisor.Event)) func(supervisor.Event) {
	first := true
	return func(e supervisor.Event) {
		login, ok := e.(supervisor.LoginSeen)
		if !ok {
			rest(e)
			return
		}
		login.Attended, first = first && !t.reader.unattended, false
		emit(login)
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
