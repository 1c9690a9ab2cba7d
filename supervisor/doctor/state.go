package doctor

import (
	"gatelight/supervisor"
)

// state says what is known about the running Gateway: by the Gatelight that
// runs, or where there is none by looking at the port alone.
func (c gatewayCheck) state() {
	if c.status == nil {
		return
	}
	s, known := c.status.Gateway(c.Name)
	switch {
	case !known:
		c.warning("state", "quit the Gatelight that runs and start it again, so that it reads the settings", "the Gatelight that runs does not know the Gateway %s", c.Name)
		return
	case c.status.Source == oneShot: // the rest is seen by the checks of the port
		if s.State == supervisor.Zombies {
			c.zombies(s)
		}
		return
	}
	c.engineState(s)
	if p := s.LoginProblem; p != nil && s.Phase != supervisor.NeedsYou {
		c.failure("login problem", "", "%s: %s", p.Title, p.Text)
	}
	if s.BudgetSpent {
		c.failure("login budget", "find out why with: gatelight logs. Then gatelight start begins a new budget",
			"the login budget is spent, so that the Gateway is not started again by itself: %d logins in the last hour", s.Logins)
	}
	c.lastExit(s)
}

// oneShot is the source of a status that was judged by looking alone.
const oneShot = "one-shot"

func (c gatewayCheck) engineState(s supervisor.Snapshot) {
	const check = "state"
	switch {
	case s.State == supervisor.Zombies:
		c.zombies(s)
	case s.Phase == supervisor.NeedsYou:
		text := s.Why
		if s.LoginProblem != nil {
			text = s.LoginProblem.Text
		}
		c.failure(check, "look at the Gateway's window and answer it, or stop it with: gatelight stop", "the login waits for a person: %s", text)
	case s.Phase == supervisor.TwoFactor:
		c.warning(check, twoFactor(s), "%s", s.Why)
	case s.State == supervisor.Silent:
		c.failure(check, "look at the Gateway's window for a question; else restart it with: gatelight restart", "%s", s.Why)
	case s.State == supervisor.Down && !s.Expected:
		c.failure(check, "see why with: gatelight logs, and start it with: gatelight start", "%s", s.Why)
	case s.State == supervisor.Unknown:
		c.warning(check, "", "the state is not known: %s", s.Why)
	case s.State == supervisor.CutOff:
		c.warning(check, "the Gateway connects again by itself; if it does not, look at your network, and restart it with: gatelight restart", "%s", s.Why)
	case s.State == supervisor.Connected && s.Verified:
		c.ok(check, "%s", s.Why)
	default: // nothing is proven, nor wrong
		c.note(check, "%s", s.Why)
	}
}

func twoFactor(s supervisor.Snapshot) string {
	if s.TwoFactor == nil {
		return ""
	}
	return s.TwoFactor.Do
}

func (c gatewayCheck) zombies(s supervisor.Snapshot) {
	c.failure("state", "see whose they were with: gatelight zombies, and free the API with: gatelight clear-zombies", "%s", s.Why)
}

// plainExits are those after which nothing is wrong.
var plainExits = map[supervisor.ExitReason]bool{supervisor.ExitClosed: true, supervisor.ExitPlanned: true, supervisor.ExitSignal: true}

// lastExit says how the Gateway ended last. That is a problem as long as it has
// not been started again.
func (c gatewayCheck) lastExit(s supervisor.Snapshot) {
	const check = "last exit"
	exit := s.Process.LastExit
	if exit == nil || exit.Why == "" {
		return
	}
	when := supervisor.When(exit.At, c.Now())
	if s.State == supervisor.Down && !plainExits[exit.Reason] {
		c.failure(check, "IBC's own words are in: gatelight logs", "the Gateway ended at %s: %s", when, exit.Why)
		return
	}
	c.note(check, "the Gateway last ended at %s: %s", when, exit.Why)
}
