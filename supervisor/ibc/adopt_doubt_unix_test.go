//go:build unix

package ibc

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"gatelight/supervisor"
	"gatelight/supervisor/simgateway"
)

// A process that may be the Gateway is not taken for an end: the next start would
// be one login more beside it.
func TestWhatCannotBeToldIsNeitherRunningNorEnded(t *testing.T) {
	r := install(t, simgateway.Options{TwoFactor: simgateway.Never})
	t.Parallel()
	first := r.follow()
	first.act(supervisor.Start)
	first.sees("seen", "launching", "login", "LOGIN", "two_factor")
	first.quit()

	b, err := os.ReadFile(first.runFile()) // as if the clock had been set since
	if err != nil {
		t.Fatal(err)
	}
	var kept map[string]any
	if err := json.Unmarshal(b, &kept); err != nil {
		t.Fatal(err)
	}
	kept["started_at"] = time.Now().Add(-time.Hour)
	if b, err = json.Marshal(kept); err != nil {
		t.Fatal(err)
	}
	write(t, first.runFile(), string(b))

	second := r.follow()
	second.refuses(supervisor.Start, "may be the Gateway that an earlier Gatelight has started, and it cannot be told")
	for _, word := range second.spelled() {
		if strings.HasPrefix(word, "ended") || word == "seen" {
			t.Errorf("told: %q", second.spelled())
		}
	}
	if n := len(r.processes()); n != 2 {
		t.Errorf("%d processes", n)
	}
}

// The user's own stop counts, even when Gatelight is quit before it is done.
func TestAStopIsAdoptedToo(t *testing.T) {
	r := install(t, simgateway.Options{CommandServerPort: freePort(t), StopDelay: 2 * time.Second})
	t.Parallel()
	first := r.follow()
	first.start()
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	_ = first.Perform(ctx, supervisor.PerformAction{Action: supervisor.Stop}) // not waited for
	first.quit()
	second := r.follow()
	second.sees("seen", "LOGIN", "logged_in", "STOP", "ended 0: it closed normally")
	if _, err := os.Stat(second.runFile()); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("it is remembered as a crash: %v", err)
	}
}

// Who asked for a start is in the log of it, so that the next Gatelight counts
// its login right.
func TestWhoAskedIsRemembered(t *testing.T) {
	for _, unattended := range []bool{false, true} {
		r := install(t, simgateway.Options{})
		first := r.follow()
		if err := first.Perform(t.Context(), supervisor.PerformAction{Action: supervisor.Start, Unattended: unattended}); err != nil {
			t.Fatal(err)
		}
		first.sees("seen", "launching", "login", "LOGIN", "logged_in")
		first.quit()
		second := r.follow()
		second.sees("seen", "LOGIN", "logged_in")
		events, _ := second.all()
		for _, e := range events {
			if login, ok := e.(supervisor.LoginSeen); ok && (login.Attended == unattended || login.At.IsZero()) {
				t.Errorf("unattended %v: %+v", unattended, login)
			}
		}
		events, _ = first.all()
		for _, e := range events {
			if login, ok := e.(supervisor.LoginSeen); ok && !login.At.IsZero() {
				t.Errorf("a login that was seen as it happened is timed by IBC's clock: %+v", login)
			}
		}
	}
}

// behindRelay are eyes to which one relay holds every port that is open.
type behindRelay struct{ supervisor.SocketReader }

func (b behindRelay) Look(ctx context.Context, ports []int) (supervisor.Table, error) {
	t, err := b.SocketReader.Look(ctx, ports)
	for port, v := range t.Ports {
		if v.Listener != nil {
			l := *v.Listener
			l.Process, l.Relay = supervisor.Process{PID: 77, Name: "com.docker.backend"}, "com.docker.backend"
			v.Listener = &l
			t.Ports[port] = v
		}
	}
	return t, err
}

// One relay may hold the ports of many Gateways: that it holds both proves nothing.
func TestNoCommandGoesThroughARelay(t *testing.T) {
	r := install(t, simgateway.Options{CommandServerPort: freePort(t)})
	t.Parallel()
	r.follow().start()
	eyes, runs := r.o.Sockets, r.o.RunDir
	r.o.Sockets, r.o.RunDir = behindRelay{eyes}, filepath.Join(r.dir, "another")
	g := r.follow()
	for _, a := range []supervisor.Action{supervisor.Stop, supervisor.Restart, supervisor.ClearZombies} {
		g.refuses(a, "is not proven to be this Gateway's; nothing was sent")
	}
	r.o.Sockets, r.o.RunDir = eyes, runs
	r.follow().stillRuns()
}

// once fails at its n-th look.
type once struct {
	supervisor.SocketReader
	left *int
}

func (o once) Look(ctx context.Context, ports []int) (supervisor.Table, error) {
	if *o.left--; *o.left == 0 {
		return supervisor.Table{}, errors.New("the table cannot be read")
	}
	return o.SocketReader.Look(ctx, ports)
}

// One look that fails is enough to do nothing.
func TestOneBlindLookIsEnough(t *testing.T) {
	r := install(t, simgateway.Options{CommandServerPort: freePort(t)})
	t.Parallel()
	r.follow().start()
	eyes := r.o.Sockets
	for _, a := range []supervisor.Action{supervisor.Restart, supervisor.ClearZombies, supervisor.Stop} {
		for look := 1; look <= 2; look++ {
			left := look
			r.o.Sockets = once{eyes, &left}
			r.follow().refuses(a, "the table cannot be read")
		}
	}
	r.o.Sockets = eyes
	r.follow().stillRuns()
}
