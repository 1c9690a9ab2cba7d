package cli

import (
	"bytes"
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"gatelight/supervisor"
	"gatelight/supervisor/testkit"
)

// A lineWriter calls line for each complete line that is written to it.
type lineWriter struct {
	mu   sync.Mutex
	text bytes.Buffer
	line func(string)
}

func (w *lineWriter) Write(b []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.text.Write(b)
	for {
		line, err := w.text.ReadString('\n')
		if err != nil {
			w.text.WriteString(line)
			return len(b), nil
		}
		w.line(line)
	}
}

// runDemo runs the demo's tour, and calls shown with the title of every state
// that it shows, until shown returns false.
func runDemo(t *testing.T, limit time.Duration, times times, shown func(title string) bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	var lines []string
	out := &lineWriter{line: func(line string) {
		lines = append(lines, line)
		if headline, _, ok := strings.Cut(line, ": demo (simulated)"); ok {
			_, title, _ := strings.Cut(headline, "  ") // after the time
			if !shown(title) {
				cancel()
			}
		}
	}}
	if code := run([]string{"demo", "--headless"}, env{ctx: ctx, stdout: out, stderr: out, times: times}); code != 0 {
		t.Errorf("exit status %d", code)
	}
	t.Log(strings.Join(lines, ""))
}

// In the product's times, as `make run` shows it.
func TestDemoConnectsWithinTenSeconds(t *testing.T) {
	t.Parallel()
	var connected time.Duration
	for range 3 { // on a busy machine it can take longer
		began := time.Now()
		connected = 0
		runDemo(t, testkit.Patience, times{}, func(title string) bool {
			if title == "Connected" {
				connected = time.Since(began)
			}
			return connected == 0
		})
		if connected != 0 && connected <= 10*time.Second {
			return
		}
	}
	t.Errorf("connected after %v, want 10 s at most", connected)
}

// Every state is shown within two minutes, and each is made by real processes and
// sockets. Here everything is five times as fast.
func TestDemoTourShowsEveryState(t *testing.T) {
	t.Parallel()
	takes := time.Duration(0)
	for _, s := range scenarios["tour"] {
		takes += s.after
	}
	if takes > 2*time.Minute {
		t.Errorf("the tour takes %v", takes)
	}
	notShown := map[string]bool{}
	for _, title := range []string{"Not running", "Starting", "Approve login", "Open, API not proven", "Connected", "Cut off from IBKR",
		"API blocked", "Restarting", "Down", "Unknown", "Not responding", "Waiting for you"} {
		notShown[title] = true
	}
	const speed = 5
	faster := func(p *supervisor.Policy) {
		for _, d := range []*time.Duration{&p.LookFast, &p.LookSlow, &p.ZombieAfter, &p.StaleAfter, &p.Heartbeat, &p.HeartbeatLate,
			&p.HandshakeLate, &p.SettleTime, &p.FlapAfter, &p.SessionRetry[0], &p.SessionRetry[1], &p.SessionRetry[2]} {
			*d /= speed
		}
	}
	runDemo(t, 2*time.Minute, times{demoSpeed: speed, tune: faster}, func(title string) bool {
		delete(notShown, title)
		return len(notShown) > 0
	})
	if len(notShown) > 0 {
		t.Errorf("never shown: %v", notShown)
	}
}
