package cli

import (
	"bufio"
	"encoding/binary"
	"io"
	"net"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"gatelight/supervisor"
	"gatelight/supervisor/settings"
)

// An apiPort is the API port as a Gateway sees it: it notes who connects, when,
// and what they say.
type apiPort struct {
	net.Listener
	script func(c *caller)

	mu      sync.Mutex
	callers []*caller
	wg      sync.WaitGroup
}

// A caller is one connection to it.
type caller struct {
	net.Conn
	r    *bufio.Reader
	port *apiPort
	call // under the port's lock
}

// A call is what is known of one.
type call struct {
	at     time.Time // of the accept
	first  string    // the first four bytes
	frames []string  // then, without their lengths
}

// listenAPI opens one and runs the script on every connection that says
// anything, then hangs up.
func listenAPI(t *testing.T, script func(c *caller)) *apiPort {
	t.Helper()
	l, err := net.Listen("tcp", ":0")
	if err != nil {
		t.Fatal(err)
	}
	a := &apiPort{Listener: l, script: script}
	a.serve()
	t.Cleanup(func() { a.Close(); a.wg.Wait() })
	return a
}

func (a *apiPort) serve() {
	l := a.Listener // another one takes its place when it is opened again
	a.wg.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			c := &caller{Conn: conn, r: bufio.NewReader(conn), port: a, call: call{at: time.Now()}}
			a.mu.Lock()
			a.callers = append(a.callers, c)
			a.mu.Unlock()
			a.wg.Go(func() { defer conn.Close(); c.hear() })
		}
	})
}

func (c *caller) hear() {
	said := make([]byte, 4)
	n, _ := io.ReadFull(c.r, said)
	c.port.mu.Lock()
	c.first = string(said[:n])
	c.port.mu.Unlock()
	c.port.script(c)
}

// next reads a frame and notes it.
func (c *caller) next() (string, error) {
	var n uint32
	if err := binary.Read(c.r, binary.BigEndian, &n); err != nil {
		return "", err
	}
	body := make([]byte, n)
	if _, err := io.ReadFull(c.r, body); err != nil {
		return "", err
	}
	c.port.mu.Lock()
	defer c.port.mu.Unlock()
	c.frames = append(c.frames, string(body))
	return string(body), nil
}

func (c *caller) say(bodies ...string) {
	for _, body := range bodies {
		c.Write(append(binary.BigEndian.AppendUint32(nil, uint32(len(body))), body...))
	}
}

// heard are the calls so far, in order.
func (a *apiPort) heard() []call {
	a.mu.Lock()
	defer a.mu.Unlock()
	var calls []call
	for _, c := range a.callers {
		calls = append(calls, c.call)
	}
	return calls
}

// silent never answers, and hangs up when the other side does.
func silent(c *caller) { io.Copy(io.Discard, c.r) }

// supervise is the whole program but its face, on settings of its own.
func supervise(t *testing.T, file settings.File, eyes supervisor.SocketReader, tune func(*supervisor.Policy)) *app {
	t.Helper()
	dir, err := os.MkdirTemp("", "gl-") // short enough for a socket
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	a, err := open(t.Context(), build{
		file:  file,
		paths: settings.Paths{State: filepath.Join(dir, "state"), Runtime: filepath.Join(dir, "run")},
		eyes:  eyes,
		tune:  tune,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(a.close)
	return a
}
