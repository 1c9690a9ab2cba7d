package cli

import (
	"io"
	"strconv"
	"strings"
	"time"

	"gatelight/supervisor/ibc/logtail"
	"gatelight/supervisor/regularfile"
)

// A logFile is one of the logs that are shown. Each of its lines has a time.
type logFile struct {
	tail  logtail.Tail
	label string
	lines []*logLine // read, and not taken yet

	at       time.Time // of the last line that had a time
	launched time.Time // of the launch that the lines are of; zero: not known
	config   string    // the config.ini that IBC reads at a launch; "" for our own log
	hidden   bool      // it was said that lines are not shown
}

const (
	lastBytes = 1 << 20 // of a long log, this many bytes at its end are shown
	maxLine   = 1 << 20 // a longer line is not shown: a secret in it may be cut, and not be found
)

func newLogFile(path, label string) *logFile {
	return &logFile{tail: logtail.Tail{Path: path, MaxLine: maxLine, Last: lastBytes, ByName: true}, label: label}
}

// newIBCLog is the log of a Gateway with this config.ini.
func newIBCLog(path, label, config string) *logFile {
	l := newLogFile(path, label)
	l.config, l.launched = config, firstTime(path)
	return l
}

// firstTime is the first time that a log tells, zero when its beginning tells none.
func firstTime(path string) time.Time {
	f, err := regularfile.Open(path)
	if err != nil {
		return time.Time{}
	}
	defer f.Close()
	head := make([]byte, 64<<10)
	n, _ := io.ReadFull(f, head)
	for line := range strings.Lines(string(head[:n])) {
		if at, ok := timeOf(strings.TrimSuffix(line, "\n")); ok {
			return at
		}
	}
	return time.Time{}
}

// A logLine is one line of a log.
type logLine struct {
	at, launched time.Time
	of           *logFile
	text         string
}

// take reads on, and returns the lines that are new. last says that an
// incomplete line counts as well.
func (l *logFile) take(last bool) ([]*logLine, error) {
	_, err := l.tail.Read(l.add)
	if last {
		l.tail.Flush(l.add)
	}
	lines := l.lines
	l.lines = nil
	return lines, err
}

// add gives a line its time. A line without a time belongs to the one before
// it, and those at the beginning to the first that has one.
func (l *logFile) add(text string) {
	if at, ok := timeOf(text); ok {
		if l.at.IsZero() {
			for i := range l.lines {
				l.lines[i].at = at
			}
		}
		l.at = at
		if l.launched.IsZero() || strings.HasPrefix(text, launchWords) {
			l.launched = at
		}
	}
	if len(text) >= maxLine {
		text = "(a line of more than 1 MB is not shown)"
	}
	l.lines = append(l.lines, &logLine{l.at, l.launched, l, text})
}

// launchWords begin what IBC's start script says first.
const launchWords = "Starting IBC version "

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
	if _, rest, ok := strings.Cut(text, " on "); ok && strings.HasPrefix(text, launchWords) {
		at, err := time.ParseInLocation("2006-01-02 at 15:04:05", strings.TrimSpace(rest), time.Local)
		return at, err == nil
	}
	return time.Time{}, false
}
