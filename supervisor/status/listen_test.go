package status

import (
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"

	"gatelight/supervisor/testkit"
)

// listenTCP serves a supervisor over TCP, too, and returns the address.
func listenTCP(t *testing.T, s *fakeSupervisor) (address string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address = l.Addr().String()
	l.Close()
	serve(t, path(t), s, func(server *Server) { server.ListenTCP(address) })
	testkit.Eventually(t, "it listens", func() bool {
		c, err := net.Dial("tcp", address)
		if err == nil {
			c.Close()
		}
		return err == nil
	})
	return address
}

// request sends a request with these headers, and returns what is answered.
func request(t *testing.T, method, address, path string, header map[string]string) (code int, body string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, "http://"+address+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range header {
		if name == "Host" {
			r.Host = value
		}
		r.Header.Set(name, value)
	}
	transport := &http.Transport{DisableKeepAlives: true}
	answer, err := (&http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}).Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	b, err := io.ReadAll(io.LimitReader(answer.Body, 1<<20))
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, string(b)
}

func TestWhatIsServedOverTCPCanOnlyBeRead(t *testing.T) {
	s := newFake(connectedStatus("hello"))
	address := listenTCP(t, s)
	for _, path := range []string{"/v1/status", "/metrics", "/livez"} {
		if code, body := request(t, "GET", address, path, nil); code != 200 || body == "" {
			t.Errorf("%s: %d %q", path, code, body)
		}
	}
	const act = "/v1/gateways/paper/stop"
	for name, c := range map[string]struct {
		method, path string
		header       map[string]string
	}{
		"an action":                     {"POST", act, nil},
		"an action by another method":   {"PUT", act, nil},
		"by GET":                        {"GET", act, nil},
		"an override":                   {"GET", act, map[string]string{"X-HTTP-Method-Override": "POST"}},
		"a path with dots":              {"POST", "/v1/status/../gateways/paper/stop", nil},
		"a path with escapes":           {"POST", "/v1/status%2f..%2fgateways/paper/stop", nil},
		"a path with two slashes":       {"POST", "//v1/gateways/paper/stop", nil},
		"what is in no route":           {"GET", "/v1/gateways", nil},
		"a file":                        {"GET", "/../../etc/passwd", nil},
		"a head without a body":         {"HEAD", "/v1/watch", nil},
		"an action with another's Host": {"POST", act, map[string]string{"Host": "localhost"}},
	} {
		if code, body := request(t, c.method, address, c.path, c.header); code == 200 || strings.Contains(body, "root:") {
			t.Errorf("%s: %d %q", name, code, body)
		}
	}
	if len(s.asked) > 0 {
		t.Errorf("asked: %q", s.asked)
	}
}

// A web page can have the browser send requests to this machine: from its own
// site, or under a name of its own that leads here (DNS rebinding).
func TestNoWebPageReadsTheStatus(t *testing.T) {
	address := listenTCP(t, newFake(connectedStatus("hello")))
	machine, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(address)
	for name, c := range map[string]struct {
		header map[string]string
		code   int
	}{
		"a program":                    {nil, 200},
		"by localhost":                 {map[string]string{"Host": "localhost:" + port}, 200},
		"by the machine's name":        {map[string]string{"Host": machine}, 200},
		"by an address of IPv6":        {map[string]string{"Host": "[::1]:" + port}, 200},
		"a page of ours":               {map[string]string{"Origin": "http://" + address, "Sec-Fetch-Site": "same-origin"}, 200},
		"typed into the browser":       {map[string]string{"Sec-Fetch-Site": "none"}, 200},
		"DNS rebinding":                {map[string]string{"Host": "evil.example:" + port}, 421},
		"a name that looks like one":   {map[string]string{"Host": "127.0.0.1.evil.example"}, 421},
		"a name with localhost in it":  {map[string]string{"Host": "localhost.evil.example"}, 421},
		"another site":                 {map[string]string{"Origin": "https://evil.example"}, 403},
		"a page without an origin":     {map[string]string{"Origin": "null"}, 403},
		"an image on another site":     {map[string]string{"Sec-Fetch-Site": "cross-site"}, 403},
		"another port of this machine": {map[string]string{"Origin": "http://localhost:1", "Sec-Fetch-Site": "same-site"}, 403},
	} {
		if code, body := request(t, "GET", address, "/v1/status", c.header); code != c.code || code != 200 && strings.Contains(body, "paper") {
			t.Errorf("%s: %d, want %d: %q", name, code, c.code, body)
		}
	}
}

// Supervision does not depend on the address, and is not ended by its end.
func TestATakenAddressKeepsNobodyFromSupervising(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	socket := path(t)
	serve(t, socket, newFake(connectedStatus("hello")), func(server *Server) { server.ListenTCP(l.Addr().String()) })
	if code, _ := ask(t, socket, "GET", "/v1/status"); code != 200 {
		t.Error(code)
	}
}
