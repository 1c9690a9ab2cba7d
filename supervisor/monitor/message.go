// Package monitor holds the one API session that Gatelight keeps with a Gateway.
//
// The session lives in a child process, a second run of the same program, which speaks JSON lines to its parent.
// The library around the API can crash, block for ever and print to the terminal; in a process of its own it can do
// none of that to the supervisor, and the end of the process closes its socket without the library's help.
//
// Inside the child the library never learns the Gateway's address. A gate dials the Gateway once, in the whole life of
// the process, and hands the library a private loopback port instead. So the library cannot dial again, cannot drop a
// pending handshake and cannot send anything but the three messages that a look-only session needs.
package monitor

import (
	"strings"
	"time"
	"unicode"
)

// Kind says what a Message reports.
type Kind string

const (
	// KindConnecting is the first message: the child is about to dial the Gateway.
	KindConnecting Kind = "connecting"
	// KindHello: the TCP connection stands and our greeting goes out. From here on a handshake is in flight.
	KindHello Kind = "hello"
	// KindHandshake: the Gateway answered the greeting with its version. It is not ready yet.
	KindHandshake Kind = "handshake"
	// KindReady: nextValidId came, the only proof that the API serves this session. At most once.
	KindReady Kind = "ready"
	// KindAnswer: the Gateway answered the heartbeat, RTT after it was asked.
	KindAnswer Kind = "answer"
	// KindCode: the Gateway (or the library, see Code.From) reported a numbered event.
	KindCode Kind = "code"
	// KindOmitted: so many codes were left out since the last such message, because they came too thick.
	KindOmitted Kind = "omitted"
	// KindClosed is the last message: the child has ended and its connection is gone. Exactly once.
	KindClosed Kind = "closed"
)

// Message is one line from the child to its parent.
type Message struct {
	Kind          Kind          `json:"kind"`
	At            time.Time     `json:"at"`
	ClientID      int           `json:"client_id"`
	ServerVersion int           `json:"server_version,omitempty"` // the API protocol version, known since KindHandshake
	LocalPort     int           `json:"local_port,omitempty"`     // KindHello: our end of the connection, the peer port that the Gateway sees
	RTT           time.Duration `json:"rtt_ns,omitempty"`         // KindAnswer
	Code          int           `json:"code,omitempty"`           // KindCode, see Lookup
	Text          string        `json:"text,omitempty"`           // KindCode: the Gateway's own words
	Omitted       int           `json:"omitted,omitempty"`        // KindOmitted
	Reason        string        `json:"reason,omitempty"`         // KindClosed, in words
}

func (k Kind) known() bool {
	switch k {
	case KindConnecting, KindHello, KindHandshake, KindReady, KindAnswer, KindCode, KindOmitted, KindClosed:
		return true
	}
	return false
}

// maxText bounds what the Gateway may put into our messages, in characters. IBKR's longest explanation of a code is
// about 400.
const maxText = 600

// tidy makes foreign text fit for one line of a menu or a terminal: valid UTF-8 (a Gateway set to another language
// sends Latin-1), no control characters, at most n characters.
func tidy(s string, n int) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "?"))
	s = strings.TrimSpace(s)
	if r := []rune(s); len(r) > n {
		s = string(r[:n-1]) + "…"
	}
	return s
}
