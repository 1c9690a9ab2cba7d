package status

import (
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"gatelight/supervisor"
	"gatelight/supervisor/history"
)

// serveHistory serves an event log with an entry of each age.
func serveHistory(t *testing.T, ages ...time.Duration) (socket, events string) {
	t.Helper()
	socket = path(t)
	events = filepath.Join(t.TempDir(), "events.jsonl")
	log := history.New(events, slog.New(slog.DiscardHandler))
	for i, age := range ages {
		log.Append(supervisor.Entry{At: supervisor.Now().Add(-age), Gateway: []string{"paper", "live"}[i%2], Kind: "notice",
			Text: age.String()})
	}
	serve(t, socket, newFake(connectedStatus("hello")), func(s *Server) { s.History(events) })
	return socket, events
}

// ask sends a request without a body as a script does, and returns what is
// answered.
func ask(t *testing.T, socket, method, path string) (code int, body string) {
	t.Helper()
	r, err := http.NewRequest(method, "http://gatelight"+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := script(t, socket).Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	b, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, string(b)
}

func TestHistoryRouteSendsTheEntries(t *testing.T) {
	socket, events := serveHistory(t, 72*time.Hour, 48*time.Hour, 2*time.Hour, time.Minute)
	get := func(query string) (int, string) {
		t.Helper()
		return ask(t, socket, "GET", "/v1/history"+query)
	}
	for query, want := range map[string]string{
		"":                        "2h0m0s 1m0s",
		"?since=7d":               "72h0m0s 48h0m0s 2h0m0s 1m0s",
		"?since=1h":               "1m0s",
		"?since=10s":              "",
		"?since=7d&gateway=paper": "72h0m0s 2h0m0s",
		"?gateway=other":          "",
	} {
		code, body := get(query)
		var texts []string
		for line := range strings.Lines(body) {
			var e supervisor.Entry
			if err := json.Unmarshal([]byte(line), &e); err != nil {
				t.Errorf("%s: %v in %q", query, err, line)
			}
			texts = append(texts, e.Text)
		}
		if got := strings.Join(texts, " "); code != 200 || got != want {
			t.Errorf("%s: %d, %q, want %q", query, code, got, want)
		}
	}
	if code, body := get("?since=yesterday"); code != 400 || !strings.Contains(body, "write 90m, 24h or 7d") {
		t.Errorf("%d %q", code, body)
	}
	if err := os.Remove(events); err != nil {
		t.Fatal(err)
	}
	if code, body := get(""); code != 200 || body != "" { // nothing was written yet
		t.Errorf("without a log: %d %q", code, body)
	}
	if err := os.Mkdir(events, 0o700); err != nil {
		t.Fatal(err)
	}
	if code, body := get(""); code != 500 || !strings.Contains(body, "cannot read the event log") {
		t.Errorf("with a log that cannot be read: %d %q", code, body)
	}
}
