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
)

func TestAdopt(t *testing.T) {
	r := install(t, simgateway.Options{CommandServerPort: freePort(t), TwoFactor: simgateway.Never})
	t.Parallel()
	first := r.follow()
	first.act(supervisor.Start)
	first.sees("seen", "launching", "login", "LOGIN", "two_factor")
	first.quit()
	pid := first.pid()

	second := r.follow()
	second.sees("seen", "LOGIN", "two_factor")
	events, _ := second.all()
	if seen := events[0].(supervisor.GatewaySeen); seen.PID != pid || seen.By != supervisor.ByGatelight || seen.StartedAt.IsZero() {
		t.Errorf("%+v, want process %d", seen, pid)
	}
	second.refuses(supervisor.Start, "it runs already, as process "+strconv.Itoa(pid))
	r.control("approve")
	second.sees("seen", "LOGIN", "two_factor", "login", "logged_in")
	eventually(t, "the API port is open", r.portIsOpen)
	second.act(supervisor.Stop)
	second.sees("seen", "LOGIN", "two_factor", "login", "logged_in", "STOP", "ended 0: it closed normally")
	if got := first.spelled(); len(got) != 5 {
		t.Errorf("the first goes on: %q", got)
	}
}

func TestAdoptedAndKilled(t *testing.T) {
	r := install(t, simgateway.Options{})
	t.Parallel()
	first := r.follow()
	first.start()
	first.quit()
	second := r.follow()
	second.sees("seen", "LOGIN", "logged_in")
	second.act(supervisor.Stop) // by SIGTERM: an adopted one is proven ours, too
	second.sees("seen", "LOGIN", "logged_in", "ended 143: it was asked to end by a signal")
}

// A start that comes before the adoption is through must not log in twice.
func TestStartBeforeTheAdoption(t *testing.T) {
	r := install(t, simgateway.Options{TwoFactor: simgateway.Never})
	t.Parallel()
	first := r.follow()
	first.act(supervisor.Start)
	first.sees("seen", "launching", "login", "LOGIN", "two_factor")
	first.quit()
	_, err := New(r.o).launchAlone(false) // nobody follows yet
	if err == nil || !strings.Contains(err.Error(), "it runs already, as process "+strconv.Itoa(first.pid())) {
		t.Errorf("%v", err)
	}
	if n := len(r.processes()); n != 2 {
		t.Errorf("%d processes, not 2: %q", n, r.processes())
	}
}

// A pid proves nothing: start time and command line must be right as well. What
// is not proven is neither adopted nor signalled.
func TestWhatIsNotAdopted(t *testing.T) {
	r := install(t, simgateway.Options{})
	bystander := install(t, simgateway.Options{})
	t.Parallel()
	real := r.follow()
	real.start()
	right := real.running()
	real.quit()
	other := bystander.follow()
	other.start()
	its := other.running()
	content, err := os.ReadFile(right.file)
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
		{"this process", text(os.Getpid(), right.StartedAt, os.Args)},
		{"init", text(1, right.StartedAt, right.Args)},
		{"nobody", text(0, right.StartedAt, right.Args)},
		{"a group", text(-right.PID, right.StartedAt, right.Args)},
		{"a pid that does not exist", text(1<<30, right.StartedAt, right.Args)},
		{"half a file", string(content[:len(content)/2])},
		{"an empty file", ""},
		{"not what it should be", `[]`},
	} {
		write(t, right.file, tt.file)
		g := r.follow()
		if seen, ok := g.Running(); ok {
			t.Errorf("%s: adopted as %+v", tt.name, seen)
		}
		g.refuses(supervisor.Stop, "it was not started by Gatelight, so no signal is sent to it")
		g.refuses(supervisor.Start, "port "+strconv.Itoa(r.o.Port)+" is taken by")
		g.quit()
		if words := g.spelled(); slices.Contains(words, "seen") {
			t.Errorf("%s: %q", tt.name, words)
		}
		real.stillRuns()
		other.stillRuns()
	}
	write(t, right.file, string(content)) // and the right one is
	r.follow().sees("seen", "LOGIN", "logged_in")
}

// identified waits for the command line, which is empty for a moment after a start.
func identified(t *testing.T, pid int) (started time.Time, argv []string) {
	t.Helper()
	eventually(t, "the command line", func() (there bool) {
		var err error
		started, argv, err = identity(pid)
		return err == nil && len(argv) > 1
	})
	return started, argv
}

// Signals go to a group of its own or to nobody.

// A crash is no peace just because Gatelight was away, or is started anew.
func TestACrashIsRememberedUntilItIsDealtWith(t *testing.T) {
	for name, watched := range map[string]bool{"seen": true, "while nobody was there": false} {
		r := install(t, simgateway.Options{CommandServerPort: freePort(t)})
		first := r.follow()
		first.start()
		if watched {
			r.control("crash")
			first.sees("seen", "launching", "login", "LOGIN", "logged_in", "ended 137: it was killed")
			first.quit()
		} else {
			first.quit()
			r.control("crash")
			eventually(t, "everything has ended", func() bool { return len(r.processes()) == 0 })
		}
		for range 2 {
			again := r.follow()
			again.sees("LOGIN", "ended 137: it was killed")
			if events, _ := again.all(); !events[1].(supervisor.GatewayEnded).Before {
				t.Errorf("%s: %+v, want it told as something that was before", name, events[1])
			}
			again.quit()
		}
		last := r.follow()
		last.act(supervisor.Start)
		last.act(supervisor.Stop)
		last.quit()
		peace := r.follow()
		<-peace.Adopted()
		peace.quit()
		if words := peace.spelled(); slices.ContainsFunc(words, func(w string) bool { return strings.HasPrefix(w, "ended") }) {
			t.Errorf("%s: after a stop that was asked for: %q", name, words)
		}
	}
}
