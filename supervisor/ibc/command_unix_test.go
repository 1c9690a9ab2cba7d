//go:build unix

package ibc

import (
	"bufio"
	"fmt"
	"net"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"gatelight/supervisor"
	"gatelight/supervisor/simgateway"
	"gatelight/supervisor/sockets"
	"gatelight/supervisor/testkit"
)

// answers are a command server's, sent with a pause between them; it closes the
// connection after the last one unless it hangs.
type answers struct {
	lines []string
	pause time.Duration
	hangs bool
}

// withCommandServer is a driver for a Gateway that is this test itself: it
// listens on the API port and answers commands.
func withCommandServer(t *testing.T, a answers, ini ...string) *follower {
	t.Helper()
	listen := func() net.Listener {
		l, err := net.Listen("tcp4", "127.0.0.1:"+strconv.Itoa(testkit.Port(t)))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { l.Close() })
		return l
	}
	api, server := listen(), listen()
	port := func(l net.Listener) int { return l.Addr().(*net.TCPAddr).Port }
	done := make(chan struct{})
	t.Cleanup(func() { server.Close(); <-done })
	go func() {
		defer close(done)
		for {
			conn, err := server.Accept()
			if err != nil {
				return
			}
			_, _ = bufio.NewReader(conn).ReadString('\n')
			for _, line := range a.lines {
				_, _ = fmt.Fprint(conn, line)
				<-time.After(a.pause)
			}
			if !a.hangs {
				conn.Close()
			} else {
				t.Cleanup(func() { conn.Close() })
			}
		}
	}()
	dir := t.TempDir()
	h := &harness{t: t, dir: dir, o: Options{Gateway: "paper", Port: port(api), Config: filepath.Join(dir, "config.ini"), Mode: "paper",
		LogDir: filepath.Join(dir, "log"), RunDir: filepath.Join(dir, "run"), Sockets: sockets.New()}}
	write(t, h.o.Config, fmt.Sprintf("CommandServerPort=%d\nAutoRestartTime=11:45 PM\n%s\n", port(server), strings.Join(ini, "\n")))
	return h.follow()
}

// IBC answers RESTART in as many lines as its version and the Gateway's menu
// make of it.
func TestTheWholeAnswerToRestartIsRead(t *testing.T) {
	soon := time.Now().Add(time.Minute).Truncate(time.Minute)
	at := soon.Format("03:04 PM")
	for _, tt := range []struct {
		name   string
		a      answers
		at     bool              // a time is announced
		reason supervisor.Reason // it fails
		says   string
	}{
		{"3.24, by the menu", answers{lines: []string{"OK RESTART in progress\n"}}, false, "", ""},
		{"3.24, without the menu", answers{lines: []string{"OK RESTART in progress\n", "OK RESTART at " + at + "\n"}}, true, "", ""},
		{"3.24, the second line comes later", answers{lines: []string{"OK RESTART in progress\n", "OK RESTART at " + at + "\n"}, pause: time.Second}, true, "", ""},
		{"3.24, in pieces", answers{lines: []string{"OK RESTART in pro", "gress\nOK RES", "TART at " + at + "\n"}, pause: 50 * time.Millisecond}, true, "", ""},
		{"3.24, and then silence", answers{lines: []string{"OK RESTART in progress\n"}, hangs: true}, false, "", ""},
		{"3.16, by the menu", answers{lines: []string{"OK Restart in progress\n"}}, false, "", ""},
		{"3.16, without the menu, with a prompt and words for people",
			answers{lines: []string{"ibc> ", "INFO IBC Command Server\n", "INFO Restarting TWS\n", "ibc> OK Restarting at " + at + "\n"}}, true, "", ""},
		{"a second one", answers{lines: []string{"ERROR RESTART already in progress\n"}}, false, supervisor.ReasonBusy, "IBC restarts it already"},
		{"3.15, which does not know it", answers{lines: []string{"ERROR Command invalid\n"}}, false, supervisor.ReasonCommandServer, `IBC answered RESTART with "ERROR Command invalid"`},
		{"a FIX Gateway", answers{lines: []string{"ERROR RESTART is not valid for the FIX Gateway\n"}}, false, supervisor.ReasonCommandServer, "not valid for the FIX Gateway"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := withCommandServer(t, tt.a)
			if tt.reason != "" {
				f.refuses(supervisor.Restart, tt.reason, tt.says)
				return
			}
			f.performs(supervisor.Restart)
			var announced []time.Time
			events, _ := f.recorded()
			for _, e := range events {
				if e, ok := e.(supervisor.RestartAnnounced); ok {
					announced = append(announced, e.At)
				}
			}
			if tt.at != (len(announced) == 1) || tt.at && !announced[0].Equal(soon) {
				t.Errorf("announced: %v, want %t at %s", announced, tt.at, soon)
			}
		})
	}
}

// The Gateway goes on until the minute that IBC has announced. What the log
// tells of the command is reported first.
func TestAnAnnouncedRestartIsReported(t *testing.T) {
	h := install(t, simgateway.Options{CommandServerPort: testkit.Port(t), NoRestartMenu: true})
	t.Parallel()
	f := h.follow()
	f.startsAndLogsIn()
	f.performs(supervisor.Restart)
	events, _ := f.recorded()
	var phase supervisor.Phase
	announced := false
	for _, e := range events {
		switch e := e.(type) {
		case supervisor.PhaseSeen:
			phase = e.Phase
			if announced {
				t.Errorf("%s comes after the announcement", phase)
			}
		case supervisor.RestartAnnounced:
			announced = true
			if in := time.Until(e.At); in > time.Minute || in < -time.Minute {
				t.Errorf("announced for %s", e.At)
			}
		}
	}
	if !announced || phase != supervisor.Restarting {
		t.Errorf("announced %t, in the phase %q", announced, phase)
	}
	f.refuses(supervisor.Restart, supervisor.ReasonBusy, "IBC restarts it already")
	f.performs(supervisor.Stop)
	testkit.Eventually(t, "nobody is left", func() bool { return len(h.processes()) == 0 })
}

// Nobody listens where config.ini has the command server: that it is set is not
// what is missing.
func TestACommandServerThatIsSetAndNotOpenIsCalledThat(t *testing.T) {
	port := testkit.Port(t)
	h := install(t, simgateway.Options{})
	t.Parallel()
	f := h.follow()
	f.startsAndLogsIn()
	if err := f.CheckCommandServer(t.Context()); err == nil || !strings.Contains(err.Error(), "IBC's command server is off; set CommandServerPort") {
		t.Errorf("not set: %v", err)
	}
	h.setINI("CommandServerPort", strconv.Itoa(port)) // after IBC has read it
	err := f.CheckCommandServer(t.Context())
	if err == nil || strings.Contains(err.Error(), "CommandServerPort=") ||
		!strings.Contains(err.Error(), fmt.Sprintf("IBC's command server is set in config.ini and does not listen on port %d: the Gateway is still starting or about to end, or IBC could not open the port", port)) {
		t.Errorf("set and not open: %v", err)
	}
	f.performs(supervisor.Stop) // and a signal is left
	if texts := strings.Join(f.progress(), "\n"); !strings.Contains(texts, "does not listen on port") || strings.Contains(texts, "is off") {
		t.Errorf("said: %s", texts)
	}
}

// setINI changes a value in config.ini.
func (h *harness) setINI(key, value string) {
	h.t.Helper()
	var lines []string
	for _, line := range strings.Split(read(h.t, h.o.Config), "\n") {
		if strings.HasPrefix(line, key+"=") {
			line = key + "=" + value
		}
		lines = append(lines, line)
	}
	write(h.t, h.o.Config, strings.Join(lines, "\n"))
}
