package monitor

import (
	"fmt"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"gatelight/supervisor"
)

// Whatever the server does, it sees one connection. Given the address, the
// library dials again where a write meets a reset connection: in 38 of 40 runs of
// "version, then reset under startApi", and sometimes in "reset at once".
func TestThereIsOneConnectionHoweverItEnds(t *testing.T) {
	const (
		inUse = "Unable to connect as the client id is already in use. Retry with a unique client id."
		notIB = "whatever listens on the port does not speak the IB API"
	)
	none := []supervisor.Event{}
	tests := []struct {
		name   string
		script func(p *peer)
		events []supervisor.Event
		why    string
	}{
		// Without a reason here: reset or closed, with or without the greeting,
		// depending on the kernel's timing.
		{"closed at once", func(p *peer) {}, nil, ""},
		{"reset at once", func(p *peer) { p.reset() }, nil, ""},
		{"closed after the greeting", func(p *peer) { p.greeting() },
			none,
			"the Gateway closed the connection during the handshake" + rejectedHint},
		{"reset after the greeting", func(p *peer) { p.greeting(); p.reset() },
			none,
			"the Gateway reset the connection during the handshake" + rejectedHint},
		{"half a frame", func(p *peer) { p.greeting(); p.Write([]byte("\x00\x00\x00\x1a187")) },
			none,
			"the Gateway closed the connection during the handshake" + rejectedHint},
		{"version, then closed", func(p *peer) { p.greeting(); p.answer(187) },
			none,
			"the Gateway closed the connection during the handshake" + rejectedHint},
		{"version, then reset", func(p *peer) { p.greeting(); p.answer(187); p.reset() },
			none,
			"the Gateway reset the connection during the handshake" + rejectedHint},
		{"version, then reset under startApi", func(p *peer) {
			p.greeting()
			p.frame("187\x0020261123 14:02:11 CET\x00")
			p.reset()
		}, nil, ""}, // a write that meets the reset first consumes the error: the reader then sees a close
		{"client id in use", func(p *peer) { p.greeting(); p.answer(187); p.code(326, inUse) },
			[]supervisor.Event{aCode},
			"the Gateway closed the connection during the handshake"},
		{"a farm's good news, then closed", func(p *peer) { p.greeting(); p.answer(187); p.code(2104, "Market data farm connection is OK:usfarm") },
			[]supervisor.Event{aCode},
			"the Gateway closed the connection during the handshake" + rejectedHint},
		{"client id in use, protobuf", func(p *peer) { p.greeting(); p.answer(213); p.code(326, inUse) },
			[]supervisor.Event{aCode},
			"the Gateway closed the connection during the handshake"},
		{"a burst of codes, then closed", func(p *peer) {
			p.greeting()
			p.answer(187)
			for i := range 20 {
				p.code(326+i, inUse)
			}
		}, slices.Repeat([]supervisor.Event{aCode}, 20),
			"the Gateway closed the connection during the handshake"},
		{"ready, then reset under a request", func(p *peer) { p.handshake(187); p.asked(); p.reset() },
			[]supervisor.Event{ready},
			"the Gateway reset the connection"},
		{"ready, then closed with the request unread", func(p *peer) { p.handshake(213); p.r.Peek(1) }, nil, ""},
		{"not the IB API: HTTP", func(p *peer) { p.greeting(); p.Write([]byte("HTTP/1.1 400 Bad Request\r\n\r\n")) },
			none, notIB},
		{"not the IB API: a banner", func(p *peer) { p.Write([]byte("SSH-2.0-OpenSSH_9.6\r\n")); io.Copy(io.Discard, p) }, nil, notIB},
		{"not the IB API: a frame without fields", func(p *peer) { p.greeting(); p.frame("hello") },
			none, notIB},
		{"not the IB API: an empty frame", func(p *peer) { p.greeting(); p.frame("") },
			none, notIB},
		{"garbage that the library prints and dies of", func(p *peer) {
			p.greeting()
			p.answer(187)
			p.frame("9\x001\x00twelve\x00")
			p.untilClosed()
		}, none,
			"the API library gave up on what the Gateway sent"},
		{"a frame that is too long", func(p *peer) { p.handshake(187); p.asked(); p.Write([]byte("\x7f\xff\xff\xff1\x00")) },
			[]supervisor.Event{ready},
			"cannot follow the Gateway: frame too long: 2147483647 bytes"},
		{"a version that is too old", func(p *peer) { p.greeting(); p.frame("30\x00then\x00"); p.untilClosed() },
			[]supervisor.Event{aCode},
			"the API library refused the handshake: Unsupported version"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			srv := serve(t, tt.script)
			tr := open(t, "monitor-child", srv.port)
			why := tr.awaitEnd()
			if tt.why != "" {
				tr.wantEnd(tt.why)
			}
			if tt.events != nil {
				tr.want(tt.events...)
			}
			if tt.why == "" && !strings.HasPrefix(why, "the Gateway ") {
				t.Errorf("ended because %q", why)
			}
			if n := srv.connections(); n != 1 {
				t.Errorf("%d connections, want 1", n)
			}
			for text := range strings.Lines(childOutput(t, serve(t, tt.script).port)) {
				if parseLine([]byte(text)) == nil {
					t.Errorf("a line on the pipe that holds no event: %q", text)
				}
			}
		})
	}
}

// childOutput is what a child writes to its stdout until its session ends.
func childOutput(t *testing.T, port int) string {
	t.Helper()
	child := exec.Command(childExe, "monitor-child", "--port", fmt.Sprint(port), "--client-id", "13")
	if _, err := child.StdinPipe(); err != nil { // stays open: its end would end the session
		t.Fatal(err)
	}
	out, err := child.Output()
	if err != nil || len(out) == 0 {
		t.Errorf("the child wrote %q, %v", out, err)
	}
	return string(out)
}
