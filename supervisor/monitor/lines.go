package monitor

import (
	"bufio"
	"encoding/json"
	"io"
	"strings"

	"gatelight/supervisor"
)

// A line is what the child writes to its stdout for one event, as JSON. Exactly
// one field is set.
type line struct {
	Ready    *supervisor.SessionReady      `json:"ready,omitempty"`
	Answered *supervisor.HeartbeatAnswered `json:"answered,omitempty"`
	Code     *supervisor.CodeReceived      `json:"code,omitempty"`
	Omitted  *supervisor.CodesOmitted      `json:"omitted,omitempty"`
	Closed   *supervisor.SessionClosed     `json:"closed,omitempty"` // the last line
}

const (
	maxLine  = 64 << 10 // bytes in a line; a longer one holds no event, since an event has at most about 3 KB
	maxCrash = 8 << 10  // bytes of the child's stderr that are looked at
	maxQuote = 200      // characters of it that are quoted
	// maxText bounds what the Gateway may put into our events, in characters.
	// IBKR's longest explanation of a code has about 400.
	maxText = 600
)

// readEvents reads the child's lines and emits their events, until the closed
// event, which it returns instead of emitting it, or until the end of the
// output: nil. Lines that hold no event are skipped.
func readEvents(stdout io.Reader, emit func(supervisor.Event)) *supervisor.SessionClosed {
	r := bufio.NewReaderSize(stdout, maxLine)
	for {
		text, more, err := r.ReadLine()
		for more { // the line is too long
			text = nil
			_, more, err = r.ReadLine()
		}
		if err != nil {
			return nil
		}
		switch e := parseLine(text).(type) {
		case supervisor.SessionClosed:
			return &e
		case nil:
		default:
			emit(e)
		}
	}
}

// parseLine is the event in a line, nil when there is none.
func parseLine(text []byte) supervisor.Event {
	var l line
	switch err := json.Unmarshal(text, &l); {
	case err != nil:
		return nil
	case l.Ready != nil:
		return *l.Ready
	case l.Answered != nil:
		return *l.Answered
	case l.Code != nil:
		return *l.Code
	case l.Omitted != nil:
		return *l.Omitted
	case l.Closed != nil:
		return *l.Closed
	}
	return nil
}

// crashLine reads the child's stderr to its end and returns the line that says
// why it crashed: the one that begins like a crash of the Go runtime, or else
// the first one.
func crashLine(r io.Reader) string {
	head, _ := io.ReadAll(io.LimitReader(r, maxCrash))
	_, _ = io.Copy(io.Discard, r)
	first := ""
	for text := range strings.Lines(string(head)) {
		text = strings.TrimSpace(supervisor.CleanText(text, maxQuote))
		if strings.HasPrefix(text, "panic: ") || strings.HasPrefix(text, "fatal error: ") {
			return text
		}
		if first == "" {
			first = text
		}
	}
	return first
}
