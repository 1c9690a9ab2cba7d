package cli

import "gatelight/supervisor"

type restartCommand struct {
	Gateway string `help:"Which Gateway." placeholder:"NAME"`
}

// Run restarts the Gateway.
func (c restartCommand) Run(e *env) error {
	return act(e, c.Gateway, supervisor.Restart, "Restarting. Follow it with: gatelight watch")
}
