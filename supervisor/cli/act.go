package cli

import (
	"fmt"

	"github.com/alecthomas/kong"

	"gatelight/supervisor"
)

// actCommand is start, stop and restart. The name of the command is the action.
type actCommand struct {
	Gateway string `help:"Which Gateway." placeholder:"NAME"`
}

var doneTexts = map[supervisor.Action]string{
	supervisor.Start:   "Started. Follow it with: gatelight watch",
	supervisor.Stop:    "Stopped.",
	supervisor.Restart: "Restarting. Follow it with: gatelight watch",
}

func (c actCommand) Run(e *env, parsed *kong.Context) error {
	action := supervisor.Action(parsed.Selected().Name)
	return connect(e, forAction, func(s supervisor.Supervisor) error {
		g, ok := s.Latest().Gateway(c.Gateway)
		if ok && action == supervisor.Restart && g.Refusal(action) == nil && !g.Process.Controls.KeepsLogin {
			fmt.Fprintln(e.stdout, "This needs a new login: IBC's command server is off, AutoRestartTime is not set in its config.ini, or its script has ended.")
		}
		if err := s.Do(e.ctx, c.Gateway, action); err != nil {
			return err
		}
		fmt.Fprintln(e.stdout, doneTexts[action])
		return nil
	})
}
