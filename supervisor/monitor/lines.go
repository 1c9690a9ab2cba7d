package monitor

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"
)

const (
	maxLine  = 64 << 10 // bytes in a message; a longer line is none, since a message has at most about 3 KB
	maxCrash = 8 << 10  // bytes of the child's stderr that are looked at
	maxWords = 200      // characters of it that are quoted
)

// relay reads the child's lines until the closed message, which it returns instead of handing it on, or until the end.
// Lines that are no messages are skipped and counted. last is the last message seen.
func (s *Session) relay(emit func(Message)) (last Message, closed bool) {
	r := bufio.NewReaderSize(s.stdout, maxLine)
	for {
		line, err := readLine(r)
		m, ok := parseLine(line)
		switch {
		case ok && m.Kind == KindClosed:
			return m, true
		case ok:
			last = m
			emit(m)
		case len(line) > 0:
			s.skipped.Add(1)
		}
		if err != nil {
			return last, false
		}
	}
}

// readLine reads to the end of the line, and returns no more of it than fits into the reader's buffer. The bytes are
// valid until the next read.
func readLine(r *bufio.Reader) ([]byte, error) {
	line, err := r.ReadSlice('\n')
	if !errors.Is(err, bufio.ErrBufferFull) {
		return line, err
	}
	// The buffer is reused for the rest, which would overwrite line. A cut line is no JSON any more, and one byte of
	// it is enough to be counted.
	for errors.Is(err, bufio.ErrBufferFull) {
		_, err = r.ReadSlice('\n')
	}
	return []byte("…"), err
}

func parseLine(line []byte) (Message, bool) {
	var m Message
	if len(bytes.TrimSpace(line)) == 0 || json.Unmarshal(line, &m) != nil || !m.Kind.known() {
		return Message{}, false
	}
	return m, true
}

// firstWords reads the child's stderr to its end and returns the line that says why it crashed: the one that begins
// like a crash of the Go runtime, or else the first one.
func firstWords(r io.Reader) string {
	head, _ := io.ReadAll(io.LimitReader(r, maxCrash))
	_, _ = io.Copy(io.Discard, r)
	first := ""
	for line := range strings.Lines(string(head)) {
		line = tidy(line, maxWords)
		if strings.HasPrefix(line, "panic: ") || strings.HasPrefix(line, "fatal error: ") {
			return line
		}
		if first == "" {
			first = line
		}
	}
	return first
}
