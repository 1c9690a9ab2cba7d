package status

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"gatelight/supervisor"
	"gatelight/supervisor/testkit"
)

// script is an HTTP client as a script may use it: curl --unix-socket.
func script(t *testing.T, socket string) *http.Client {
	t.Helper()
	transport := &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "unix", socket)
	}}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport, Timeout: testkit.Patience}
}

func TestRoutesAnswerAndRefuse(t *testing.T) {
	busy := errors.New("a restart is under way already")
	for _, tt := range []struct {
		method, path string
		refuse       error
		code         int
		body         string // "": any
		asked        []string
	}{
		{"GET", "/livez", nil, 200, "ok\n", nil},
		{"GET", "/v1/status", nil, 200, "", nil},
		{"POST", "/v1/gateways/paper/start", nil, 200, "ok\n", []string{"start paper"}},
		{"POST", "/v1/gateways/paper/stop", nil, 200, "ok\n", []string{"stop paper"}},
		{"POST", "/v1/gateways/paper/restart", nil, 200, "ok\n", []string{"restart paper"}},
		{"POST", "/v1/gateways/paper/copy-config", nil, 200, "ok\n", []string{"copy-config paper"}},
		{"POST", "/v1/gateways/paper/clear-zombies", nil, 200, "ok\n", []string{"clear-zombies paper"}},
		{"POST", "/v1/gateways/paper/start", busy, 409, "a restart is under way already\n", []string{"start paper"}},

		{"POST", "/v1/gateways/paper/explode", nil, 404, "there is no action \"explode\"\n", nil},
		{"POST", "/v1/gateways/live/start", nil, 404, "no Gateway is named \"live\" in the settings; there is: paper\n", nil},
		{"GET", "/v1/gateways/paper/start", nil, 405, "", nil},
		{"POST", "/v1/status", nil, 405, "", nil},
		{"DELETE", "/v1/status", nil, 405, "", nil},
		{"GET", "/v2/status", nil, 404, "", nil},
	} {
		t.Run(tt.method+" "+tt.path, func(t *testing.T) {
			socket, s := path(t), newFake(connectedStatus("hello"))
			s.refuse = tt.refuse
			serve(t, socket, s)
			code, body := ask(t, socket, tt.method, tt.path)
			if code != tt.code || tt.body != "" && body != tt.body {
				t.Errorf("%d %q, want %d %q", code, body, tt.code, tt.body)
			}
			if diff := cmp.Diff(tt.asked, s.asked); diff != "" {
				t.Error("asked:", diff)
			}
		})
	}
}

func TestAnActionIsForTheGatewayThatIsNamed(t *testing.T) {
	two := connectedStatus("hello")
	second := two.Gateways[0]
	second.Name = "live"
	two.Gateways = append(two.Gateways, second)
	socket, s := path(t), newFake(two)
	serve(t, socket, s)
	ask(t, socket, "POST", "/v1/gateways/live/stop")
	if diff := cmp.Diff([]string{"stop live"}, s.asked); diff != "" {
		t.Error("asked:", diff)
	}
}

func TestStatusRouteSendsTheDocument(t *testing.T) {
	socket := path(t)
	serve(t, socket, newFake(connectedStatus("hello")))
	answer, err := script(t, socket).Get("http://gatelight/v1/status")
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if kind := answer.Header.Get("Content-Type"); kind != "application/json" {
		t.Error(kind)
	}
	var d Document
	if err := json.NewDecoder(answer.Body).Decode(&d); err != nil {
		t.Fatal(err)
	}
	if d.Schema != 1 || len(d.Gateways) != 1 || d.Gateways[0].State != supervisor.Connected || d.Gateways[0].Why != "hello" {
		t.Errorf("%+v", d)
	}
}

// events reads the server-sent events of a watch.
func events(t *testing.T, socket string) (next func() Document, hangUp func()) {
	t.Helper()
	c, err := net.Dial("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	c.SetDeadline(time.Now().Add(testkit.Patience))
	fmt.Fprint(c, "GET /v1/watch HTTP/1.0\r\n\r\n") // 1.0: without chunks
	r := bufio.NewReader(c)
	answer, err := http.ReadResponse(r, nil)
	if err != nil {
		t.Fatal(err)
	}
	if kind := answer.Header.Get("Content-Type"); kind != "text/event-stream" {
		t.Error(kind)
	}
	lines := bufio.NewReader(answer.Body)
	return func() (d Document) {
		t.Helper()
		if line, err := lines.ReadString('\n'); err != nil || !strings.HasPrefix(line, "id: ") {
			t.Fatalf("%q, %v", line, err)
		}
		line, err := lines.ReadString('\n')
		if err != nil {
			t.Fatal(err)
		}
		data, ok := strings.CutPrefix(line, "data: ")
		if err := json.Unmarshal([]byte(data), &d); err != nil || !ok {
			t.Fatalf("%q: %v", line, err)
		}
		if line, err := lines.ReadString('\n'); line != "\n" {
			t.Fatalf("after the event: %q, %v", line, err)
		}
		return d
	}, func() { c.Close() }
}

func TestWatchSendsTheStateAndEachChange(t *testing.T) {
	socket, s := path(t), newFake(connectedStatus("0"))
	serve(t, socket, s)
	next, _ := events(t, socket)
	for i := range 5 {
		if d := next(); d.Gateways[0].Why != fmt.Sprint(i) {
			t.Fatalf("event %d says %q", i, d.Gateways[0].Why)
		}
		s.show(connectedStatus(fmt.Sprint(i + 1)))
	}
}

func TestASlowReaderSkipsButGetsTheLast(t *testing.T) {
	// All are shown long before writeTimeout, also on a busy machine.
	const changes = 30
	socket, s := path(t), newFake(connectedStatus("first"))
	serve(t, socket, s)
	next, _ := events(t, socket)
	next()
	// This is more than the socket's buffers hold, and nothing is read.
	padding := strings.Repeat(".", 64<<10)
	for i := range changes {
		s.show(connectedStatus(fmt.Sprint(i, padding)))
	}
	s.show(connectedStatus("last"))
	n := 0
	for next().Gateways[0].Why != "last" {
		n++
	}
	if n >= changes {
		t.Errorf("%d changes were queued up", n)
	}
}

func TestAWatchEndsWhenItsReaderHangsUp(t *testing.T) {
	socket, s := path(t), newFake(connectedStatus("0"))
	closeServer := serve(t, socket, s)
	next, hangUp := events(t, socket)
	next()
	hangUp()
	closeServer() // goleak finds what is left
}

func TestASecondGatelightIsRefused(t *testing.T) {
	socket := path(t)
	closeServer := serve(t, socket, newFake(connectedStatus("the first")))
	if _, err := listen(socket, newFake(connectedStatus("the second"))); !errors.Is(err, ErrRunning) {
		t.Fatalf("the second: %v", err)
	}
	// The first still answers.
	if w := dial(t, socket).Latest(); w.Gateways[0].Why != "the first" {
		t.Errorf("%q answers", w.Gateways[0].Why)
	}
	closeServer()
	serve(t, socket, newFake(connectedStatus("the third")))
	if w := dial(t, socket).Latest(); w.Gateways[0].Why != "the third" {
		t.Errorf("%q answers", w.Gateways[0].Why)
	}
}

// A crash leaves the file of the socket, and nobody listens.
func TestTheSocketOfACrashIsReplaced(t *testing.T) {
	socket := path(t)
	if err := os.Mkdir(filepath.Dir(socket), 0o700); err != nil {
		t.Fatal(err)
	}
	dead, err := net.ListenUnix("unix", &net.UnixAddr{Name: socket, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	dead.SetUnlinkOnClose(false)
	dead.Close()
	if _, err := os.Lstat(socket); err != nil {
		t.Fatalf("there is nothing to replace: %v", err)
	}
	if _, err := Dial(t.Context(), pathsOf(socket)); err == nil {
		t.Fatal("a dead socket answers")
	}
	serve(t, socket, newFake(connectedStatus("alive")))
	if w := dial(t, socket).Latest(); w.Gateways[0].Why != "alive" {
		t.Errorf("%q answers", w.Gateways[0].Why)
	}
}

func TestCloseLeavesNothingBehind(t *testing.T) {
	for _, tt := range []struct {
		name      string
		meanwhile func(t *testing.T, socket string, s *fakeSupervisor)
	}{
		{"without a client", func(*testing.T, string, *fakeSupervisor) {}},
		{"a watch is open", func(t *testing.T, socket string, _ *fakeSupervisor) {
			next, _ := events(t, socket)
			next()
		}},
		{"a reader has stopped reading", func(t *testing.T, socket string, s *fakeSupervisor) {
			next, _ := events(t, socket)
			next()
			s.show(connectedStatus(strings.Repeat(".", 8<<20)))
		}},
		{"a Remote is connected", func(t *testing.T, socket string, _ *fakeSupervisor) {
			awaitStatus(t, dial(t, socket).Watch(t.Context()), "a first Status", func(supervisor.Snapshot) bool { return true })
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			socket, s := path(t), newFake(connectedStatus("hello"))
			closeServer := serve(t, socket, s)
			tt.meanwhile(t, socket, s)
			began := time.Now()
			closeServer()
			if took := time.Since(began); took >= writeTimeout {
				t.Errorf("Close took %v", took)
			}
			free(t, socket)
		})
	}
}

// The caller of Listen may fail before it calls Serve.
func TestAServerThatNeverServedCanBeClosed(t *testing.T) {
	socket := path(t)
	server, err := listen(socket, newFake(connectedStatus("hello")))
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Close(); err != nil {
		t.Error(err)
	}
	free(t, socket)
	if err := server.Serve(); err != nil {
		t.Errorf("Serve after Close: %v", err)
	}
}

// free checks that the socket is gone, and that the next Gatelight gets the
// lock.
func free(t *testing.T, socket string) {
	t.Helper()
	if _, err := os.Lstat(socket); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the socket is still there: %v", err)
	}
	next, err := listen(socket, newFake(connectedStatus("the next")))
	if err != nil {
		t.Fatalf("the next Gatelight: %v", err)
	}
	next.Close()
}

func TestAPathTooLongForASocketHasAHint(t *testing.T) {
	socket := filepath.Join(filepath.Dir(path(t)), strings.Repeat("x", 120), "control.sock")
	_, err := listen(socket, newFake(connectedStatus("hello")))
	hint := fmt.Sprintf("(a path of %d bytes; set GATELIGHT_RUNTIME_DIR to a shorter one)", len(socket))
	if err == nil || !strings.HasPrefix(err.Error(), "cannot open the control socket: ") || !strings.HasSuffix(err.Error(), hint) {
		t.Error(err)
	}
}
