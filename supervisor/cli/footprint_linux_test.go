package cli

import (
	"context"
	"fmt"
	"net"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"gatelight/supervisor"
	"gatelight/supervisor/settings"
	"gatelight/supervisor/sockets"
	"gatelight/supervisor/testkit"
)

// A countingReader counts the looks.
type countingReader struct {
	supervisor.SocketReader
	looks *atomic.Int64
	done  chan struct{} // closed at the 200th
}

func (c countingReader) Look(ctx context.Context, ports []int) (supervisor.Table, error) {
	t, err := c.SocketReader.Look(ctx, ports)
	if c.looks.Add(1) == 200 {
		close(c.done)
	}
	return t, err
}

// Promise 1, from outside: looking leaves no footprint on the port, and the
// monitor exactly one.
func TestLooksNeverConnectAndTheMonitorConnectsOnce(t *testing.T) {
	for _, c := range []struct {
		monitor bool
		want    []string
	}{
		{false, nil},
		{true, []string{"API\x00"}},
	} {
		t.Run(fmt.Sprintf("monitor=%v", c.monitor), func(t *testing.T) {
			api := listenAPI(t, silent)
			file, err := settings.Parse("test", fmt.Appendf(nil, "[[gateway]]\nport = %d\nmonitor = %v\n",
				api.Addr().(*net.TCPAddr).Port, c.monitor))
			if err != nil {
				t.Fatal(err)
			}
			reader := countingReader{sockets.New(), &atomic.Int64{}, make(chan struct{})}
			a := startTestService(t, file, reader, func(p *supervisor.Policy) {
				p.LookFast, p.LookSlow, p.SettleTime = 5*time.Millisecond, 5*time.Millisecond, 100*time.Millisecond
				p.HandshakeLate = testkit.Patience // it is not answered, which is not the point here
			})
			if a.Do(t.Context(), "", supervisor.Start) == nil {
				t.Error("started a second Gateway onto a port that is taken")
			}
			select {
			case <-reader.done:
			case <-time.After(testkit.Patience):
				t.Fatal("200 looks take too long")
			}
			// A connection that was made has been accepted by now: the port's own
			// backlog is empty in the newest look.
			if got := a.Latest().Gateways[0]; got.State != supervisor.Listening || got.Listener.Backlog != 0 {
				t.Errorf("%s: %s", got.State, got.Why)
			}
			var got []string
			for _, c := range api.calls() {
				got = append(got, c.first)
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("after 200 looks the port received %q, want %q", got, c.want)
			}
		})
	}
}
