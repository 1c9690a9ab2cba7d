package cli

import (
	"fmt"

	"gatelight/supervisor"
)

type startCommand struct {
	Gateway string `help:"Which Gateway." placeholder:"NAME"`
}

// Run starts the Gateway.
func (c startCommand) Run(e *env) error {
	return act(e, c.Gateway, supervisor.Start, "Started. Follow it with: gatelight watch")
}

// act does what start, stop and restart are for, and says that it is done.
func act(e *env, gateway string, a supervisor.Action, done string) error {
	return connect(e, forAction, func(s supervisor.Supervisor) error {
		g, ok := s.Latest().Gateway(gateway)
		if ok && a == supervisor.Restart && g.Refusal(a) == nil && !g.Process.Controls.KeepsLogin {
			fmt.Fprintln(e.stdout, "This needs a new login: IBC's command server is off, or AutoRestartTime is not set in its config.ini.")
		}
		if err := s.Do(e.ctx, gateway, a); err != nil {
			return err
		}
		fmt.Fprintln(e.stdout, done)
		return nil
	})
}
