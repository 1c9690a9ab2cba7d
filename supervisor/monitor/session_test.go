package monitor

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"gatelight/supervisor"
	"gatelight/supervisor/testkit"
)

func TestSessionWorksWithEveryProtocolVersion(t *testing.T) {
	t.Parallel()
	for _, version := range []int{157, 165, 176, 187, 193, 200, 201, 203, 210, 213, 225} {
		beats := 1
		if version == 176 || version == 187 || version == 213 { // one for each encoding of a request
			beats = 2
		}
		t.Run(fmt.Sprint(version), func(t *testing.T) {
			t.Parallel()
			answers := make(chan struct{})
			srv := serve(t, func(p *peer) {
				p.handshake(version)
				for range beats {
					p.asked()
					p.tell()
				}
				p.hold(answers)
				p.code(1100, "Connectivity between IB and Trader Workstation has been lost.")
				p.code(1102, "Connectivity restored - data maintained.")
			})
			tr := open(t, "monitor-child", srv.port)
			if pid := tr.pid(); pid == 0 || pid == os.Getpid() {
				t.Errorf("child %d", pid)
			}
			await[supervisor.HeartbeatAnswered](tr, beats)
			close(answers)
			tr.wantEnd("the Gateway closed the connection")
			want := append([]supervisor.Event{ready}, slices.Repeat([]supervisor.Event{answered}, beats)...)
			tr.want(append(want, aCode, aCode)...)

			if e := await[supervisor.SessionReady](tr, 1); e.ServerVersion != version {
				t.Errorf("server version %d, want %d", e.ServerVersion, version)
			}
			if e := await[supervisor.HeartbeatAnswered](tr, beats); e.RTT <= 0 || e.RTT > testkit.Patience {
				t.Errorf("RTT %v", e.RTT)
			}
			if e := await[supervisor.CodeReceived](tr, 2); e.Code != 1102 || e.Text != "Connectivity restored - data maintained." || e.Link != supervisor.LinkUp {
				t.Errorf("second code %+v", e)
			}
			if n := srv.connections(); n != 1 {
				t.Errorf("%d connections, want 1", n)
			}
		})
	}
}

func TestNobodyListensEndsTheSession(t *testing.T) {
	t.Parallel()
	port := testkit.Port(t)
	tr := open(t, "monitor-child", port)
	tr.wantEnd(fmt.Sprintf("nobody listens on 127.0.0.1:%d", port))
	tr.want()
}

// A handshake that nobody answers is left waiting, by one connection, until our
// own side ends the session.
func TestUnansweredHandshakeIsLeftWaiting(t *testing.T) {
	t.Parallel()
	waited := make(chan struct{})
	srv := serve(t, func(p *peer) {
		p.greeting()
		p.silence(1500 * time.Millisecond)
		close(waited)
		p.untilClosed()
	})
	tr := open(t, "monitor-child", srv.port)
	<-waited
	tr.want()
	tr.close()
	tr.wantEnd(reasonStopped)
	tr.want()
	if n := srv.connections(); n != 1 {
		t.Errorf("%d connections, want 1", n)
	}
}

// A Gateway that hangs gets one request, not one after the other.
func TestUnansweredHeartbeatIsNotRepeated(t *testing.T) {
	t.Parallel()
	more := make(chan struct{})
	srv := serve(t, func(p *peer) {
		p.handshake(187)
		p.asked()
		p.silence(2500 * time.Millisecond) // two and a half beats
		p.SetReadDeadline(time.Now().Add(testkit.Patience))
		p.tell() // a late answer: the session goes on
		p.asked()
		close(more)
		p.untilClosed()
	})
	tr := open(t, "monitor-child", srv.port)
	<-more
	if e := await[supervisor.HeartbeatAnswered](tr, 1); e.RTT < 2*time.Second {
		t.Errorf("RTT %v of an answer that was late", e.RTT)
	}
	tr.close()
	tr.wantEnd(reasonStopped)
}

func TestAnswersWithoutARequestAreIgnored(t *testing.T) {
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
	tr.wantEnd("the Gateway closed the connection")
	tr.want(ready, answered)
}

func TestForeignTextIsCleaned(t *testing.T) {
	t.Parallel()
	srv := serve(t, func(p *peer) {
		p.greeting()
		p.answer(187)
		p.code(2104, "d\xe9j\xe0 vu\x1b[31m\r\n"+strings.Repeat("x", 5000))
	})
	tr := open(t, "monitor-child", srv.port)
	e := await[supervisor.CodeReceived](tr, 1)
	if !strings.HasPrefix(e.Text, "d·j· vu·[31m  xxx") || len([]rune(e.Text)) != maxText {
		t.Errorf("%d characters: %.40q", len([]rune(e.Text)), e.Text)
	}
	tr.wantEnd("the Gateway closed the connection during the handshake" + rejectedHint)
}

func TestContextEndsTheSession(t *testing.T) {
	t.Parallel()
	srv := serve(t, func(p *peer) { p.handshake(187); p.asked(); p.tell(); p.untilClosed() })
	tr := open(t, "monitor-child", srv.port)
	await[supervisor.HeartbeatAnswered](tr, 1)
	tr.cancel()
	tr.wantEnd(reasonStopped)
}

func TestNoChildIsStartedWhenTheContextHasEnded(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	why := Run(ctx, Options{Exe: childExe, Args: []string{"mute"}, Port: 4002}, func(e supervisor.Event) { t.Errorf("event %+v", e) })
	if why != reasonStopped {
		t.Errorf("ended because %q, want %q", why, reasonStopped)
	}
}

// When the parent dies its end of the pipe closes. Nothing else may be needed.
func TestChildEndsWhenItsParentHasDied(t *testing.T) {
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

func TestRunRefusesOptionsThatCannotBeUsed(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		o    Options
		want string
	}{
		{Options{}, "cannot monitor port 0: it must be between 1 and 65535"},
		{Options{Port: 70000}, "cannot monitor port 70000: it must be between 1 and 65535"},
		{Options{Port: 4002, ClientID: -1}, "cannot monitor with client id -1: it must not be negative"},
		{Options{Port: 4002, Exe: "/nonexistent/gatelight"}, "cannot start the API monitor /nonexistent/gatelight: "},
	} {
		why := Run(t.Context(), tt.o, func(supervisor.Event) { t.Error("an event without a session") })
		if !strings.HasPrefix(why, tt.want) {
			t.Errorf("%+v: %s, want %s", tt.o, why, tt.want)
		}
	}
}

func TestChildRefusesArguments(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"--port", "x"}, {"--port", "4002", "extra"}, {}, {"--fast"}} {
		out, err := exec.Command(childExe, append([]string{"monitor-child"}, args...)...).Output()
		if code := err.(*exec.ExitError).ExitCode(); code != exitUsage || !strings.Contains(string(out), `{"closed":{"Why":"cannot `) {
			t.Errorf("%v: exit %d, %s", args, code, out)
		}
	}
}

func TestHeartbeatIsAtLeastOneSecond(t *testing.T) {
	t.Parallel()
	for given, want := range map[time.Duration]time.Duration{
		0: 5 * time.Second, -time.Hour: time.Second, time.Millisecond: time.Second, time.Minute: time.Minute,
	} {
		o := Options{Port: 4002, Heartbeat: given}
		if err := o.check(); err != nil || o.Heartbeat != want {
			t.Errorf("a heartbeat of %v became %v (%v), want %v", given, o.Heartbeat, err, want)
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
