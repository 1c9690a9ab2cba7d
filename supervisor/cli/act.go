package cli

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"gatelight/supervisor"
)

// waitFlags are those of commands after which somebody may want to wait.
type waitFlags struct {
	Wait    bool          `help:"Wait until the API can be used, and show what it waits for."`
	Timeout time.Duration `help:"With --wait: how long; 0 for ever." default:"5m"`
}

type startCommand struct {
	Gateway string `help:"Which Gateway." placeholder:"NAME"`
	waitFlags
}

func (c startCommand) Run(e *env) error {
	done := "Started. Follow it with: gatelight watch"
	return actThenWait(e, c.Gateway, supervisor.Start, true, c.waitFlags, done)
}

type stopCommand struct {
	Gateway string `help:"Which Gateway." placeholder:"NAME"`
	Yes     bool   `help:"Do not ask, even if clients are connected." short:"y"`
}

func (c stopCommand) Run(e *env) error {
	return actThenWait(e, c.Gateway, supervisor.Stop, c.Yes, waitFlags{}, "Stopped.")
}

type restartCommand struct {
	Gateway string `help:"Which Gateway." placeholder:"NAME"`
	Yes     bool   `help:"Do not ask, even if clients are connected." short:"y"`
	waitFlags
}

func (c restartCommand) Run(e *env) error {
	done := "Restarting. Follow it with: gatelight watch"
	return actThenWait(e, c.Gateway, supervisor.Restart, c.Yes, c.waitFlags, done)
}

// actThenWait has an action carried out, after a question if it disconnects somebody.
func actThenWait(e *env, gateway string, a supervisor.Action, yes bool, w waitFlags, done string) error {
	o := waitOptions{For: string(supervisor.Connected), Timeout: w.Timeout, acted: true}
	err := connect(e, forAction, func(s supervisor.Supervisor) error {
		g, ok := s.Latest().Gateway(gateway)
		if ok {
			gateway = g.Name
		}
		if _, own := s.(*service); ok && !own { // looks of our own know no earlier changes
			o.after = newestTransitions{g.Name: newestTransition(g)}
		}
		if ok && a == supervisor.Restart && g.Refusal(a) == nil && !g.Process.Controls.KeepsLogin {
			fmt.Fprintln(e.stdout, "This needs a new login: IBC's command server is off, AutoRestartTime is not set in its config.ini, or its script has ended.")
		}
		if lost := g.OtherClients(); ok && !yes && g.Refusal(a) == nil && len(lost) > 0 {
			doing := map[supervisor.Action]string{supervisor.Stop: "Stopping", supervisor.Restart: "Restarting"}[a]
			fmt.Fprintf(e.stdout, "%s. %s it disconnects %s", g.Headline(), doing, clientLines(lost))
			if err := confirmClients(e, s, g, supervisor.Capitalise(string(a))+" it now?"); err != nil {
				return err
			}
		}
		return do(e, s, gateway, a, yes)
	})
	if err != nil {
		return err
	}
	if !w.Wait {
		fmt.Fprintln(e.stdout, done)
		return nil
	}
	o.Gateway = gateway
	if _, err := o.wait(e, false); err != nil {
		return err
	}
	fmt.Fprintln(e.stdout, "Connected: the API can be used.")
	return nil
}

// do has an action carried out. Who does not want to be asked is not asked about a
// client either that has connected just now.
func do(e *env, s supervisor.Supervisor, gateway string, a supervisor.Action, yes bool) error {
	err := s.Do(e.ctx, gateway, a)
	if refused := new(supervisor.ActionError); yes && errors.As(err, &refused) && refused.Reason == supervisor.ReasonNewClient {
		err = s.Do(e.ctx, gateway, a)
	}
	return err
}

// confirmClients asks a person, who has read of a Gateway's clients. The answer does
// not hold for one that has connected since.
func confirmClients(e *env, s supervisor.Supervisor, asked supervisor.Snapshot, question string) error {
	if err := confirm(e, question); err != nil {
		return err
	}
	now := s.Latest()
	if _, own := s.(*service); !own { // another one's Latest is from before
		var err error
		if now, err = currentStatus(e); err != nil {
			return err
		}
	}
	if g, ok := now.Gateway(asked.Name); ok {
		if name := supervisor.NewClient(asked, g); name != "" {
			return fmt.Errorf("%s has connected while you were asked; nothing was done; run the command again", name)
		}
	}
	return nil
}

// clientLines names clients, one a line, after their number.
func clientLines(clients []supervisor.Client) string {
	switch len(clients) {
	case 0:
		return "no clients.\n"
	case 1:
		return "1 client:\n  " + processLabel(clients[0].Process) + "\n"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%d clients:\n", len(clients))
	for _, c := range clients {
		b.WriteString("  " + processLabel(c.Process) + "\n")
	}
	return b.String()
}

// newestTransitions are the numbers of the newest change of each Gateway, as they were
// before an action: a restart is answered before the Gateway goes down.
type newestTransitions map[string]uint64

func newestTransition(g supervisor.Snapshot) uint64 {
	if n := len(g.Transitions); n > 0 {
		return g.Transitions[n-1].Seq
	}
	return 0
}

// hasChanged reports that the state is another one than before the action. There is
// nothing to compare with where no action was asked for.
func (n newestTransitions) hasChanged(g supervisor.Snapshot) bool {
	before, asked := n[g.Name]
	return !asked || newestTransition(g) != before
}
