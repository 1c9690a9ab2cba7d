//go:build unix

package ibc

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"gatelight/supervisor"
	"gatelight/supervisor/simgateway"
	"gatelight/supervisor/testkit"
)

func TestStopAsksBeforeItKills(t *testing.T) {
	const short = 300 * time.Millisecond
	for _, tt := range []struct {
		name    string
		sim     simgateway.Options
		command bool // there is a command server
		grace   Grace
		want    []string
	}{
		{"STOP", simgateway.Options{}, true, Grace{testkit.Patience, testkit.Patience}, []string{"STOP", "ended 0: it closed normally"}},
		{"STOP is ignored: SIGTERM", simgateway.Options{IgnoreStop: true}, true, Grace{short, testkit.Patience},
			[]string{"STOP", "ended 143: SIGTERM"}},
		{"SIGTERM is ignored too: SIGKILL", simgateway.Options{IgnoreStop: true, IgnoreTerm: true}, true, Grace{short, short},
			[]string{"STOP", "ended 137: it was killed"}},
		{"no command server: SIGTERM", simgateway.Options{}, false, Grace{testkit.Patience, testkit.Patience}, []string{"ended 143: SIGTERM"}},
		{"no command server, SIGTERM is ignored: SIGKILL", simgateway.Options{IgnoreTerm: true}, false, Grace{testkit.Patience, short},
			[]string{"ended 137: it was killed"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if tt.command {
				tt.sim.CommandServerPort = testkit.Port(t)
			}
			h := install(t, tt.sim)
			t.Parallel()
			h.o.Grace = tt.grace
			f := h.follow()
			f.startsAndLogsIn()
			f.performs(supervisor.Stop)
			f.expects(append([]string{"seen", "launching", "login", "LOGIN", "logged_in"}, tt.want...)...)
			testkit.Eventually(t, "nobody is left", func() bool { return len(h.processes()) == 0 })
		})
	}
}

// Quitting while a stop is under way must not make it harsher.
func TestAStopThatIsGivenUpGoesNoFurther(t *testing.T) {
	for _, tt := range []struct {
		name string
		port bool // a command server
	}{{"after STOP", true}, {"after SIGTERM", false}} {
		t.Run(tt.name, func(t *testing.T) {
			sim := simgateway.Options{IgnoreStop: true, IgnoreTerm: !tt.port} // after STOP, a SIGTERM would be one too many
			if tt.port {
				sim.CommandServerPort = testkit.Port(t)
			}
			h := install(t, sim)
			t.Parallel()
			f := h.follow()
			f.startsAndLogsIn()
			ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
			defer cancel()
			if err := f.Perform(ctx, supervisor.PerformAction{Action: supervisor.Stop}); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("%v, want %v", err, context.DeadlineExceeded)
			}
			f.expectsRunning()
			h.control("crash") // and what ends it is this, not a signal of ours
			f.waitFor(func(events []supervisor.Event) bool {
				end := lastEnd(events)
				if end != nil && end.Exit.Status != 137 {
					t.Errorf("ended %d, not 137", end.Exit.Status)
				}
				return end != nil
			})
		})
	}
}

func TestAStopThatWasGivenUpBeforeDoesNothing(t *testing.T) {
	h := install(t, simgateway.Options{CommandServerPort: testkit.Port(t)})
	t.Parallel()
	f := h.follow()
	f.startsAndLogsIn()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := f.Perform(ctx, supervisor.PerformAction{Action: supervisor.Stop}); err == nil {
		t.Error("it was stopped in no time")
	}
	f.expectsRunning()
}

// Where two Gateways have one command port, the first has the server: a STOP
// that is meant for the second would stop the first.
func TestNoCommandGoesToAnotherGateway(t *testing.T) {
	port := testkit.Port(t)
	one := install(t, simgateway.Options{CommandServerPort: port})
	two := install(t, simgateway.Options{CommandServerPort: port})
	t.Parallel()
	server := "port " + strconv.Itoa(port)

	// By the settings alone, before anything runs.
	two.o.Others = []Other{{Gateway: "live", Config: one.o.Config}}
	two.follow().refuses(supervisor.Start, supervisor.ReasonCommandPortTaken, "the Gateways paper and live have the same CommandServerPort, "+strconv.Itoa(port))
	two.o.Others = nil

	first, second := one.follow(), two.follow()
	first.startsAndLogsIn()
	second.refuses(supervisor.Start, supervisor.ReasonCommandPortTaken, server+", CommandServerPort in config.ini, is taken by")
	if left := two.processes(); len(left) != 0 {
		t.Fatalf("started all the same: %q", left)
	}

	// And where config.ini comes to say so when both run already.
	shared, err := os.ReadFile(two.o.Config)
	if err != nil {
		t.Fatal(err)
	}
	own := strings.Replace(string(shared), "CommandServerPort="+strconv.Itoa(port), "CommandServerPort=0", 1)
	write(t, two.o.Config, own)
	second.startsAndLogsIn()
	write(t, two.o.Config, string(shared))
	second.refuses(supervisor.Stop, supervisor.ReasonNotProven, server, "is not proven to be this Gateway's; nothing was sent")
	second.refuses(supervisor.Restart, supervisor.ReasonNotProven, server, "is not proven to be this Gateway's; nothing was sent")
	first.expectsRunning()
	second.expectsRunning()
	for _, h := range []*harness{one, two} {
		if log, err := os.ReadFile(h.logFile()); err != nil || bytes.Contains(log, []byte("received command")) {
			t.Errorf("a command arrived: %v", err)
		}
	}
	first.performs(supervisor.Stop)
	first.expects("seen", "launching", "login", "LOGIN", "logged_in", "STOP", "ended 0: it closed normally")
	second.expectsRunning()
}

// A Gateway that a person has started can be stopped through its command
// server, but is sent no signal.
func TestAForeignGatewayIsStoppedByCommandOnly(t *testing.T) {
	for _, command := range []bool{true, false} {
		t.Run(fmt.Sprintf("command server %t", command), func(t *testing.T) {
			sim := simgateway.Options{}
			if command {
				sim.CommandServerPort = testkit.Port(t)
			}
			h := install(t, sim)
			t.Parallel()
			cmd := h.command()
			detach(cmd)
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			h.pids = append(h.pids, cmd.Process.Pid)
			testkit.Eventually(t, "the API port is open", h.portIsOpen)
			f := h.follow()
			seen, ok := f.Identify(t.Context(), h.javaPID())
			if !ok || seen.By != supervisor.ByOther || seen.PID != h.javaPID() || seen.StartedAt.IsZero() ||
				seen.Controls != (supervisor.Controls{Command: command, KeepsLogin: command}) {
				t.Errorf("identified as %+v, %v", seen, ok)
			}
			if command {
				f.performs(supervisor.Stop)
				testkit.Eventually(t, "it has ended", func() bool { return len(h.processes()) == 0 })
			} else {
				f.refuses(supervisor.Stop, supervisor.ReasonNoControls, "it was not started by Gatelight, so no signal is sent to it; close it by hand")
				f.expectsRunning()
			}
			if words := f.words(); len(words) != 0 {
				t.Errorf("%q", words)
			}
		})
	}
}

func TestOurOwnRunAndOtherProgramsAreNotIdentified(t *testing.T) {
	h := install(t, simgateway.Options{CommandServerPort: testkit.Port(t)})
	t.Parallel()
	f := h.follow()
	f.startsAndLogsIn()
	for what, pid := range map[string]int{"our own Java": h.javaPID(), "our own script": f.pid(), "this test": os.Getpid(), "nobody": 1 << 30} {
		if seen, ok := f.Identify(t.Context(), pid); ok {
			t.Errorf("%s was identified: %+v", what, seen)
		}
	}
}
