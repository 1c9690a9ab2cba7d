package cli

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"gatelight/supervisor"
	"gatelight/supervisor/settings"
	"gatelight/supervisor/testkit"
)

// A fakeAPIPort is an API port that records who connects, when, and what they
// send.
type fakeAPIPort struct {
	net.Listener
	script func(c *caller)

	mu      sync.Mutex
	callers []*caller
	wg      sync.WaitGroup
}

// A caller is one connection to it, on the side of the port.
type caller struct {
	net.Conn
	r    *bufio.Reader
	port *fakeAPIPort
	call // under the port's lock
}

// A call is what was recorded of a connection.
type call struct {
	at     time.Time // of the accept
	first  string    // the first four bytes
	frames []string  // then, without their lengths
}

// listenAPI opens a fake API port. It runs script on every connection that sends
// anything, and closes the connection afterwards.
func listenAPI(t *testing.T, script func(c *caller)) *fakeAPIPort {
	t.Helper()
	l, err := net.Listen("tcp", fmt.Sprint(":", testkit.Port(t)))
	if err != nil {
		t.Fatal(err)
	}
	a := &fakeAPIPort{Listener: l, script: script}
	a.serve()
	t.Cleanup(func() { a.Close(); a.wg.Wait() })
	return a
}

func (a *fakeAPIPort) serve() {
	l := a.Listener // opened again, the port has another one
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
			a.wg.Go(func() { defer conn.Close(); c.serve() })
		}
	})
}

func (c *caller) serve() {
	first := make([]byte, 4)
	n, _ := io.ReadFull(c.r, first)
	c.port.mu.Lock()
	c.first = string(first[:n])
	c.port.mu.Unlock()
	c.port.script(c)
}

// next reads a frame and records it.
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

func (c *caller) send(bodies ...string) {
	for _, body := range bodies {
		c.Write(append(binary.BigEndian.AppendUint32(nil, uint32(len(body))), body...))
	}
}

// calls are the connections so far, in order.
func (a *fakeAPIPort) calls() []call {
	a.mu.Lock()
	defer a.mu.Unlock()
	var all []call
	for _, c := range a.callers {
		all = append(all, c.call)
	}
	return all
}

// silent never answers, and closes the connection when the other side does.
func silent(c *caller) { io.Copy(io.Discard, c.r) }

// startTestService starts a service with folders of its own.
func startTestService(t *testing.T, file settings.File, sockets supervisor.SocketReader, tune func(*supervisor.Policy)) *service {
	t.Helper()
	testkit.Slot(t)
	dir := testkit.ShortDir(t)
	s, err := startService(t.Context(), serviceOptions{
		settings: file,
		paths:    settings.Paths{State: filepath.Join(dir, "state"), Runtime: filepath.Join(dir, "run")},
		sockets:  sockets,
		times:    times{tune: tune},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.close)
	return s
}
