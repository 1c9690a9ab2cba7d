package monitor

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestSessionAtEveryProtocolAge(t *testing.T) {
	t.Parallel()
	for _, version := range []int{157, 165, 176, 187, 193, 200, 201, 203, 210, 213, 225} {
		beats := 1
		if version == 176 || version == 187 || version == 213 { // one for each encoding of a request
			beats = 2
		}
		t.Run(fmt.Sprint(version), func(t *testing.T) {
			t.Parallel()
			answered := make(chan struct{})
			srv := serve(t, func(p *peer) {
				p.handshake(version)
				for range beats {
					p.asked()
					p.tell()
				}
				p.hold(answered)
				p.code(1100, "Connectivity between IB and Trader Workstation has been lost.")
				p.code(1102, "Connectivity restored - data maintained.")
			})
			tr := open(t, "monitor-child", srv.port)
			tr.await(KindAnswer, beats)
			close(answered)
			tr.end("the Gateway closed the connection")
			want := append([]Kind{KindConnecting, KindHello, KindHandshake, KindReady}, slices.Repeat([]Kind{KindAnswer}, beats)...)
			tr.want(append(want, KindCode, KindCode, KindClosed)...)

			for i, m := range tr.messages() {
				if m.ClientID != 13 || m.At.IsZero() {
					t.Errorf("message without client id or time: %+v", m)
				}
				if i >= 2 && m.ServerVersion != version {
					t.Errorf("server version %d, want %d", m.ServerVersion, version)
				}
				if m.Kind == KindAnswer && (m.RTT <= 0 || m.RTT > within) {
					t.Errorf("RTT %v", m.RTT)
				}
			}
			if m := tr.await(KindCode, 2); m.Code != 1102 || m.Text != "Connectivity restored - data maintained." {
				t.Errorf("second code %d %q", m.Code, m.Text)
			}
			srv.mu.Lock()
			seen := srv.peers[0]
			srv.mu.Unlock()
			if hello := tr.await(KindHello, 1); fmt.Sprintf("127.0.0.1:%d", hello.LocalPort) != seen {
				t.Errorf("local port %d, the server saw %s", hello.LocalPort, seen)
			}
			if n := srv.connections(); n != 1 {
				t.Errorf("%d connections, want 1", n)
			}
		})
	}
}

func TestNobodyListens(t *testing.T) {
	t.Parallel()
	ln, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := ln.Addr().(*net.TCPAddr).Port
	ln.Close()
	tr := open(t, "monitor-child", port)
	tr.end(fmt.Sprintf("nobody listens on 127.0.0.1:%d", port))
	tr.want(KindConnecting, KindClosed)
}

// A handshake that nobody answers is left waiting, by one connection, until we are told to go.
func TestSilentGateway(t *testing.T) {
	t.Parallel()
	waited := make(chan struct{})
	srv := serve(t, func(p *peer) {
		p.greeting()
		p.silence(1500 * time.Millisecond)
		close(waited)
		p.untilClosed()
	})
	tr := open(t, "monitor-child", srv.port)
	tr.await(KindHello, 1)
	<-waited
	tr.want(KindConnecting, KindHello)
	tr.session.Close()
	tr.end(ReasonStopped)
	tr.want(KindConnecting, KindHello, KindClosed)
	if n := srv.connections(); n != 1 {
		t.Errorf("%d connections, want 1", n)
	}
}

// A Gateway that hangs gets one question, not a pile of them.
func TestUnansweredHeartbeatIsNotRepeated(t *testing.T) {
	t.Parallel()
	more := make(chan struct{})
	srv := serve(t, func(p *peer) {
		p.handshake(187)
		p.asked()
		p.silence(2500 * time.Millisecond) // two and a half beats
		p.SetReadDeadline(time.Now().Add(within))
		p.tell() // better late than never: the session goes on
		p.asked()
		close(more)
		p.untilClosed()
	})
	tr := open(t, "monitor-child", srv.port)
	<-more
	if m := tr.await(KindAnswer, 1); m.RTT < 2*time.Second {
		t.Errorf("RTT %v of an answer that was late", m.RTT)
	}
	tr.session.Close()
	tr.end(ReasonStopped)
}

func TestUnaskedAnswersProveNothing(t *testing.T) {
	t.Parallel()
	srv := serve(t, func(p *peer) {
		p.handshake(187)
		p.asked()
		p.tell()
		p.tell()
		p.tell()
		p.ready()
	})
	tr := open(t, "monitor-child", srv.port)
	tr.end("the Gateway closed the connection")
	tr.want(KindConnecting, KindHello, KindHandshake, KindReady, KindAnswer, KindClosed)
}

func TestForeignTextIsMadeFit(t *testing.T) {
	t.Parallel()
	srv := serve(t, func(p *peer) {
		p.greeting()
		p.answer(187)
		p.code(2104, "d\xe9j\xe0 vu\x1b[31m\r\n"+strings.Repeat("x", 5000))
	})
	tr := open(t, "monitor-child", srv.port)
	m := tr.await(KindCode, 1)
	if !strings.HasPrefix(m.Text, "d?j? vu [31m  xxx") || len([]rune(m.Text)) != maxText {
		t.Errorf("%d characters: %.40q", len([]rune(m.Text)), m.Text)
	}
	tr.end("the Gateway closed the connection during the handshake")
}

func TestContextEndsTheSession(t *testing.T) {
	t.Parallel()
	srv := serve(t, func(p *peer) { p.handshake(187); p.asked(); p.tell(); p.untilClosed() })
	ctx, cancel := context.WithCancel(t.Context())
	tr := &transcript{t: t, changed: make(chan struct{})}
	s, err := Open(ctx, Options{Exe: childExe, Args: []string{"monitor-child"}, Port: srv.port, ClientID: 13}, tr.add)
	if err != nil {
		t.Fatal(err)
	}
	tr.session = s
	tr.await(KindAnswer, 1)
	cancel()
	tr.end(ReasonStopped)
}

// When the parent dies its end of the pipe closes. Nothing else may be needed.
func TestOrphanEnds(t *testing.T) {
	t.Parallel()
	inFlight := make(chan struct{})
	srv := serve(t, func(p *peer) { p.greeting(); close(inFlight); p.untilClosed() })
	cmd := exec.Command(childExe, "monitor-child", "--port", fmt.Sprint(srv.port), "--client-id", "13")
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	<-inFlight
	stdin.Close()
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
}

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		o    Options
		want string
	}{
		{Options{}, "cannot monitor port 0: it must be between 1 and 65535"},
		{Options{Port: 70000}, "cannot monitor port 70000: it must be between 1 and 65535"},
		{Options{Port: 4002, ClientID: -1}, "cannot monitor with a negative client id"},
		{Options{Port: 4002, Exe: "/nonexistent/gatelight"}, "cannot start the API monitor /nonexistent/gatelight: "},
	} {
		_, err := Open(t.Context(), tt.o, func(Message) { t.Error("a message without a session") })
		if err == nil || !strings.HasPrefix(err.Error(), tt.want) {
			t.Errorf("%+v: %v, want %s", tt.o, err, tt.want)
		}
	}
}

func TestChildRefusesArguments(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"--port", "x"}, {"--port", "4002", "extra"}, {}, {"--fast"}} {
		out, err := exec.Command(childExe, append([]string{"monitor-child"}, args...)...).Output()
		if code := err.(*exec.ExitError).ExitCode(); code != exitUsage || !strings.Contains(string(out), `"kind":"closed"`) {
			t.Errorf("%v: exit %d, %s", args, code, out)
		}
	}
}

func TestEveryHasAFloor(t *testing.T) {
	t.Parallel()
	for given, want := range map[time.Duration]time.Duration{
		0: 5 * time.Second, -time.Hour: time.Second, time.Millisecond: time.Second, time.Minute: time.Minute,
	} {
		c := config{port: 4002, every: given}
		if err := c.check(); err != nil || c.every != want {
			t.Errorf("every %v became %v (%v), want %v", given, c.every, err, want)
		}
	}
}

func TestEnvironmentIsAnAllowList(t *testing.T) {
	t.Parallel()
	lookup := func(name string) (string, bool) { return "x", name != "LANG" }
	if got := fmt.Sprint(environment("linux", lookup)); got != "[PATH=x HOME=x TMPDIR=x]" {
		t.Error(got)
	}
	if got := fmt.Sprint(environment("windows", lookup)); got != "[PATH=x HOME=x TMPDIR=x TEMP=x TMP=x]" {
		t.Error(got)
	}
	if env := environment("linux", func(string) (string, bool) { return os.DevNull, false }); env == nil {
		t.Error("nil would hand on the whole environment")
	}
}
