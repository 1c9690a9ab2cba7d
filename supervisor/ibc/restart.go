package ibc

import (
	"context"
	"strings"

	"gatelight/supervisor"
)

// restart has IBC restart the Gateway where that needs no new login. Otherwise
// it is a stop and a start: without a command server, and without
// AutoRestartTime, where RESTART would make this minute the Gateway's daily
// restart time.
func (d *Driver) restart(ctx context.Context) error {
	keeps, err := d.keepsLogin(ctx)
	if err != nil {
		return err
	}
	why := "IBC's command server is off or AutoRestartTime is not set in config.ini"
	if keeps {
		if err := d.sendRestart(ctx); !unreachable(err) {
			return err
		}
		why = "IBC's command server does not answer"
	}
	d.progress("restart: a new login is needed, since %s", why)
	if err := d.stop(ctx, false); err != nil {
		return err
	}
	if err := d.o.awaitPortFree(ctx, d.o.Grace.Term); err != nil {
		return err
	}
	return d.start(ctx, false)
}

// clearZombies restarts without a new login, or not at all.
func (d *Driver) clearZombies(ctx context.Context) error {
	keeps, err := d.keepsLogin(ctx)
	if err != nil {
		return err
	}
	if !keeps {
		return d.o.refuse(supervisor.ReasonNeedsLogin, "IBC's command server is off, or AutoRestartTime is not set in its config.ini", "a restart would need a new login")
	}
	return d.sendRestart(ctx)
}

// keepsLogin reports whether the Gateway that runs can be restarted without a
// new login.
func (d *Driver) keepsLogin(ctx context.Context) (bool, error) {
	api, err := d.o.listener(ctx, d.o.Port)
	if err != nil {
		return false, err
	}
	c, _ := d.o.controls(d.configOf(api), false)
	return c.KeepsLogin, nil
}

func (d *Driver) sendRestart(ctx context.Context) error {
	reply, err := d.command(ctx, "RESTART")
	if err != nil {
		return err
	}
	if !strings.HasPrefix(reply, "OK RESTART") {
		return d.o.refuse(supervisor.ReasonCommandServer, "", "IBC answered RESTART with %q", reply)
	}
	d.progress("restart: IBC restarts the Gateway without a new login")
	return nil
}
