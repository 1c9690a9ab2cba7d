package status

import (
	"bufio"
	"fmt"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"gatelight/supervisor"
)

// watchFrom opens a watch with that Last-Event-ID, "" for none. It returns what
// reads its lines, without chunks.
func watchFrom(t *testing.T, c net.Conn, id string) *bufio.Scanner {
	t.Helper()
	t.Cleanup(func() { c.Close() })
	if id != "" {
		id = "Last-Event-ID: " + id + "\r\n"
	}
	go fmt.Fprintf(c, "GET /v1/watch HTTP/1.0\r\n%s\r\n", id)
	lines := bufio.NewScanner(c)
	for lines.Buffer(nil, maxDocument); lines.Scan(); {
		if lines.Text() == "" {
			return lines // the header ends
		}
	}
	t.Fatal(lines.Err())
	return nil
}

// nextLine is the next line that is not empty.
func nextLine(t *testing.T, lines *bufio.Scanner) string {
	t.Helper()
	for lines.Scan() {
		if text := lines.Text(); text != "" {
			return text
		}
	}
	t.Fatal("the watch has ended: ", lines.Err())
	return ""
}

func TestAWatchIsNeverSilentForLong(t *testing.T) {
	withLimits(t, newFake(connectedStatus("hello")), func(t *testing.T, connect func() net.Conn) {
		lines := watchFrom(t, connect(), "")
		nextLine(t, lines)
		nextLine(t, lines)
		began := time.Now()
		for range 3 {
			if line := nextLine(t, lines); line != ": still here" {
				t.Errorf("%q", line)
			}
		}
		if passed := time.Since(began); passed > 3*heartbeatInterval+time.Second {
			t.Errorf("after %v", passed)
		}
	})
}

func TestWhoKnowsTheNewestDocumentGetsTheNextOne(t *testing.T) {
	s := newFake(supervisor.Status{})
	withLimits(t, s, func(t *testing.T, connect func() net.Conn) {
		s.show(connectedStatus("hello"))
		first := watchFrom(t, connect(), "")
		id, ok := strings.CutPrefix(nextLine(t, first), "id: ")
		if data := nextLine(t, first); !ok || !strings.Contains(data, `"why":"hello"`) {
			t.Fatalf("%q %q", id, data)
		}
		again := watchFrom(t, connect(), id)
		if line := nextLine(t, again); line != ": nothing new" {
			t.Errorf("%q", line)
		}
		synctest.Wait()
		s.show(connectedStatus("good bye"))
		for _, lines := range []*bufio.Scanner{first, again} {
			next, data := nextLine(t, lines), nextLine(t, lines)
			if next == "id: "+id || !strings.Contains(data, `"why":"good bye"`) {
				t.Errorf("%q %q", next, data)
			}
		}
		other := watchFrom(t, connect(), "1-1") // of a Gatelight that has ended
		if line := nextLine(t, other); !strings.HasPrefix(line, "id: ") {
			t.Errorf("%q", line)
		}
	})
}

func TestReadyIsWhoCanSeeTheGateways(t *testing.T) {
	blind := connectedStatus("The socket table cannot be read")
	blind.Gateways[0].State, blind.Gateways[0].LookFresh = supervisor.Unknown, false
	seeing := connectedStatus("Nobody listens")
	seeing.Gateways[0].State, seeing.Gateways[0].LookFresh = supervisor.Down, true // it is seen to be down
	for _, tt := range []struct {
		status supervisor.Status
		code   int
		body   string
	}{
		{seeing, 200, "ok\n"},
		{blind, 503, "paper: The socket table cannot be read\n"},
		{notLookedStatus(), 503, "paper: "},
	} {
		socket := path(t)
		closeServer := serve(t, socket, newFake(tt.status))
		if code, body := ask(t, socket, "GET", "/readyz"); code != tt.code || !strings.HasPrefix(body, tt.body) {
			t.Errorf("%d %q, want %d %q", code, body, tt.code, tt.body)
		}
		closeServer()
	}
}
