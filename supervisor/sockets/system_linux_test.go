package sockets

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"gatelight/supervisor"
	"gatelight/supervisor/testkit"
)

// What a look allocates does not depend on how many sockets others hold, neither
// in a steady state nor when a process has to be searched for.
func TestOthersSocketsNeedNoMemory(t *testing.T) {
	l := dualStack(t, 0)
	port := portOf(l.Addr())
	c := startClient(t, "trader")
	c.do("connect 127.0.0.1:%d", port)
	accept(t, l)
	fresh := func() { look(t, New(), port) }
	reader := New()
	steady := func() { look(t, reader, port) }

	before := [2]float64{bytesPer(fresh), bytesPer(steady)}
	elsewhere := listenOn(t, "127.0.0.1:0")
	other := startClient(t, "other") // another process than ours, so that it is searched
	for range 400 {
		other.do("connect %s", elsewhere.Addr())
		accept(t, elsewhere)
	}
	after := [2]float64{bytesPer(fresh), bytesPer(steady)}
	for i, kind := range []string{"a search for the owners", "a steady look"} {
		// Not to the byte: the runtime's own, and the race detector's, come and go.
		if after[i] > before[i]*1.2+512 {
			t.Errorf("%s allocates %.0f bytes among 800 other sockets, %.0f among few", kind, after[i], before[i])
		}
		t.Logf("%s: %.0f bytes among few, %.0f among 800 others", kind, before[i], after[i])
	}
}

// bytesPer is what a call allocates, in bytes.
func bytesPer(call func()) float64 {
	call()
	const calls = 20
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range calls {
		call()
	}
	runtime.ReadMemStats(&after)
	return float64(after.TotalAlloc-before.TotalAlloc) / calls
}

func BenchmarkLook(b *testing.B) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	defer l.Close()
	reader, ports := New(), []int{portOf(l.Addr())}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := reader.Look(b.Context(), ports); err != nil {
			b.Fatal(err)
		}
	}
}

// The clock is moved by a nanosecond, which the kernel reports like a sleep.
func TestAwaitWakeReturnsWhenTheClockJumps(t *testing.T) {
	woke := make(chan error, 1)
	go func() { woke <- New().AwaitWake(t.Context()) }()
	jump := func() error {
		const setOffset, nano = 0x0100, 0x2000 // ADJ_SETOFFSET, ADJ_NANO
		_, err := unix.Adjtimex(&unix.Timex{Modes: setOffset | nano, Time: unix.Timeval{Usec: 1}})
		return err
	}
	needsRoot(t, jump())
	tick := time.NewTicker(20 * time.Millisecond) // until the wait has begun
	defer tick.Stop()
	late := time.After(testkit.Patience)
	for {
		select {
		case err := <-woke:
			if err != nil {
				t.Error(err)
			}
			return
		case <-tick.C:
			if err := jump(); err != nil {
				t.Fatal(err)
			}
		case <-late:
			t.Fatal("the jump of the clock was not noticed")
		}
	}
}

func TestAwaitWakeEndsWithItsContext(t *testing.T) {
	ended := make(chan error, 1)
	ctx, cancel := context.WithCancel(t.Context())
	go func() { ended <- New().AwaitWake(ctx) }()
	cancel()
	select {
	case err := <-ended:
		if err != ctx.Err() {
			t.Error(err)
		}
	case <-time.After(testkit.Patience):
		t.Fatal("it still waits")
	}
}

// needsRoot skips what only root may do, which CI is.
func needsRoot(t *testing.T, err error) {
	t.Helper()
	switch {
	case err == nil:
	case os.Getenv("CI") == "true":
		t.Fatal("CI must run this as root: ", err)
	default:
		t.Skip("only root may do this: ", err)
	}
}

// startOtherUser starts a client as a user who has nothing else.
func startOtherUser(t *testing.T) *client {
	t.Helper()
	if os.Geteuid() != 0 {
		needsRoot(t, errors.New("become another user"))
	}
	exe, err := os.ReadFile("/proc/self/exe")
	if err != nil {
		t.Fatal(err)
	}
	dir, err := os.MkdirTemp("", "gl-") // t.TempDir is for this user only
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	path := filepath.Join(dir, "other")
	if err := errors.Join(os.Chmod(dir, 0o755), os.WriteFile(path, exe, 0o755)); err != nil {
		t.Fatal(err)
	}
	const someone = 65534 // nobody
	return startAs(t, &exec.Cmd{Path: path, Args: []string{"other"}, Dir: "/",
		SysProcAttr: &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: someone, Gid: someone}}})
}

// Another user sees the states, but not whose the sockets are, and is told so.
func TestSocketsOfAnotherUserHaveNoOwner(t *testing.T) {
	l := dualStack(t, 0)
	port := portOf(l.Addr())
	c := startClient(t, "trader")
	peer := c.do("connect 127.0.0.1:%d", port)
	accept(t, l)
	other := startOtherUser(t)
	want := supervisor.PortView{
		Listener: &supervisor.Listener{Address: fmt.Sprintf("*:%d", port)},
		Peers:    []supervisor.Peer{{Addr: addr(peer), TCP: supervisor.Established}},
		Blind:    []string{"whose process listens (user root's)", "which programs hold 1 of its connections (other users' processes)"},
	}
	if got := other.do("look %d", port); got != fmt.Sprintf("%q", summary(want)) {
		t.Errorf("seen: %s\nwant: %q", got, summary(want))
	}
}
