package cli

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"gatelight/supervisor"
	"gatelight/supervisor/settings"
	"gatelight/supervisor/sockets"
)

// An apiPort is the API port as a Gateway sees it: it counts who connects and
// keeps what they say first.
type apiPort struct {
	net.Listener
	mu       sync.Mutex
	accepted int
	first    []string
	wg       sync.WaitGroup
}

func listenAPI(t *testing.T) *apiPort {
	l, err := net.Listen("tcp", ":0")
	if err != nil {
		t.Fatal(err)
	}
	a := &apiPort{Listener: l}
	a.wg.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			a.mu.Lock()
			a.accepted++
			a.mu.Unlock()
			a.wg.Go(func() { a.hear(conn) })
		}
	})
	t.Cleanup(func() { l.Close(); a.wg.Wait() })
	return a
}

// hear never answers, and hangs up when the other side does.
func (a *apiPort) hear(conn net.Conn) {
	defer conn.Close()
	said := make([]byte, 4)
	io.ReadFull(conn, said)
	a.mu.Lock()
	a.first = append(a.first, string(said))
	a.mu.Unlock()
	io.Copy(io.Discard, conn)
}

func (a *apiPort) heard() (connections int, first []string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.accepted, slices.Clone(a.first)
}

// countingEyes count the looks.
type countingEyes struct {
	supervisor.Eyes
	looks *atomic.Int64
	done  chan struct{} // closed at the 200th
}

func (c countingEyes) Look(ctx context.Context, ports []int) (supervisor.Table, error) {
	t, err := c.Eyes.Look(ctx, ports)
	if c.looks.Add(1) == 200 {
		close(c.done)
	}
	return t, err
}

// Promise 1, from outside: looking leaves no footprint on the port, and the
// monitor exactly one.
func TestNoFootprintOnThePort(t *testing.T) {
	for _, c := range []struct {
		monitor bool
		want    []string
	}{
		{false, nil},
		{true, []string{"API\x00"}},
	} {
		t.Run(fmt.Sprintf("monitor=%v", c.monitor), func(t *testing.T) {
			api := listenAPI(t)
			file, err := settings.Parse("test", fmt.Appendf(nil, "[[gateway]]\nport = %d\nmonitor = %v\n",
				api.Addr().(*net.TCPAddr).Port, c.monitor))
			if err != nil {
				t.Fatal(err)
			}
			dir, err := os.MkdirTemp("", "gl-")
			if err != nil {
				t.Fatal(err)
			}
			defer os.RemoveAll(dir)
			eyes := countingEyes{sockets.New(), &atomic.Int64{}, make(chan struct{})}
			a, err := open(t.Context(), build{
				file:  file,
				paths: settings.Paths{State: filepath.Join(dir, "state"), Runtime: filepath.Join(dir, "run")},
				eyes:  eyes,
				tune:  func(p *supervisor.Policy) { p.LookSoon, p.Settle = 5*time.Millisecond, 100*time.Millisecond },
			})
			if err != nil {
				t.Fatal(err)
			}
			defer a.close()
			if a.engine.Do(t.Context(), "", supervisor.Start) == nil {
				t.Error("started a second Gateway onto a port that is taken")
			}
			select {
			case <-eyes.done:
			case <-time.After(20 * time.Second):
				t.Fatal("200 looks take for ever")
			}
			// A connection that was made has been accepted by now: the port's own
			// backlog is empty in the newest look.
			if got := a.engine.Latest().Gateways[0]; got.State != supervisor.Listening || got.Listener.Backlog != 0 {
				t.Errorf("%s: %s", got.State, got.Why)
			}
			if n, got := api.heard(); n != len(c.want) || !slices.Equal(got, c.want) {
				t.Errorf("after 200 looks the port has seen %d connections and heard %q, want %q", n, got, c.want)
			}
		})
	}
}
