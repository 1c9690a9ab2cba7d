package cli

import (
	"bytes"
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"gatelight/supervisor"
)

// A transcript is what a program prints, with somebody reading along.
type transcript struct {
	mu   sync.Mutex
	text bytes.Buffer
	line func(string) // called for each complete line
}

func (t *transcript) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text.Write(b)
	for {
		line, err := t.text.ReadString('\n')
		if err != nil {
			t.text.WriteString(line)
			return len(b), nil
		}
		t.line(line)
	}
}

// The tour, as `make run` shows it: connected within 10 s, and every state
// within two minutes, each of them made by real processes and sockets.
func TestTheTourComesByEveryState(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	unseen := map[string]bool{
		"not running": true, "starting": true, "waiting for two-factor approval": true, "open, API not proven": true,
		"connected": true, "cut off from IBKR": true, "blocked by zombies": true, "restarting": true, "down": true, "unknown": true,
	}
	began, connected := time.Now(), time.Duration(0)
	var lines []string
	out := &transcript{line: func(line string) {
		lines = append(lines, line)
		_, rest, ok := strings.Cut(line, "Simulated Gateway demo: ")
		title, _, _ := strings.Cut(rest, ".")
		if !ok {
			return
		}
		delete(unseen, title)
		if title == "connected" && connected == 0 {
			connected = time.Since(began)
		}
		if len(unseen) == 0 {
			cancel()
		}
	}}
	face := Face{Text: func(supervisor.Status, time.Time, bool) string { return "" }}
	code := run([]string{"demo", "--headless"}, env{ctx: ctx, stdout: out, stderr: out, face: face})
	t.Logf("connected after %v, every state after %v\n%s", connected, time.Since(began), strings.Join(lines, ""))
	if code != 0 || len(unseen) > 0 {
		t.Errorf("exit status %d, never seen: %v", code, unseen)
	}
	if connected == 0 || connected > 10*time.Second {
		t.Errorf("connected after %v, want 10 s at most", connected)
	}
}
