//go:build unix

package doctor

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"gatelight/supervisor"
	"gatelight/supervisor/settings"
)

// knows makes the state known that a Gatelight that supervises would have.
func (h *harness) knows(s supervisor.Snapshot) {
	s.Name = "paper"
	h.host.Look = func(context.Context, settings.File) (supervisor.Status, error) {
		return supervisor.Status{Source: "engine", Gateways: []supervisor.Snapshot{s}}, nil
	}
}

func TestWhatTheRunningGatelightKnowsIsSaid(t *testing.T) {
	knows := func(s supervisor.Snapshot) func(*harness) { return func(h *harness) { h.knows(s) } }
	exit := func(state supervisor.State, reason supervisor.ExitReason, why string) func(*harness) {
		return knows(supervisor.Snapshot{State: state, Expected: reason == supervisor.ExitPlanned, Why: "Nobody listens",
			Process: supervisor.GatewayProcess{LastExit: &supervisor.Exit{At: noon.Add(-time.Hour), Reason: reason, Why: why}}})
	}
	testProblems(t, []problem{
		{"zombies that block", knows(supervisor.Snapshot{State: supervisor.Zombies, Blocking: true, Why: "2 sockets stuck in CLOSE_WAIT; the API has not answered for 41 s"}),
			"state", Error, "2 sockets stuck in CLOSE_WAIT; the API has not answered", "gatelight clear-zombies"},
		{"zombies that do no harm yet", knows(supervisor.Snapshot{State: supervisor.Zombies, Why: "1 socket stuck"}), "state", Error, "1 socket stuck", "gatelight zombies"},
		{"silent", knows(supervisor.Snapshot{State: supervisor.Silent, Why: "The API has not answered for 61 s"}), "state", Error, "has not answered for 61 s", "gatelight restart"},
		{"a login that waits", knows(supervisor.Snapshot{State: supervisor.Starting, Phase: supervisor.NeedsYou,
			LoginProblem: &supervisor.LoginProblem{Reason: supervisor.LoginRefused, Title: "login refused", Text: "IBKR refuses the login", Waits: true}}),
			"state", Error, "the login waits for a person: IBKR refuses the login", "look at the Gateway's window"},
		{"a login that waits while something listens", knows(supervisor.Snapshot{State: supervisor.Listening, Phase: supervisor.NeedsYou, Why: "A window waits"}),
			"state", Error, "the login waits for a person: A window waits", ""},
		{"two-factor", knows(supervisor.Snapshot{State: supervisor.Starting, Phase: supervisor.TwoFactor, Why: "IBKR asks",
			TwoFactor: &supervisor.TwoFactorRequest{Do: "Type the code into the Gateway's window"}}), "state", Warning, "IBKR asks", "Type the code"},
		{"a problem of a login that IBC tries again", knows(supervisor.Snapshot{State: supervisor.Starting, Phase: supervisor.Login,
			LoginProblem: &supervisor.LoginProblem{Reason: supervisor.LoginNoServer, Title: "no server", Text: "look at the network"}}),
			"login problem", Error, "no server: look at the network", ""},
		{"a spent budget", knows(supervisor.Snapshot{State: supervisor.Down, Expected: true, BudgetSpent: true, Logins: 4}), "login budget", Error,
			"the login budget is spent", "gatelight start begins a new budget"},
		{"a crash", exit(supervisor.Down, supervisor.ExitCrashed, "Java crashed"), "last exit", Error, "the Gateway ended at 11:00:00: Java crashed", "gatelight logs"},
		{"no display", exit(supervisor.Down, supervisor.ExitNoDisplay, "there is no X display"), "last exit", Error, "no X display", ""},
		{"a planned end", exit(supervisor.Down, supervisor.ExitPlanned, "somebody has stopped it"), "last exit", Note, "somebody has stopped it", ""},
		{"a crash that is over", exit(supervisor.Connected, supervisor.ExitCrashed, "Java crashed"), "last exit", Note, "last ended at 11:00:00: Java crashed", ""},
		{"down", knows(supervisor.Snapshot{State: supervisor.Down, Why: "It ended"}), "state", Error, "It ended", "gatelight start"},
		{"not running", knows(supervisor.Snapshot{State: supervisor.Down, Expected: true, Why: "It was stopped"}), "state", Note, "It was stopped", ""},
		{"connected", knows(supervisor.Snapshot{State: supervisor.Connected, Verified: true, Why: "The API answers"}), "state", OK, "The API answers", ""},
		{"in use, not verified", knows(supervisor.Snapshot{State: supervisor.Connected, Why: "A client is connected"}), "state", Note, "A client is connected", ""},
		{"cut off", knows(supervisor.Snapshot{State: supervisor.CutOff, Why: "IBKR is lost"}), "state", Warning, "IBKR is lost", "connects again by itself"},
		{"unknown", knows(supervisor.Snapshot{State: supervisor.Unknown, Why: "Not looked yet"}), "state", Warning, "the state is not known: Not looked yet", ""},
		{"a Gateway that it does not know", func(h *harness) {
			h.knows(supervisor.Snapshot{})
			h.change("config.toml", "name = 'paper'", "name = 'new'")
		}, "state", Warning, "does not know the Gateway new", "start it again"},
		{"zombies that its own look sees", func(h *harness) {
			h.host.Look = func(context.Context, settings.File) (supervisor.Status, error) {
				return supervisor.Status{Source: oneShot, Gateways: []supervisor.Snapshot{{Name: "paper", State: supervisor.Zombies, Why: "1 socket stuck in CLOSE_WAIT"}}}, nil
			}
		}, "state", Error, "1 socket stuck in CLOSE_WAIT", "gatelight clear-zombies"},
		{"a look that fails says nothing", func(h *harness) {
			h.host.Look = func(context.Context, settings.File) (supervisor.Status, error) {
				return supervisor.Status{}, context.DeadlineExceeded
			}
		}, "running", Warning, "nobody watches", ""},
	})
}

func TestOnlyWhatIsGoodHasATick(t *testing.T) {
	h := newHarness(t)
	h.change("config.toml", fmt.Sprint("port = ", h.ports[0]), "port = 1")
	h.change("ibc/config.ini", fmt.Sprint("CommandServerPort=", h.ports[1]), "CommandServerPort=2")
	text := Text(Run(t.Context(), h.host), false)
	for _, line := range []string{"  – nobody listens on port 1: the Gateway is not running", "  – IBC's command server is on in config.ini, port 2; the Gateway is not running"} {
		if !strings.Contains(text, line) {
			t.Errorf("no %q in\n%s", line, text)
		}
	}
}
