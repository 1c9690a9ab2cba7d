package cli

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gatelight/supervisor"
	"gatelight/supervisor/status"
)

type (
	startCommand struct {
		Gateway string `help:"Which Gateway." placeholder:"NAME"`
	}
	stopCommand struct {
		Gateway string `help:"Which Gateway." placeholder:"NAME"`
	}
	restartCommand struct {
		Gateway string `help:"Which Gateway." placeholder:"NAME"`
	}
)

// Run starts the Gateway.
func (c startCommand) Run(e *env) error {
	return do(e, c.Gateway, supervisor.Start, "Started. Follow it with: gatelight watch")
}

// Run stops the Gateway.
func (c stopCommand) Run(e *env) error { return do(e, c.Gateway, supervisor.Stop, "Stopped.") }

// Run restarts the Gateway.
func (c restartCommand) Run(e *env) error {
	return do(e, c.Gateway, supervisor.Restart, "Restarting. Follow it with: gatelight watch")
}

// do has the running Gatelight act, or supervises for as long as it takes.
func do(e *env, gateway string, a supervisor.Action, done string) error {
	if other, err := status.Dial(e.ctx, e.paths.Socket()); err == nil {
		defer other.Close()
		return said(e, other.Do(e.ctx, gateway, a), done)
	}
	b, err := realBuild(e)
	if err != nil {
		return err
	}
	for i := range b.file.Gateway {
		b.file.Gateway[i].Monitor = new(bool) // no session for a moment's sake
		b.file.Gateway[i].KeepRunning = false
	}
	app, err := open(e.ctx, b)
	if err != nil {
		return err
	}
	defer app.close()
	if err := looked(e.ctx, app.engine); err != nil {
		return err
	}
	return said(e, app.engine.Do(e.ctx, gateway, a), done)
}

func said(e *env, err error, done string) error {
	if err == nil {
		fmt.Fprintln(e.stdout, done)
	}
	return err
}

// looked waits for the first look, whatever it shows.
func looked(ctx context.Context, s supervisor.Supervisor) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	for w := range s.Watch(ctx) {
		if w.Gateways[0].Reader != "" {
			return nil
		}
	}
	return errors.New("the port could not be looked at in time")
}
