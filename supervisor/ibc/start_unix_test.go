//go:build unix

package ibc

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"gatelight/supervisor"
	"gatelight/supervisor/simgateway"
	"gatelight/supervisor/testkit"
)

func TestStartAndStop(t *testing.T) {
	h := install(t, simgateway.Options{CommandServerPort: testkit.Port(t)})
	t.Parallel()
	f := h.follow()
	before := time.Now()
	f.performs(supervisor.Start)
	events, _ := f.recorded() // a GatewaySeen comes before a successful start returns
	seen, ok := events[0].(supervisor.GatewaySeen)
	if !ok || seen.By != supervisor.ByGatelight || seen.PID == 0 || seen.StartedAt.Sub(before).Abs() > 3*time.Second {
		t.Fatalf("%+v", events)
	}
	f.expects("seen", "launching", "login", "LOGIN", "logged_in")
	testkit.Eventually(t, "the API port is open", h.portIsOpen)

	f.refuses(supervisor.Start, supervisor.ReasonAlreadyRunning, "it runs already, as process "+strconv.Itoa(h.javaPID()))
	if group, err := syscall.Getpgid(seen.PID); err != nil || group != seen.PID {
		t.Errorf("process group %d, %v: our own signals would reach it", group, err)
	}
	if New(h.o).Running() == nil {
		t.Error("another driver does not know of it")
	}

	f.performs(supervisor.Stop)
	f.expects("seen", "launching", "login", "LOGIN", "logged_in", "STOP", "ended 0: it closed normally")
	if left := h.processes(); len(left) != 0 || h.portIsOpen() {
		t.Errorf("still there: %q", left)
	}
	if New(h.o).Running() != nil {
		t.Error("another driver still knows of it")
	}
	if _, err := os.Stat(h.runFile()); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the run file: %v", err)
	}

	f.performs(supervisor.Start) // and it can be started again
	f.waitFor(func(events []supervisor.Event) bool { return len(events) > 0 && f.pid() != seen.PID })
}

func TestStartDoesNotWaitForTheApproval(t *testing.T) {
	h := install(t, simgateway.Options{TwoFactor: simgateway.Never})
	t.Parallel()
	f := h.follow()
	f.startsAndWaitsForApproval()
	h.control("approve")
	f.expects("seen", "launching", "login", "LOGIN", "two_factor", "login", "logged_in")
}

func TestEveryLoginOfIBCsOwnLoopIsSeen(t *testing.T) {
	h := install(t, simgateway.Options{LoginResult: simgateway.LoginFailed})
	t.Parallel()
	f := h.follow()
	f.performs(supervisor.Start)
	f.waitFor(func(events []supervisor.Event) bool {
		logins := 0
		for _, e := range events {
			if _, ok := e.(supervisor.LoginSeen); ok {
				logins++
			}
		}
		return logins >= 3
	})
	words := f.words() // of what comes together only the last phase counts
	if words[1] == "launching" {
		words = slices.Delete(words, 1, 2)
	}
	if !slices.Equal(words[:5], []string{"seen", "login", "LOGIN", "launching", "login"}) {
		t.Errorf("%q", words)
	}
	f.performs(supervisor.Stop) // without a command server: by a signal, at whatever moment of the loop
	f.waitFor(func(events []supervisor.Event) bool { return lastEnd(events) != nil })
}

func TestStartOnATakenPortIsRefused(t *testing.T) {
	h := install(t, simgateway.Options{})
	t.Parallel()
	l, err := net.Listen("tcp", ":"+strconv.Itoa(h.o.Port))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	f := h.follow()
	f.refuses(supervisor.Start, supervisor.ReasonPortOpen, "port "+strconv.Itoa(h.o.Port)+" is taken by", "process "+strconv.Itoa(os.Getpid()))
	f.expectsNothing()
}

// expectsNothing checks that there is no process, no file and no event.
func (f *follower) expectsNothing() {
	f.h.t.Helper()
	if words, procs := f.words(), f.h.processes(); len(words) != 0 || len(procs) != 0 {
		f.h.t.Errorf("happened: %q; running: %q", words, procs)
	}
	for _, dir := range []string{f.h.o.LogDir, f.h.o.RunDir} {
		if _, err := os.Stat(dir); err == nil {
			f.h.t.Errorf("%s was made", dir)
		}
	}
}

// alwaysFails cannot read the socket table, as after an update of the system.
type alwaysFails struct{ supervisor.SocketReader }

func (alwaysFails) Look(context.Context, []int) (supervisor.Table, error) {
	return supervisor.Table{}, errors.New("the table cannot be read")
}

// Unknown is neither down nor up: without a look nothing is started and nothing
// is stopped.
func TestNothingIsDoneWhenTheTableCannotBeRead(t *testing.T) {
	idle := install(t, simgateway.Options{})
	h := install(t, simgateway.Options{CommandServerPort: testkit.Port(t)})
	t.Parallel()
	idle.o.Sockets = alwaysFails{idle.o.Sockets}
	f := idle.follow()
	f.refuses(supervisor.Start, supervisor.ReasonStateUnknown, "it is not known who listens on port", "the table cannot be read")
	f.expectsNothing()

	h.follow().startsAndLogsIn()
	h.o.Sockets = alwaysFails{h.o.Sockets}
	f = h.follow()
	f.refuses(supervisor.Stop, supervisor.ReasonStateUnknown, "it is not known who listens on port", "the table cannot be read")
	f.refuses(supervisor.Restart, supervisor.ReasonStateUnknown, "it is not known who listens on port")
	f.expectsRunning()
}

// expectsRunning checks that the Gateway and its script run, and that it
// answers.
func (f *follower) expectsRunning() {
	f.h.t.Helper()
	f.h.control("counts")
	if !f.h.portIsOpen() || len(f.h.processes()) != 2 {
		f.h.t.Errorf("it does not run any more: %q", f.h.processes())
	}
}

// No later Gatelight could adopt it: it would run unwatched, and a second one
// would be started beside it.
func TestARunThatCannotBeRememberedIsNotStarted(t *testing.T) {
	for _, tt := range []struct {
		name   string
		breaks func(h *harness)
		reason supervisor.Reason
		says   string
	}{
		{"a file stands in the folder's place", func(h *harness) { write(t, h.o.RunDir, "") }, supervisor.ReasonNotProven, "/run"},
		{"a folder stands in the file's place", func(h *harness) { write(t, filepath.Join(h.runFile(), "x"), "") }, supervisor.ReasonNotProven, "/run"},
		{"the file cannot be written", func(h *harness) { h.o.Gateway = strings.Repeat("x", 240) }, // with more in front it is too long a name
			"", "gatelight doctor checks it"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := install(t, simgateway.Options{})
			tt.breaks(h)
			t.Parallel()
			f := h.follow()
			f.refuses(supervisor.Start, tt.reason, tt.says)
			testkit.Eventually(t, "nothing runs", func() bool { return len(h.processes()) == 0 })
			if words := f.words(); len(words) != 0 || h.portIsOpen() {
				t.Errorf("%q", words)
			}
		})
	}
}

func TestStartWithoutAConfigIsRefused(t *testing.T) {
	h := install(t, simgateway.Options{})
	t.Parallel()
	h.o.Config = filepath.Join(h.dir, "nowhere.ini")
	f := h.follow()
	f.refuses(supervisor.Start, supervisor.ReasonNotInstalled, "there is no IBC config at "+h.o.Config)
	f.expectsNothing()
}

func TestActionsThatNeedNoGateway(t *testing.T) {
	d := New(fakeInstallation(t, "1045"))
	if err := d.Perform(t.Context(), supervisor.PerformAction{Action: "dance"}); err == nil || err.Error() != "dance is not something IBC can do" {
		t.Error(err)
	}
	d.o.ConfigSource = filepath.Join(t.TempDir(), "mine.ini")
	write(t, d.o.ConfigSource, "FIX=no\n")
	if err := d.Perform(t.Context(), supervisor.PerformAction{Action: supervisor.CopyConfig}); err != nil {
		t.Error(err)
	}
	if b, err := os.ReadFile(d.o.Config); err != nil || string(b) != "FIX=no\n" {
		t.Errorf("%q, %v", b, err)
	}
}
