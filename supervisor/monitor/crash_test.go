package monitor

import (
	"os"
	"strings"
	"testing"

	"gatelight/supervisor"
)

func TestMisbehavingChildEndsTheSessionOnce(t *testing.T) {
	t.Run("crash", func(t *testing.T) {
		t.Parallel()
		tr := open(t, "panic", 4002)
		tr.wantEnd("the monitor process ended: exit status 2: panic: sync: negative WaitGroup counter")
		tr.want()
	})
	t.Run("ends without a reason", func(t *testing.T) {
		t.Parallel()
		tr := open(t, "mute", 4002)
		tr.wantEnd("the monitor process ended without a reason")
		tr.want()
	})
	t.Run("garbage between the events", func(t *testing.T) {
		t.Parallel()
		tr := open(t, "garbage", 4002)
		tr.wantEnd("enough")
		tr.want(supervisor.CodesOmitted{}, ready)
	})
	t.Run("does not end when it is told to", func(t *testing.T) {
		t.Parallel()
		tr := open(t, "stubborn", 4002)
		await[supervisor.CodesOmitted](tr, 1)
		tr.close()
		tr.wantEnd(reasonStopped)
	})
}

func TestKilledChildEndsTheSession(t *testing.T) {
	t.Parallel()
	srv := serve(t, func(p *peer) { p.handshake(187); p.asked(); p.tell(); p.untilClosed() })
	tr := open(t, "monitor-child", srv.port)
	await[supervisor.HeartbeatAnswered](tr, 1)
	child, err := os.FindProcess(tr.pid())
	if err != nil {
		t.Fatal(err)
	}
	defer child.Release()
	if err := child.Kill(); err != nil {
		t.Fatal(err)
	}
	if why := tr.awaitEnd(); !strings.HasPrefix(why, "the monitor process ended: ") {
		t.Errorf("ended because %q", why)
	}
	tr.want(ready, answered)
	if n := srv.connections(); n != 1 {
		t.Errorf("%d connections, want 1", n)
	}
}

func TestCrashLineIsTheOneThatSaysWhy(t *testing.T) {
	t.Parallel()
	for stderr, want := range map[string]string{
		"": "",
		"a warning\npanic: runtime error: index out of range [0] with length 0\n\ngoroutine 1 [running]:\n": "panic: runtime error: index out of range [0] with length 0",
		"fatal error: all goroutines are asleep - deadlock!\n":                                              "fatal error: all goroutines are asleep - deadlock!",
		"\n\nno such file\nmore\n":              "no such file",
		"panic: " + strings.Repeat("x", 20_000): "panic: " + strings.Repeat("x", 192) + "…",
	} {
		if got := crashLine(strings.NewReader(stderr)); got != want {
			t.Errorf("%.60q: %q, want %q", stderr, got, want)
		}
	}
}
