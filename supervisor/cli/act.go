package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
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
	clearCommand struct {
		Gateway string `help:"Which Gateway." placeholder:"NAME"`
		Yes     bool   `help:"Do not ask." short:"y"`
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

// Run clears zombies, after it has said what that will do and asked.
func (c clearCommand) Run(e *env) error {
	return withSupervisor(e, func(s supervisor.Supervisor, settle func() error) error {
		if err := settle(); err != nil {
			return err
		}
		w := s.Latest()
		g, ok := w.Gateway(c.Gateway)
		if !ok {
			return w.UnknownGateway(c.Gateway)
		}
		if why := g.Refusal(supervisor.ClearZombies); why != nil {
			return why
		}
		fmt.Fprint(e.stdout, clearingText(g))
		if !c.Yes {
			if err := confirm(e, "Restart it now?"); err != nil {
				return err
			}
		}
		fmt.Fprintln(e.stdout, "Restarting. IBC takes up to a minute until it begins …")
		if err := s.Do(e.ctx, g.Name, supervisor.ClearZombies); err != nil {
			return err
		}
		done := "The zombies are gone. Whether the API answers was not asked."
		if w, err := world(e); err == nil {
			if g, known := w.Gateway(g.Name); known && g.Verified {
				done = "The zombies are gone, and the API answers."
			}
		}
		fmt.Fprintln(e.stdout, done)
		return nil
	})
}

// clearingText says what clearing will do, and to whom.
func clearingText(g supervisor.Snapshot) string {
	var others []supervisor.Client
	for _, c := range g.Clients {
		if !c.Self {
			others = append(others, c)
		}
	}
	text := fmt.Sprintf("%s: %s. Clearing them restarts the Gateway without a new login, and disconnects %s",
		g.Subject(), g.Why, counted(len(others), "client", "clients"))
	if len(others) == 0 {
		return text + ".\n"
	}
	text += ":\n"
	for _, c := range others {
		text += "  " + who(c.Process) + "\n"
	}
	return text
}

// confirm asks a person. A script has to say --yes.
func confirm(e *env, question string) error {
	if !e.asks {
		return errors.New("nobody can be asked here; say --yes to go on")
	}
	fmt.Fprintf(e.stdout, "%s [y/N] ", question)
	answer, err := bufio.NewReader(e.stdin).ReadString('\n')
	if err != nil && answer == "" {
		return errors.New("no answer; nothing was done")
	}
	if answer = strings.ToLower(strings.TrimSpace(answer)); answer != "y" && answer != "yes" {
		return errors.New("nothing was done")
	}
	return nil
}

// do has the running Gatelight act, or supervises for as long as it takes.
func do(e *env, gateway string, a supervisor.Action, done string) error {
	return withSupervisor(e, func(s supervisor.Supervisor, _ func() error) error {
		if g, ok := s.Latest().Gateway(gateway); ok && a == supervisor.Restart && g.Refusal(a) == nil && !g.Process.Controls.KeepsLogin {
			fmt.Fprintln(e.stdout, "This needs a new login: IBC's command server is off, or AutoRestartTime is not set in its config.ini.")
		}
		return said(e, s.Do(e.ctx, gateway, a), done)
	})
}

// withSupervisor hands over the running Gatelight, or one for the moment that
// has looked once. settle waits for what one look cannot tell: whether there are
// zombies.
func withSupervisor(e *env, use func(s supervisor.Supervisor, settle func() error) error) error {
	if other, err := status.Dial(e.ctx, e.paths.Socket()); err == nil {
		defer other.Close()
		return use(other, func() error { return nil })
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
	return use(app.engine, func() error {
		return app.until(e.ctx, time.Duration(b.file.ZombieAfter)+2*time.Second, func(g supervisor.Snapshot) bool { return g.State == supervisor.Zombies })
	})
}

func said(e *env, err error, done string) error {
	if err == nil {
		fmt.Fprintln(e.stdout, done)
	}
	return err
}

func counted(n int, one, many string) string {
	switch n {
	case 0:
		return "no " + many
	case 1:
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// lookOnly is for a moment's supervision: no session, and nothing by itself.
func lookOnly(b build) build {
	b.file.Gateway = slices.Clone(b.file.Gateway)
	for i := range b.file.Gateway {
		b.file.Gateway[i].Monitor = new(bool)
		b.file.Gateway[i].KeepRunning = false
		b.file.Gateway[i].ClearZombies = "ask"
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

// until waits until it holds for a Gateway, or for so long.
func (a *app) until(ctx context.Context, limit time.Duration, holds func(supervisor.Snapshot) bool) error {
	limited, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	for w := range a.engine.Watch(limited) {
		if slices.ContainsFunc(w.Gateways, holds) {
			return nil
		}
	}
	return ctx.Err()
}
