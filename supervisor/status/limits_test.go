package status

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"gatelight/supervisor"
)

// A pipeListener accepts the connections of a test, in its own time.
type pipeListener struct {
	conns chan net.Conn
	ended chan struct{}
}

func (l pipeListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.ended:
		return nil, net.ErrClosed
	}
}

func (l pipeListener) Close() error   { close(l.ended); return nil }
func (l pipeListener) Addr() net.Addr { return &net.UnixAddr{} }

// withLimits serves a supervisor within its limits, in simulated time.
func withLimits(t *testing.T, s supervisor.Supervisor, test func(t *testing.T, connect func() net.Conn)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		l := pipeListener{make(chan net.Conn), make(chan struct{})}
		server := newHTTP(ctx, handler(s))
		served := make(chan error, 1)
		go func() { served <- server.Serve(&limitedListener{Listener: l}) }()
		test(t, func() net.Conn {
			ours, theirs := net.Pipe()
			l.conns <- theirs
			return ours
		})
		cancel()
		server.Close()
		if err := <-served; err != http.ErrServerClosed {
			t.Error(err)
		}
	})
}

// A client that sends slowly, or nothing, loses its connection.
func TestAClientThatNeverEndsItsRequestIsGivenUp(t *testing.T) {
	const post = "POST /v1/gateways/paper/stop HTTP/1.1\r\nHost: gatelight\r\n"
	for name, tt := range map[string]struct {
		begin, drip string
		within      time.Duration
		answer      string
	}{
		"it sends nothing":                        {"", "", requestTimeout, ""},
		"it sends a header letter by letter":      {"GET /v1/status HTTP/1.1\r\nX: ", "x", requestTimeout, ""},
		"it sends header after header":            {"GET /v1/status HTTP/1.1\r\n", "X: y\r\n", requestTimeout, ""},
		"it promises a body":                      {post + "Content-Length: 10\r\n\r\n", "", requestTimeout, "408 Request Timeout"},
		"it sends a body letter by letter":        {post + "Content-Length: 1000\r\n\r\n", "x", requestTimeout, "408 Request Timeout"},
		"it sends chunks":                         {post + "Transfer-Encoding: chunked\r\n\r\n", "1\r\nx\r\n", requestTimeout, "408 Request Timeout"},
		"it sends a body to what takes none":      {"GET /livez HTTP/1.1\r\nHost: gatelight\r\nContent-Length: 10\r\n\r\n", "", requestTimeout, "408 Request Timeout"},
		"it sends a body to a route that is none": {"POST /x HTTP/1.1\r\nHost: gatelight\r\nContent-Length: 10\r\n\r\n", "", requestTimeout, "408 Request Timeout"},
		"it promises a body that is too long":     {post + "Content-Length: 5000\r\n\r\n" + strings.Repeat("x", 5000), "", requestTimeout, "413 Request Entity Too Large"},
		"it asks and then says nothing more":      {"GET /livez HTTP/1.1\r\nHost: gatelight\r\n\r\n", "", requestTimeout + idleTimeout, "200 OK"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newFake(connectedStatus("hello"))
			withLimits(t, s, func(t *testing.T, connect func() net.Conn) {
				c, began := connect(), time.Now()
				ended := make(chan struct{})
				go func() {
					defer close(ended)
					for text := tt.begin; ; text = tt.drip {
						if _, err := io.WriteString(c, text); err != nil || time.Since(began) > time.Hour {
							return
						}
						time.Sleep(time.Second)
					}
				}()
				answer, _ := io.ReadAll(c)
				if took := time.Since(began); took > tt.within+time.Second || !strings.Contains(string(answer), tt.answer) {
					t.Errorf("%q after %v", answer, took)
				}
				c.Close()
				<-ended
			})
			if len(s.asked) > 0 {
				t.Errorf("asked: %v", s.asked)
			}
		})
	}
}

// slowActions are those of a Gateway that takes its time.
type slowActions struct{ *fakeSupervisor }

func (slowActions) Do(ctx context.Context, _ string, _ supervisor.Action) error {
	select {
	case <-time.After(10 * time.Minute):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func TestALongActionIsAnswered(t *testing.T) {
	withLimits(t, slowActions{newFake(connectedStatus("hello"))}, func(t *testing.T, connect func() net.Conn) {
		c := connect()
		defer c.Close()
		io.WriteString(c, "POST /v1/gateways/paper/start HTTP/1.1\r\nHost: gatelight\r\nContent-Length: 2\r\n\r\n{}")
		if answer, err := http.ReadResponse(bufio.NewReader(c), nil); err != nil || answer.StatusCode != http.StatusOK {
			t.Errorf("%v, %v", answer, err)
		}
	})
}

func TestAWatchLastsForHours(t *testing.T) {
	s := newFake(connectedStatus("first"))
	withLimits(t, s, func(t *testing.T, connect func() net.Conn) {
		c := connect()
		defer c.Close()
		io.WriteString(c, "GET /v1/watch HTTP/1.1\r\nHost: gatelight\r\n\r\n")
		lines := bufio.NewScanner(c)
		for _, why := range []string{"first", "second", "third"} {
			s.show(connectedStatus(why))
			for lines.Scan() && !strings.Contains(lines.Text(), why) {
			}
			if lines.Err() != nil || !strings.Contains(lines.Text(), why) {
				t.Fatalf("%q, %v; want %s", lines.Text(), lines.Err(), why)
			}
			for began := time.Now(); time.Since(began) < time.Hour && lines.Scan(); {
			} // comments
		}
	})
}

func TestAReaderThatDoesNotReadIsGivenUp(t *testing.T) {
	for _, path := range []string{"/v1/status", "/v1/watch", "/livez", "/none"} {
		t.Run(path, func(t *testing.T) {
			withLimits(t, newFake(connectedStatus("hello")), func(t *testing.T, connect func() net.Conn) {
				c := connect()
				defer c.Close()
				io.WriteString(c, "GET "+path+" HTTP/1.1\r\nHost: gatelight\r\n\r\n")
				time.Sleep(2 * writeTimeout)
				synctest.Wait()
				if _, err := io.WriteString(c, "x"); err == nil {
					t.Error("the connection is open still")
				}
			})
		})
	}
}

func TestTooManyConnectionsAreClosedAtOnce(t *testing.T) {
	withLimits(t, newFake(connectedStatus("hello")), func(t *testing.T, connect func() net.Conn) {
		ask := func(c net.Conn) error {
			if _, err := io.WriteString(c, "GET /livez HTTP/1.1\r\nHost: gatelight\r\n\r\n"); err != nil {
				return err
			}
			_, err := http.ReadResponse(bufio.NewReader(c), nil)
			return err
		}
		var open []net.Conn
		for range maxConnections {
			open = append(open, connect())
		}
		if err := ask(connect()); err == nil {
			t.Error("one more was answered")
		}
		if err := ask(open[maxConnections-1]); err != nil {
			t.Errorf("the last one: %v", err)
		}
		open[0].Close()
		synctest.Wait()
		c := connect()
		if err := ask(c); err != nil {
			t.Errorf("one that takes the place of another: %v", err)
		}
		for _, c := range append(open, c) {
			c.Close()
		}
	})
}
