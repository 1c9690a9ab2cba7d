package monitor

import (
	"os"
	"strings"
	"testing"
)

func TestMisbehavingChildren(t *testing.T) {
	t.Run("crash", func(t *testing.T) {
		t.Parallel()
		tr := open(t, "panic", 4002)
		tr.end("the monitor process ended: exit status 2: panic: sync: negative WaitGroup counter")
		tr.want(KindClosed)
	})
	t.Run("ends without a word", func(t *testing.T) {
		t.Parallel()
		tr := open(t, "mute", 4002)
		tr.end("the monitor process ended without a word")
	})
	t.Run("garbage between the messages", func(t *testing.T) {
		t.Parallel()
		tr := open(t, "garbage", 4002)
		tr.end("enough")
		tr.want(KindConnecting, KindReady, KindClosed)
		if n := tr.session.Skipped(); n != 4 {
			t.Errorf("%d lines skipped, want 4", n)
		}
	})
	t.Run("will not go", func(t *testing.T) {
		t.Parallel()
		tr := open(t, "stubborn", 4002)
		tr.await(KindConnecting, 1)
		tr.session.Close()
		tr.end(ReasonStopped)
	})
}

func TestKilledChild(t *testing.T) {
	t.Parallel()
	srv := serve(t, func(p *peer) { p.handshake(187); p.asked(); p.tell(); p.untilClosed() })
	tr := open(t, "monitor-child", srv.port)
	tr.await(KindAnswer, 1)
	child, err := os.FindProcess(tr.session.PID())
	if err != nil {
		t.Fatal(err)
	}
	defer child.Release()
	if err := child.Kill(); err != nil {
		t.Fatal(err)
	}
	m := tr.await(KindClosed, 1)
	tr.end(m.Reason)
	if !strings.HasPrefix(m.Reason, "the monitor process ended: ") || m.ServerVersion != 187 || m.ClientID != 13 {
		t.Errorf("%+v", m)
	}
	if n := srv.connections(); n != 1 {
		t.Errorf("%d connections, want 1", n)
	}
}

func TestFirstWords(t *testing.T) {
	t.Parallel()
	for stderr, want := range map[string]string{
		"": "",
		"a warning\npanic: runtime error: index out of range [0] with length 0\n\ngoroutine 1 [running]:\n": "panic: runtime error: index out of range [0] with length 0",
		"fatal error: all goroutines are asleep - deadlock!\n":                                              "fatal error: all goroutines are asleep - deadlock!",
		"\n\nno such file\nmore\n":              "no such file",
		"panic: " + strings.Repeat("x", 20_000): "panic: " + strings.Repeat("x", 192) + "…",
	} {
		if got := firstWords(strings.NewReader(stderr)); got != want {
			t.Errorf("%.60q: %q, want %q", stderr, got, want)
		}
	}
}
