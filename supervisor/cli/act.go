package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
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
	app, err := open(e.ctx, lookOnly(b))
	if err != nil {
		return err
	}
	defer app.close()
	if err := app.looked(e.ctx); err != nil {
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

// lookOnly is for a moment's supervision: no session, and nothing by itself.
func lookOnly(b build) build {
	b.file.Gateway = slices.Clone(b.file.Gateway)
	for i := range b.file.Gateway {
		b.file.Gateway[i].Monitor = new(bool)
		b.file.Gateway[i].KeepRunning = false
	}
	return b
}

// looked waits until every Gateway's port was looked at, whatever it shows, and
// every one that runs already was adopted.
func (a *app) looked(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	for _, d := range a.drivers {
		select {
		case <-d.Adopted():
		case <-ctx.Done():
		}
	}
	for w := range a.engine.Watch(ctx) {
		if !slices.ContainsFunc(w.Gateways, func(g supervisor.Snapshot) bool { return g.Reader == "" }) {
			return nil
		}
	}
	return errors.New("the port could not be looked at in time")
}
