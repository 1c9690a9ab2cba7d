//go:build unix

package ibc

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"gatelight/supervisor"
	"gatelight/supervisor/simgateway"
)

func TestStopFromThePoliteToTheHarsh(t *testing.T) {
	const short = 300 * time.Millisecond
	for _, tt := range []struct {
		name    string
		sim     simgateway.Options
		command bool // there is a command server
		grace   Grace
		want    []string
	}{
		{"STOP", simgateway.Options{}, true, Grace{patience, patience}, []string{"STOP", "ended 0: it closed normally"}},
		{"STOP is ignored: SIGTERM", simgateway.Options{IgnoreStop: true}, true, Grace{short, patience},
			[]string{"STOP", "ended 143: it was asked to end by a signal"}},
		{"SIGTERM is ignored too: SIGKILL", simgateway.Options{IgnoreStop: true, IgnoreTerm: true}, true, Grace{short, short},
			[]string{"STOP", "ended 137: it was killed"}},
		{"no command server: SIGTERM", simgateway.Options{}, false, Grace{patience, patience}, []string{"ended 143: it was asked to end by a signal"}},
		{"no command server, SIGTERM is ignored: SIGKILL", simgateway.Options{IgnoreTerm: true}, false, Grace{patience, short},
			[]string{"ended 137: it was killed"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if tt.command {
				tt.sim.CommandServerPort = freePort(t)
			}
			r := install(t, tt.sim)
			t.Parallel()
			g := r.follow()
			g.o.Grace = tt.grace
			g.start()
			g.act(supervisor.Stop)
			g.sees(append([]string{"seen", "launching", "login", "LOGIN", "logged_in"}, tt.want...)...)
			eventually(t, "nobody is left", func() bool { return len(r.processes()) == 0 })
		})
	}
}

// Quitting while a stop is under way must not make it harsher.
func TestStopThatIsGivenUp(t *testing.T) {
	for _, tt := range []struct {
		name string
		port bool // a command server
	}{{"after STOP", true}, {"after SIGTERM", false}} {
		t.Run(tt.name, func(t *testing.T) {
			sim := simgateway.Options{IgnoreStop: true, IgnoreTerm: !tt.port} // after STOP, a SIGTERM would be one too many
			if tt.port {
				sim.CommandServerPort = freePort(t)
			}
			r := install(t, sim)
			t.Parallel()
			g := r.follow()
			g.start()
			ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
			defer cancel()
			if err := g.Perform(ctx, supervisor.PerformAction{Action: supervisor.Stop}); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("%v, want %v", err, context.DeadlineExceeded)
			}
			g.stillRuns()
			r.control("crash") // and what ends it is this, not a signal of ours
			g.until(func(events []supervisor.Event) bool {
				ended, ok := events[len(events)-1].(supervisor.GatewayEnded)
				if ok && ended.Exit.Status != 137 {
					t.Errorf("ended %d, not 137", ended.Exit.Status)
				}
				return ok
			})
		})
	}
}

func TestStopThatWasGivenUpBefore(t *testing.T) {
	r := install(t, simgateway.Options{CommandServerPort: freePort(t)})
	t.Parallel()
	g := r.follow()
	g.start()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := g.Perform(ctx, supervisor.PerformAction{Action: supervisor.Stop}); err == nil {
		t.Error("it was stopped in no time")
	}
	g.stillRuns()
}

func TestTwoGatewaysWithOneCommandPort(t *testing.T) {
	port := freePort(t)
	one := install(t, simgateway.Options{CommandServerPort: port})
	two := install(t, simgateway.Options{CommandServerPort: port})
	t.Parallel()
	server := "port " + strconv.Itoa(port)

	// By the settings alone, before anything runs.
	two.o.Others = []Other{{Gateway: "live", Config: one.o.Config}}
	two.follow().refuses(supervisor.Start, "the Gateways paper and live have the same CommandServerPort, "+strconv.Itoa(port))
	two.o.Others = nil

	first, second := one.follow(), two.follow()
	first.start()
	second.refuses(supervisor.Start, server+", CommandServerPort in config.ini, is taken by")
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
	second.start()
	write(t, two.o.Config, string(shared))
	second.refuses(supervisor.Stop, server, "is not proven to be this Gateway's; nothing was sent")
	second.refuses(supervisor.Restart, server, "is not proven to be this Gateway's; nothing was sent")
	first.stillRuns()
	second.stillRuns()
	for _, r := range []*rig{one, two} {
		if log, err := os.ReadFile(r.logFile()); err != nil || bytes.Contains(log, []byte("received command")) {
			t.Errorf("a command arrived: %v", err)
		}
	}
	first.act(supervisor.Stop)
	first.sees("seen", "launching", "login", "LOGIN", "logged_in", "STOP", "ended 0: it closed normally")
	second.stillRuns()
}

// A Gateway that a person has started can be stopped through its own command
// server, which needs no signal.
func TestAGatewayOfSomebodyElse(t *testing.T) {
	for _, command := range []bool{true, false} {
		t.Run(fmt.Sprintf("command server %t", command), func(t *testing.T) {
			sim := simgateway.Options{}
			if command {
				sim.CommandServerPort = freePort(t)
			}
			r := install(t, sim)
			t.Parallel()
			hand := New(r.o)
			argv, err := hand.argv(here(t))
			if err != nil {
				t.Fatal(err)
			}
			cmd := exec.Command(argv[0], argv[1:]...)
			detach(cmd)
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			r.pids = append(r.pids, cmd.Process.Pid)
			eventually(t, "the API port is open", r.portIsOpen)
			g := r.follow()
			seen, ok := g.Identify(t.Context(), r.javaPID())
			if !ok || seen.By != supervisor.ByOther || seen.PID != r.javaPID() || seen.StartedAt.IsZero() ||
				seen.Controls != (supervisor.Controls{Command: command, KeepsLogin: command}) {
				t.Errorf("recognised as %+v, %v", seen, ok)
			}
			if command {
				g.act(supervisor.Stop)
				eventually(t, "it has ended", func() bool { return len(r.processes()) == 0 })
			} else {
				g.refuses(supervisor.Stop, "it was not started by Gatelight, so no signal is sent to it; close it by hand")
				g.stillRuns()
			}
			if words := g.spelled(); len(words) != 0 {
				t.Errorf("%q", words)
			}
		})
	}
}

// What belongs to our own run, or is no Gateway, is nobody else's Gateway.
func TestNotEverythingIsRecognised(t *testing.T) {
	r := install(t, simgateway.Options{CommandServerPort: freePort(t)})
	t.Parallel()
	g := r.follow()
	g.start()
	for what, pid := range map[string]int{"our own Java": r.javaPID(), "our own script": g.pid(), "this test": os.Getpid(), "nobody": 1 << 30} {
		if seen, ok := g.Identify(t.Context(), pid); ok {
			t.Errorf("%s was recognised: %+v", what, seen)
		}
	}
}

// What cannot be remembered could not be known again: it would run unwatched,
// and a second one be started beside it.
