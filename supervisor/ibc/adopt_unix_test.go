//go:build unix

package ibc

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"gatelight/supervisor"
	"gatelight/supervisor/simgateway"
	"gatelight/supervisor/testkit"
)

// startsAndWaitsForApproval starts, and waits until IBC asks for the second factor.
func (f *follower) startsAndWaitsForApproval() {
	f.h.t.Helper()
	f.performs(supervisor.Start)
	f.expects("seen", "launching", "login", "LOGIN", "two_factor")
}

// The Gateway outlives Gatelight, and the next Gatelight follows it from where
// it is.
func TestARunningGatewayIsAdopted(t *testing.T) {
	h := install(t, simgateway.Options{CommandServerPort: testkit.Port(t), TwoFactor: simgateway.Never})
	t.Parallel()
	first := h.follow()
	first.startsAndWaitsForApproval()
	first.quit()
	pid := first.pid()

	second := h.follow()
	second.expects("seen", "LOGIN", "two_factor")
	events, _ := second.recorded()
	if seen := events[0].(supervisor.GatewaySeen); seen.PID != pid || seen.By != supervisor.ByGatelight || seen.StartedAt.IsZero() {
		t.Errorf("%+v, want process %d", seen, pid)
	}
	second.refuses(supervisor.Start, supervisor.ReasonAlreadyRunning, "it runs already, as process "+strconv.Itoa(h.java()))
	h.control("approve")
	second.expects("seen", "LOGIN", "two_factor", "login", "logged_in")
	testkit.Eventually(t, "the API port is open", h.portIsOpen)
	second.performs(supervisor.Stop)
	second.expects("seen", "LOGIN", "two_factor", "login", "logged_in", "STOP", "ended 0: it closed normally")
	if got := first.words(); len(got) != 5 {
		t.Errorf("the first goes on: %q", got)
	}
}

func TestAnAdoptedGatewayIsStoppedBySignal(t *testing.T) {
	h := install(t, simgateway.Options{})
	t.Parallel()
	first := h.follow()
	first.startsAndLogsIn()
	first.quit()
	second := h.follow()
	second.expects("seen", "LOGIN", "logged_in")
	second.performs(supervisor.Stop) // by SIGTERM: an adopted one is proven ours, too
	second.expects("seen", "LOGIN", "logged_in", "ended 143: SIGTERM")
}

// A start that comes before the adoption must not log in twice.
func TestAStartBeforeTheAdoptionLaunchesNothing(t *testing.T) {
	h := install(t, simgateway.Options{TwoFactor: simgateway.Never})
	t.Parallel()
	first := h.follow()
	first.startsAndWaitsForApproval()
	first.quit()
	_, err := New(h.o).launchOnce(false) // Follow has not been called
	if err == nil || !strings.Contains(err.Error(), "it runs already, as process "+strconv.Itoa(h.java())) {
		t.Errorf("%v", err)
	}
	if n := len(h.processes()); n != 2 {
		t.Errorf("%d processes, not 2: %q", n, h.processes())
	}
}

// A pid proves nothing: start time and command line must match as well. What is
// not proven is neither adopted nor signalled.
func TestOnlyAProvenProcessIsAdopted(t *testing.T) {
	h := install(t, simgateway.Options{})
	bystander := install(t, simgateway.Options{})
	t.Parallel()
	real := h.follow()
	real.startsAndLogsIn()
	right := real.running()
	real.quit()
	other := bystander.follow()
	other.startsAndLogsIn()
	its := other.running()
	content, err := os.ReadFile(h.runFile())
	if err != nil {
		t.Fatal(err)
	}
	text := func(pid int, started time.Time, args []string) string {
		return fmt.Sprintf(`{"pid":%d,"started_at":%q,"args":["%s"],"log":%q}`, pid, started.Format(time.RFC3339Nano), strings.Join(args, `","`), right.Log)
	}
	for _, tt := range []struct{ name, file string }{
		{"a start time that is wrong", text(right.PID, right.StartedAt.Add(-time.Hour), right.Args)},
		{"no start time", text(right.PID, time.Time{}, right.Args)},
		{"a pid that was given to another", text(its.PID, its.StartedAt, right.Args)},
		{"no arguments", text(right.PID, right.StartedAt, nil)},
		{"fewer arguments", text(right.PID, right.StartedAt, right.Args[:2])},
		{"this process, at another start time", text(os.Getpid(), right.StartedAt.Add(time.Minute), os.Args)},
		{"init", text(1, right.StartedAt, right.Args)},
		{"a group", text(-right.PID, right.StartedAt, right.Args)},
		{"a pid that does not exist", text(1<<30, right.StartedAt, right.Args)},
		{"another script of the same name", strings.Replace(string(content), h.o.Path, h.dir+"/another", -1)},
		{"half a file", string(content[:len(content)/2])},
		{"an empty file", ""},
		{"not what it should be", `[]`},
	} {
		write(t, h.runFile(), tt.file)
		f := h.follow()
		if seen, ok := f.Running().(supervisor.GatewaySeen); ok {
			t.Errorf("%s: adopted as %+v", tt.name, seen)
		}
		f.refuses(supervisor.Stop, supervisor.ReasonNoControls, "it was not started by Gatelight, so no signal is sent to it")
		f.refuses(supervisor.Start, supervisor.ReasonPortOpen, "port "+strconv.Itoa(h.o.Port)+" is taken by")
		f.quit()
		if words := f.words(); slices.Contains(words, "seen") {
			t.Errorf("%s: %q", tt.name, words)
		}
		real.expectsRunning()
		other.expectsRunning()
	}
	write(t, h.runFile(), string(content)) // and the right one is
	h.follow().expects("seen", "LOGIN", "logged_in")
}

// awaitIdentity waits for the command line, which is empty for a moment after a
// start.
func awaitIdentity(t *testing.T, pid int) (is proof) {
	t.Helper()
	testkit.Eventually(t, "the command line", func() (there bool) {
		var err error
		is, err = proofOf(pid)
		return err == nil && len(is.Args) > 1
	})
	return is
}

// A crash is reported even if Gatelight did not run then, and after each start
// of Gatelight until the Gateway is started again.
func TestACrashIsReportedUntilTheNextStart(t *testing.T) {
	for name, watched := range map[string]bool{"while Gatelight ran": true, "while Gatelight did not run": false} {
		h := install(t, simgateway.Options{CommandServerPort: testkit.Port(t)})
		first := h.follow()
		first.startsAndLogsIn()
		if watched {
			h.control("crash")
			first.expects("seen", "launching", "login", "LOGIN", "logged_in", "ended 137: it was killed")
			first.quit()
		} else {
			first.quit()
			h.control("crash")
			testkit.Eventually(t, "everything has ended", func() bool { return len(h.processes()) == 0 })
		}
		for range 2 {
			again := h.follow()
			again.expects("LOGIN", "ended 137: it was killed")
			if events, _ := again.recorded(); !events[1].(supervisor.GatewayEnded).Before {
				t.Errorf("%s: %+v, want it reported as something that was before", name, events[1])
			}
			again.quit()
		}
		last := h.follow()
		last.performs(supervisor.Start)
		last.performs(supervisor.Stop)
		last.quit()
		quiet := h.follow()
		<-quiet.Adopted()
		quiet.quit()
		if words := quiet.words(); slices.ContainsFunc(words, func(w string) bool { return strings.HasPrefix(w, "ended") }) {
			t.Errorf("%s: after a stop that was asked for: %q", name, words)
		}
	}
}
