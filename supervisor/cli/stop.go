package cli

import "gatelight/supervisor"

type stopCommand struct {
	Gateway string `help:"Which Gateway." placeholder:"NAME"`
}

// Run stops the Gateway.
func (c stopCommand) Run(e *env) error { return act(e, c.Gateway, supervisor.Stop, "Stopped.") }
