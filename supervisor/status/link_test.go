package status

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os/exec"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"gatelight/supervisor"
)

// A fakeHost is another host with a Gatelight, in simulated time.
type fakeHost struct {
	pipes pipeListener
	away  atomic.Pointer[error] // why it cannot be reached; nil: it can
	dials atomic.Int32
	conns chan net.Conn
}

// onOtherHost serves routes behind a link, which test gets while it runs.
func onOtherHost(t *testing.T, routes http.Handler, test func(t *testing.T, l *Link, h *fakeHost)) []supervisor.Entry {
	t.Helper()
	var entries []supervisor.Entry
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		h := &fakeHost{pipes: pipeListener{make(chan net.Conn), make(chan struct{})}, conns: make(chan net.Conn, 100)}
		server := newHTTP(ctx, routes)
		served := make(chan error, 1)
		go func() { served <- server.Serve(h.pipes) }()
		l := newLink("vps", h.dial, func(e supervisor.Entry) { entries = append(entries, e) })
		ran := make(chan struct{})
		go func() { defer close(ran); l.Run(ctx) }()
		test(t, l, h)
		cancel()
		server.Close()
		<-ran
		<-served
	})
	return entries
}

func (h *fakeHost) dial(ctx context.Context) (net.Conn, error) {
	h.dials.Add(1)
	if err := h.away.Load(); err != nil {
		return nil, *err
	}
	ours, theirs := net.Pipe()
	select {
	case h.pipes.conns <- theirs:
		h.conns <- ours
		return ours, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-h.pipes.ended: // who dials may have been given up
		return nil, net.ErrClosed
	}
}

// cut ends all connections, and lets no new one through.
func (h *fakeHost) cut(why string) {
	err := errors.New(why)
	h.away.Store(&err)
	for len(h.conns) > 0 {
		(<-h.conns).Close()
	}
}

func (h *fakeHost) mend() { h.away.Store(nil) }

// freshFor is connectedStatus with evidence that lasts for so long.
func freshFor(d time.Duration) supervisor.Status {
	w := connectedStatus("hello")
	w.Gateways[0].FreshUntil = supervisor.Now().Add(d)
	return w
}

func TestALinkShowsTheGatewaysOfAnotherHost(t *testing.T) {
	s := newFake(supervisor.Status{})
	onOtherHost(t, handler(s), func(t *testing.T, l *Link, _ *fakeHost) {
		two := connectedStatus("hello")
		two.Gateways[0].HasConfigSource = true
		second := two.Gateways[0]
		second.Name = "live"
		two.Gateways = append(two.Gateways, second)
		s.show(two)
		time.Sleep(time.Second)
		m := With(newFake(connectedStatus("mine")), []*Link{l})
		synctest.Wait()
		var names []string
		for _, g := range m.Latest().Gateways {
			names = append(names, g.Name+" on "+g.Host)
			if g.Host != "" && (g.HasConfigSource || g.Why != "hello" || g.State != supervisor.Connected) {
				t.Errorf("%+v", g)
			}
		}
		if got := strings.Join(names, ", "); got != "paper on , vps/paper on vps, vps/live on vps" {
			t.Error(got)
		}
		if err := m.Do(t.Context(), "vps/live", supervisor.Restart); err != nil || strings.Join(s.asked, ", ") != "restart live" {
			t.Errorf("%v; asked %q", err, s.asked)
		}
		s.refuse = &supervisor.ActionError{Action: supervisor.Stop, Reason: supervisor.ReasonNotProven, Text: "not proven"}
		var refused *supervisor.ActionError
		if err := m.Do(t.Context(), "vps/live", supervisor.Stop); !errors.As(err, &refused) || refused.Reason != supervisor.ReasonNotProven {
			t.Errorf("%v", err)
		}
		if err := m.Do(t.Context(), "vps/paper", supervisor.CopyConfig); err == nil {
			t.Error("a config of here was copied there")
		}
	})
}

// What is lost is shown as it was for as long as its evidence is good, and then
// as unknown. People are told once. It comes back by itself.
func TestALostLinkIsUnknownToldOnceAndComesBack(t *testing.T) {
	t.Run("by its evidence", func(t *testing.T) { lostLink(t, 6*time.Second) })
	t.Run("whatever the other host says of its evidence", func(t *testing.T) { lostLink(t, 1000*time.Hour) })
}

func lostLink(t *testing.T, fresh time.Duration) {
	s := newFake(supervisor.Status{})
	entries := onOtherHost(t, handler(s), func(t *testing.T, l *Link, h *fakeHost) {
		s.show(freshFor(fresh))
		time.Sleep(time.Second) // the link may be in its pause after the status before
		synctest.Wait()
		ctx, end := context.WithTimeout(t.Context(), time.Hour) // simulated
		defer end()
		watch := With(newFake(connectedStatus("mine")), []*Link{l}).Watch(ctx)
		h.cut("No route to host")
		began := time.Now()
		for w := range watch {
			if g, _ := w.Gateway("vps/paper"); g.State == supervisor.Unknown {
				if !strings.HasPrefix(g.Why, "vps cannot be reached: No route to host. Last heard at ") {
					t.Error(g.Why)
				}
				break
			}
		}
		if took := time.Since(began); took < 5*time.Second || took > 15*time.Second {
			t.Errorf("unknown after %v", took)
		}
		told := map[uint64]bool{}
		for range 120 {
			time.Sleep(time.Second)
			g, _ := l.Latest().Gateway("vps/paper")
			for _, n := range g.Notices {
				told[n.Seq] = true
				if n.Kind != supervisor.NoticeLost || n.Title != "vps cannot be reached" || n.Urgent {
					t.Errorf("%+v", n)
				}
			}
		}
		if len(told) != 1 {
			t.Errorf("told %d times", len(told))
		}
		if n := h.dials.Load(); n < 5 || n > 12 {
			t.Errorf("%d tries in two minutes", n)
		}
		h.mend()
		s.show(freshFor(time.Hour))
		time.Sleep(linkRetry[len(linkRetry)-1] + time.Second)
		if g, _ := l.Latest().Gateway("vps/paper"); g.State != supervisor.Connected || len(g.Notices) > 0 {
			t.Errorf("%s, %+v", g.State, g.Notices)
		}
	})
	var states []string
	for _, e := range entries {
		if e.Gateway == "vps/paper" {
			states = append(states, string(e.To))
		}
	}
	if got := strings.Join(states, " "); got != "connected unknown connected" {
		t.Errorf("the event log has %s", got)
	}
}

func TestAHostThatWasNeverReachedIsUnknown(t *testing.T) {
	s := newFake(supervisor.Status{})
	onOtherHost(t, handler(s), func(t *testing.T, l *Link, h *fakeHost) {
		h.cut("Permission denied (publickey)")
		time.Sleep(10 * time.Second)
		g, ok := l.Latest().Gateway("")
		if !ok || g.Name != "vps" || g.State != supervisor.Unknown || g.Why != "vps cannot be reached: Permission denied (publickey)" {
			t.Errorf("%+v", g)
		}
	})
}

// Changes between two documents are in the event log, too, each once and in order.
func TestNoChangeOnAnotherHostIsMissed(t *testing.T) {
	var w supervisor.Status
	s := newFake(w)
	change := func(seq uint64, from, to supervisor.State) {
		w.Gateways = append([]supervisor.Snapshot(nil), w.Gateways...)
		g := &w.Gateways[0]
		g.State = to
		g.Transitions = append(g.Transitions[:len(g.Transitions):len(g.Transitions)], supervisor.Transition{Seq: seq, At: supervisor.Now(), From: from, To: to})
	}
	entries := onOtherHost(t, handler(s), func(t *testing.T, _ *Link, _ *fakeHost) {
		w = connectedStatus("hello")
		s.show(w)
		time.Sleep(time.Second)
		change(1, supervisor.Connected, supervisor.Silent)
		time.Sleep(time.Millisecond)
		change(2, supervisor.Silent, supervisor.Connected)
		s.show(w)
		time.Sleep(time.Second)
		change(3, supervisor.Connected, supervisor.Down)
		s.show(w)
		s.show(w)
		time.Sleep(time.Second)
	})
	var states []string
	for _, e := range entries {
		states = append(states, string(e.To))
	}
	if got := strings.Join(states, " "); got != "connected silent connected down" {
		t.Error(got)
	}
}

// The other host may be anybody's by now.
func TestAHostThatLiesOrFloodsHarmsNobody(t *testing.T) {
	sends := func(text func() string) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			for r.Context().Err() == nil {
				if _, err := fmt.Fprint(w, text()); err != nil {
					return
				}
			}
		})
	}
	document := func(schema int, names ...string) string {
		var gateways []string
		for _, name := range names {
			gateways = append(gateways, fmt.Sprintf(`{"name":%q,"state":"connected","verified":true,"evidence_age_ms":0,"fresh_for_ms":99999999999}`, name))
		}
		return fmt.Sprintf(`data: {"schema":%d,"gateways":[%s]}`, schema, strings.Join(gateways, ",")) + "\n\n"
	}
	many := make([]string, 300)
	for i := range many {
		many[i] = fmt.Sprint("g", i)
	}
	for name, tt := range map[string]struct {
		routes http.Handler
		why    string // of what is unknown
		names  int    // that are shown
	}{
		"names of others":    {sends(func() string { return document(1, "paper", "paper", "../paper", "", "a/b", "a-b") }), "", 3},
		"too many Gateways":  {sends(func() string { return document(1, many...) }), "", maxLinkGateways},
		"another version":    {sends(func() string { return document(2, "paper") }), "schema 2", 1},
		"no document":        {sends(func() string { return "data: []\n\n" }), "cannot be reached", 1},
		"a line without end": {sends(func() string { return strings.Repeat("x", 1<<16) }), "cannot be reached", 1},
		"garbage":            {http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "go away", http.StatusTeapot) }), "418", 1},
		"silence":            {http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }), "no answer in time", 1},
	} {
		onOtherHost(t, tt.routes, func(t *testing.T, l *Link, _ *fakeHost) {
			time.Sleep(3 * time.Second)
			if name == "silence" {
				time.Sleep(linkAnswers)
			}
			w := l.Latest()
			if len(w.Gateways) != tt.names {
				t.Errorf("%s: %d Gateways", name, len(w.Gateways))
			}
			for _, g := range w.Gateways {
				if !strings.HasPrefix(g.Name, "vps") || g.Host != "vps" || strings.Count(g.Name, "/") > 1 {
					t.Errorf("%s: %q on %q", name, g.Name, g.Host)
				}
				if tt.why != "" && (g.State != supervisor.Unknown || !strings.Contains(g.Why, tt.why)) {
					t.Errorf("%s: %s, %s", name, g.State, g.Why)
				}
			}
		})
	}
}

// Who changes all the time does not drive what happened here out of the event log,
// nor with times of another clock.
func TestAHostCannotFloodTheEventLog(t *testing.T) {
	s := newFake(supervisor.Status{})
	var began time.Time
	entries := onOtherHost(t, handler(s), func(t *testing.T, l *Link, _ *fakeHost) {
		began = time.Now()
		for seq := uint64(1); seq < 5000; seq += 16 {
			w := connectedStatus("hello")
			for i := range uint64(16) {
				w.Gateways[0].Transitions = append(w.Gateways[0].Transitions, supervisor.Transition{Seq: seq + i, At: time.Now().AddDate(int(i)-8, 0, 0), From: supervisor.Down, To: supervisor.Connected})
			}
			w.Gateways[0].Name = fmt.Sprint("g", seq%3)
			s.show(w)
			time.Sleep(linkPause)
		}
		l.recording.Lock()
		defer l.recording.Unlock()
		if n := len(l.recorded); n > maxLinkGateways {
			t.Errorf("%d Gateways are remembered", n)
		}
	})
	if n := len(entries); n < 10 || n > 2*maxLinkEntries {
		t.Errorf("%d entries in half a minute", n)
	}
	for _, e := range entries {
		if e.At.Sub(began).Abs() > time.Hour {
			t.Errorf("an entry of %v", e.At)
			break
		}
	}
}

func TestACommandSaysWhyItCannotConnect(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("there is no sh")
	}
	for _, tt := range []struct {
		command []string
		why     string
	}{
		{[]string{"sh", "-c", "echo warming up >&2; echo 'ssh: connect to host vps port 22: Connection refused' >&2; exit 255"}, "vps cannot be reached: ssh: connect to host vps port 22: Connection refused"},
		{[]string{"sh", "-c", "exit 1"}, "vps cannot be reached: sh has ended"},
		{[]string{"gatelight-no-such-program"}, "executable file not found"},
		{[]string{"sh", "-c", "tty >&2; exit 1"}, "not a tty"},
	} {
		l := NewLink("vps", tt.command, nil)
		l.Fetch(t.Context())
		if why := l.Latest().Gateways[0].Why; !strings.Contains(why, tt.why) {
			t.Errorf("%q: %s, want %s", tt.command, why, tt.why)
		}
	}
}

// A command that hears nothing of its stdin is killed in the end.
func TestACommandIsNotLeftBehind(t *testing.T) {
	sleep, err := exec.LookPath("sleep")
	if err != nil {
		t.Skip("there is no sleep")
	}
	c, err := startCommand([]string{sleep, "1000"})
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Close(); err != nil {
		t.Error(err)
	}
	if state := c.(*commandConn).cmd.ProcessState; state == nil || state.Success() {
		t.Errorf("it is still there: %v", state)
	}
}
