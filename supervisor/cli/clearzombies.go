package cli

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"gatelight/supervisor"
)

type clearCommand struct {
	Gateway string `help:"Which Gateway." placeholder:"NAME"`
	Yes     bool   `help:"Do not ask." short:"y"`
}

func (c clearCommand) Run(e *env) error {
	return connect(e, forAction, func(s supervisor.Supervisor) error {
		if own, ok := s.(*service); ok { // one look does not tell zombies
			limit := time.Duration(own.options.settings.ZombieAfter) + 2*time.Second
			own.await(e.ctx, limit, func(w supervisor.Status) bool {
				return slices.ContainsFunc(w.Gateways, func(g supervisor.Snapshot) bool { return g.State == supervisor.Zombies })
			})
			if err := e.ctx.Err(); err != nil {
				return err
			}
		}
		status := s.Latest()
		g, ok := status.Gateway(c.Gateway)
		if !ok {
			return status.UnknownGateway(c.Gateway)
		}
		if refusal := g.Refusal(supervisor.ClearZombies); refusal != nil {
			return refusal
		}
		fmt.Fprint(e.stdout, clearWarning(g))
		if !c.Yes {
			if err := confirmClients(e, s, g, "Restart it now?"); err != nil {
				return err
			}
		}
		fmt.Fprintln(e.stdout, "Restarting. IBC takes up to a minute until it begins …")
		if err := do(e, s, g.Name, supervisor.ClearZombies, c.Yes); err != nil {
			return err
		}
		done := "The zombies are gone. Whether the API answers was not asked."
		if now, err := currentStatus(e); err == nil { // a remote one's Latest is from before
			if g, ok := now.Gateway(g.Name); ok && g.Verified {
				done = "The zombies are gone, and the API answers."
			}
		}
		fmt.Fprintln(e.stdout, done)
		return nil
	})
}

// clearWarning says what clearing will do, and which clients it disconnects.
func clearWarning(g supervisor.Snapshot) string {
	return fmt.Sprintf("%s. %s. Clearing them restarts the Gateway without a new login, and disconnects %s", g.Headline(), g.Why, clientLines(g.OtherClients()))
}

// confirm asks a person. A script has to say --yes.
func confirm(e *env, question string) error {
	if !e.interactive {
		return errors.New("this is not a terminal, so nobody can be asked: pass --yes")
	}
	fmt.Fprintf(e.stdout, "%s [y/N] ", question)
	answer, err := bufio.NewReader(io.LimitReader(e.stdin, 1<<10)).ReadString('\n')
	if err != nil && answer == "" {
		return errors.New("no answer; nothing was done")
	}
	if answer = strings.ToLower(strings.TrimSpace(answer)); answer != "y" && answer != "yes" {
		return errors.New("nothing was done")
	}
	return nil
}
