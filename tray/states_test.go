package tray

import (
	"slices"
	"strings"
	"testing"
	"time"

	"gatelight/supervisor"
)

// A port that is open before the login is done is not a Gateway that does not
// answer.
func TestAnOpenPortShowsWhatTheLoginWaitsFor(t *testing.T) {
	for phase, want := range map[supervisor.Phase]struct{ picture, title, bar string }{
		supervisor.NoPhase:   {"listening", "Open, API not proven", "no answer 2:05"},
		supervisor.Login:     {"listening", "Open, not logged in yet", "API down 2:05"},
		supervisor.TwoFactor: {"two-factor", "Approve login", "approve login 2:05"},
		supervisor.NeedsYou:  {"needs-you", "Waiting for you", "needs you 2:05"},
	} {
		s := in(supervisor.Listening)
		s.Phase, s.TroubleSince = phase, at
		m := View(statusOf(s), Program{}, later)
		if m.Icon != want.picture || m.Tooltip != want.title+": paper. Because." || m.BarText != want.bar {
			t.Errorf("in the phase %q: picture %s, %q, beside it %q", phase, m.Icon, m.Tooltip, m.BarText)
		}
	}
}

func TestAGatewayThatDoesNotRespondCanBeRestartedFromTheMenu(t *testing.T) {
	s := in(supervisor.Silent)
	s.Why = "Port 4002 is open, and the API has not answered since 14:00:00. A restart usually helps"
	s.Process = supervisor.GatewayProcess{PID: 4711, By: supervisor.ByGatelight, Controls: supervisor.Controls{Command: true, KeepsLogin: true}}
	s.Clients = []supervisor.Client{{Peer: peer(51234), Process: supervisor.Process{PID: 456, Command: "python3 bot.py"}, Since: at}}
	m := View(statusOf(s), Program{}, later)
	want := []string{
		"Not responding: paper, since 14:00:00",
		"Port 4002 is open, and the API has not answered since 14:00:00. A restart",
		"usually helps",
		"Clients (1)",
		"  > python3 bot.py (process 456), since 14:00:00",
		"---",
		"Stop…",
		"  > Disconnects python3 bot.py (process 456), connected since 14:00:00",
		"  > ---",
		"  > Stop it and disconnect this one",
		"Restart…",
		"  > Disconnects python3 bot.py (process 456), connected since 14:00:00",
		"  > ---",
		"  > Restart it and disconnect this one",
		"[ ] Keep running",
	}
	if got := visible(m.Items); !slices.Equal(got[:len(want)], want) {
		t.Errorf("the menu reads\n%s", strings.Join(got, "\n"))
	}
}

func TestARestartOfALoginThatDoesNotGoOnNeedsANewOne(t *testing.T) {
	s := in(supervisor.Starting)
	s.Process = supervisor.GatewayProcess{PID: 4711, By: supervisor.ByGatelight, Controls: supervisor.Controls{Command: true, KeepsLogin: true}}
	s.LoginProblem = &supervisor.LoginProblem{Reason: supervisor.LoginExistingSession, Waits: true}
	if got := restartTitle(s); got != "Restart (needs a new login)" {
		t.Errorf("%q", got)
	}
}

// A text that says that all is on its way would be wrong beside one that asks a
// person to act.
func TestWhatWaitsForAPersonIsNotOnItsWayBack(t *testing.T) {
	for _, s := range []supervisor.Snapshot{
		{Phase: supervisor.NeedsYou, LoginProblem: &supervisor.LoginProblem{Reason: supervisor.LoginTooManyAttempts, Waits: true}},
		{Phase: supervisor.Login, LoginProblem: &supervisor.LoginProblem{Reason: supervisor.LoginRefused}},
		{Phase: supervisor.TwoFactor, TwoFactor: &supervisor.TwoFactorRequest{Do: "Type the code"}},
	} {
		s.State, s.QuietUntil = supervisor.Starting, later.Add(time.Minute)
		if got := nextLine(s, later); got != "" {
			t.Errorf("in the phase %q the menu says %q", s.Phase, got)
		}
	}
}

func TestTheMenuSaysWhatHappensNextByItself(t *testing.T) {
	at := time.Date(2026, 11, 24, 0, 50, 0, 0, time.Local)
	for action, want := range map[supervisor.NextAction]string{
		supervisor.NextRestart: "Restarts at 00:50",
		supervisor.NextStart:   "Starts again at 00:50:00",
		supervisor.NextSession: "Asks the API again at 00:50:00",
	} {
		s := in(supervisor.Connected)
		s.Next = &supervisor.Next{Action: action, At: at}
		if got := nextLine(s, at.Add(-50*time.Second)); got != want {
			t.Errorf("%s: %q, want %q", action, got, want)
		}
	}
}
