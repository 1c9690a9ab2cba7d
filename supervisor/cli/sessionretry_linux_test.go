package cli

import (
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"gatelight/supervisor"
	"gatelight/supervisor/settings"
	"gatelight/supervisor/sockets"
	"gatelight/supervisor/testkit"
)

// These tests are about how seldom the monitor connects, as the server sees it at
// accept. The pauses are the product's, divided by a hundred. The supervisor's own
// tests assert the product's, on a simulated clock.

var shortRetry = []time.Duration{50 * time.Millisecond, 150 * time.Millisecond, 600 * time.Millisecond, 3 * time.Second}

const shortSettle = 400 * time.Millisecond

func shortTimes(p *supervisor.Policy) {
	p.SessionRetry, p.SettleTime = shortRetry, shortSettle
	p.LookFast, p.LookSlow = 10*time.Millisecond, 10*time.Millisecond
	p.HandshakeLate, p.ZombieAfter = 50*time.Millisecond, 100*time.Millisecond
}

func (a *fakeAPIPort) startService(t *testing.T) *service {
	t.Helper()
	return startTestService(t, a.settings(t), sockets.New(), shortTimes)
}

func (a *fakeAPIPort) settings(t *testing.T) settings.File {
	t.Helper()
	file, err := settings.Parse("test", fmt.Appendf(nil, "[[gateway]]\nport = %d\n", a.Addr().(*net.TCPAddr).Port))
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// awaitCalls waits for so many connections that have sent something.
func (a *fakeAPIPort) awaitCalls(t *testing.T, n int) []call {
	t.Helper()
	var calls []call
	testkit.Eventually(t, fmt.Sprint(n, " connections"), func() bool {
		calls = a.calls()
		return len(calls) >= n && calls[n-1].first != ""
	})
	return calls
}

func pauses(calls []call) []time.Duration {
	var between []time.Duration
	for i := 1; i < len(calls); i++ {
		between = append(between, calls[i].at.Sub(calls[i-1].at))
	}
	return between
}

func TestMonitorConnectsOnlyToAPortThatStaysOpen(t *testing.T) {
	t.Parallel()
	const settle = 2 * time.Second // longer than the rounds below, also on a busy machine
	api := listenAPI(t, silent)
	a := startTestService(t, api.settings(t), sockets.New(), func(p *supervisor.Policy) { shortTimes(p); p.SettleTime = settle })
	// A port that opens and closes again, as a starting Gateway's may, gets no connection.
	for range 3 {
		await(t, a, "the port", func(s supervisor.Snapshot) bool { return s.State == supervisor.Listening })
		api.Close()
		await(t, a, "its end", func(s supervisor.Snapshot) bool { return s.State == supervisor.Down })
		var err error
		if api.Listener, err = net.Listen("tcp", api.Addr().String()); err != nil {
			t.Fatal(err)
		}
		api.serve()
	}
	opened := time.Now()
	if calls := api.awaitCalls(t, 1); calls[0].at.Sub(opened) < settle-50*time.Millisecond {
		t.Errorf("connected %v after it was opened, want %v", calls[0].at.Sub(opened), settle)
	}
}

func TestAtMostOneHandshakeIsInFlight(t *testing.T) {
	t.Parallel()
	api := listenAPI(t, silent)
	a := api.startService(t)
	await(t, a, "an unanswered handshake", func(s supervisor.Snapshot) bool {
		return s.State == supervisor.Silent && s.API.State == supervisor.SessionConnecting &&
			time.Since(s.API.Since) > shortRetry[0]+shortRetry[1]+shortRetry[2]+shortRetry[3] // all pauses there are
	})
	if n := len(api.calls()); n != 1 {
		t.Errorf("%d connections, want the first one left waiting", n)
	}
}

func TestBrokenHandshakesAreRetriedWithGrowingPauses(t *testing.T) {
	t.Parallel()
	api := listenAPI(t, func(c *caller) { c.next() })
	api.startService(t)
	between := pauses(api.awaitCalls(t, 5))
	for i, pause := range between {
		if pause < shortRetry[i] {
			t.Errorf("connection %d came after %v, want %v", i+2, pause, shortRetry[i])
		}
	}
}

func TestMonitorDoesNotConnectWhileZombiesBlock(t *testing.T) {
	t.Parallel()
	unblocked := make(chan struct{})
	unblock := sync.OnceFunc(func() { close(unblocked) })
	api := listenAPI(t, func(c *caller) {
		if c.first != "API\x00" { // a probe's: stuck, with its bytes unread
			<-unblocked
			return
		}
		silent(c)
	})
	t.Cleanup(unblock) // before the port is closed, which waits for its connections
	for range 2 {
		probe, err := net.Dial("tcp", api.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		// More than the server's four bytes and its buffer: some stay in the kernel.
		probe.Write([]byte(strings.Repeat("are you there? ", 1000)))
		probe.Close()
	}
	api.awaitCalls(t, 2)
	a := api.startService(t)
	s := await(t, a, "blocking zombies", func(s supervisor.Snapshot) bool { return s.State == supervisor.Zombies && s.Blocking })
	await(t, a, "the time of several retries", func(later supervisor.Snapshot) bool {
		return later.EvidenceAt.Sub(s.EvidenceAt) > shortRetry[0]+shortRetry[1]+shortRetry[2]
	})
	if n := len(api.calls()); n != 2 {
		t.Errorf("%d connections onto 2 zombies", n-2)
	}
	unblock()
	if calls := api.awaitCalls(t, 3); calls[2].first != "API\x00" {
		t.Errorf("the third connection says %q", calls[2].first)
	}
}

func TestMonitorTriesThreeClientIDsAndThenPauses(t *testing.T) {
	t.Parallel()
	api := listenAPI(t, func(c *caller) {
		c.next() // the versions
		c.send("187\x0020261123 14:02:11 CET\x00")
		c.next() // startApi
		c.send("4\x002\x00-1\x00326\x00Unable to connect as the client id is already in use.\x00\x00")
	})
	a := api.startService(t)
	s := await(t, a, "the reason", func(s supervisor.Snapshot) bool { return strings.Contains(s.Why, "all in use") })
	if want := "client ids 7461, 7462 and 7463 are all in use (326); next try at "; !strings.Contains(s.Why, want) {
		t.Errorf("%s, want %s", s.Why, want)
	}
	calls := api.awaitCalls(t, 4)
	var started []string
	for _, c := range calls[:3] {
		started = append(started, c.frames[1])
	}
	if want := []string{"71\x002\x007461\x00\x00", "71\x002\x007462\x00\x00", "71\x002\x007463\x00\x00"}; !slices.Equal(started, want) {
		t.Errorf("the server was asked for %q, want %q", started, want)
	}
	for i, least := range []time.Duration{shortSettle, shortSettle, shortRetry[3]} {
		if got := pauses(calls)[i]; got < least {
			t.Errorf("connection %d came after %v, want %v", i+2, got, least)
		}
	}
}

func TestMonitorAsksOnlyForTheTime(t *testing.T) {
	t.Parallel()
	const beats = 3
	api := listenAPI(t, func(c *caller) {
		c.next()
		c.send("187\x0020261123 14:02:11 CET\x00")
		c.next()
		c.send("15\x001\x00DU1234567\x00", "9\x001\x001\x00")
		for range beats {
			if _, err := c.next(); err != nil {
				return
			}
			c.send("49\x001\x001763909120\x00")
		}
	})
	file := api.settings(t)
	file.Gateway[0].Heartbeat = settings.Duration(time.Second)
	a := startTestService(t, file, sockets.New(), shortTimes)
	await(t, a, "the session's end", func(s supervisor.Snapshot) bool { return s.API.State == supervisor.SessionDone })
	got := api.calls()[0]
	want := []string{"v100..225", "71\x002\x007461\x00\x00", "49\x001\x00", "49\x001\x00", "49\x001\x00"}
	if got.first != "API\x00" || !slices.Equal(got.frames, want) {
		t.Errorf("the server received %q %q, want %q", got.first, got.frames, want)
	}
}
