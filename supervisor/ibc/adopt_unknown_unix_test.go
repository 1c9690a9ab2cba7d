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
	"gatelight/supervisor/testkit"
)

// A process that may be the Gateway has not ended: a start beside it would be
// one more login.
func TestAnUnprovenProcessIsNeitherRunningNorEnded(t *testing.T) {
	h := install(t, simgateway.Options{TwoFactor: simgateway.Never})
	t.Parallel()
	first := h.follow()
	first.performs(supervisor.Start)
	first.expects("seen", "launching", "login", "LOGIN", "two_factor")
	first.quit()

	b, err := os.ReadFile(h.runFile()) // as if the clock had been set since
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
	write(t, h.runFile(), string(b))

	second := h.follow()
	second.refuses(supervisor.Start, supervisor.ReasonNotProven, "may be the Gateway that an earlier Gatelight has started, and it cannot be told")
	for _, word := range second.words() {
		if strings.HasPrefix(word, "ended") || word == "seen" {
			t.Errorf("reported: %q", second.words())
		}
	}
	if n := len(h.processes()); n != 2 {
		t.Errorf("%d processes", n)
	}
}

// A stop by the user is no crash, even when Gatelight is quit before it is
// done.
func TestAStopUnderWayIsAdopted(t *testing.T) {
	h := install(t, simgateway.Options{CommandServerPort: testkit.Port(t), StopDelay: 2 * time.Second})
	t.Parallel()
	first := h.follow()
	first.startsAndLogsIn()
	ctx, giveUp := context.WithCancel(t.Context())
	stopping := make(chan struct{})
	go func() {
		defer close(stopping)
		_ = first.Perform(ctx, supervisor.PerformAction{Action: supervisor.Stop}) // not waited for
	}()
	first.expects("seen", "launching", "login", "LOGIN", "logged_in", "STOP")
	giveUp()
	<-stopping
	first.quit()
	second := h.follow()
	second.expects("seen", "LOGIN", "logged_in", "STOP", "ended 0: it closed normally")
	if _, err := os.Stat(h.runFile()); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("it is remembered as a crash: %v", err)
	}
}

// IBC's log says whether a user asked for the start, so that the next Gatelight
// counts its login right.
func TestAnAdoptedLoginIsAttendedIfTheStartWas(t *testing.T) {
	for _, unattended := range []bool{false, true} {
		h := install(t, simgateway.Options{})
		first := h.follow()
		if err := first.Perform(t.Context(), supervisor.PerformAction{Action: supervisor.Start, Unattended: unattended}); err != nil {
			t.Fatal(err)
		}
		first.expects("seen", "launching", "login", "LOGIN", "logged_in")
		first.quit()
		second := h.follow()
		second.expects("seen", "LOGIN", "logged_in")
		events, _ := second.recorded()
		for _, e := range events {
			if login, ok := e.(supervisor.LoginSeen); ok && (login.Attended == unattended || login.At.IsZero()) {
				t.Errorf("unattended %v: %+v", unattended, login)
			}
		}
		events, _ = first.recorded()
		for _, e := range events {
			if login, ok := e.(supervisor.LoginSeen); ok && !login.At.IsZero() {
				t.Errorf("a login that was seen live has the time of IBC's log: %+v", login)
			}
		}
	}
}

// behindRelay shows one relay as the owner of every open port.
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

// One relay may hold the ports of many Gateways: that it holds both ports
// proves nothing.
func TestNoCommandGoesThroughARelay(t *testing.T) {
	h := install(t, simgateway.Options{CommandServerPort: testkit.Port(t)})
	t.Parallel()
	h.follow().startsAndLogsIn()
	reader, runs := h.o.Sockets, h.o.RunDir
	h.o.Sockets, h.o.RunDir = behindRelay{reader}, filepath.Join(h.dir, "another")
	f := h.follow()
	for _, a := range []supervisor.Action{supervisor.Stop, supervisor.Restart, supervisor.ClearZombies} {
		f.refuses(a, supervisor.ReasonNotProven, "is not proven to be this Gateway's; nothing was sent")
	}
	h.o.Sockets, h.o.RunDir = reader, runs
	h.follow().expectsRunning()
}

// failsOnce fails at the n-th look.
type failsOnce struct {
	supervisor.SocketReader
	left *int
}

func (o failsOnce) Look(ctx context.Context, ports []int) (supervisor.Table, error) {
	if *o.left--; *o.left == 0 {
		return supervisor.Table{}, errors.New("the table cannot be read")
	}
	return o.SocketReader.Look(ctx, ports)
}

func TestNothingIsDoneAfterOneFailedLook(t *testing.T) {
	h := install(t, simgateway.Options{CommandServerPort: testkit.Port(t)})
	t.Parallel()
	h.follow().startsAndLogsIn()
	reader := h.o.Sockets
	for _, a := range []supervisor.Action{supervisor.Restart, supervisor.ClearZombies, supervisor.Stop} {
		for look := 1; look <= 2; look++ {
			left := look
			h.o.Sockets = failsOnce{reader, &left}
			h.follow().refuses(a, supervisor.ReasonStateUnknown, "the table cannot be read")
		}
	}
	h.o.Sockets = reader
	h.follow().expectsRunning()
}
