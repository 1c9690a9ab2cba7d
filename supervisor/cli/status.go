package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"time"

	"golang.org/x/term"

	"gatelight/supervisor"
	"gatelight/supervisor/ibc"
	"gatelight/supervisor/status"
)

// statusCommand prints the state and exits by it.
type statusCommand struct {
	JSON    bool   `help:"Print everything, for scripts."`
	Gateway string `help:"Only this Gateway." placeholder:"NAME"`
}

// Run asks the running Gatelight, or looks for itself. Whatever goes wrong must
// not exit like a state: scripts would take 1 for "listening".
func (c statusCommand) Run(e *env) error {
	w, err := chosen(e, c.Gateway)
	if err != nil {
		return err
	}
	if c.JSON {
		out := json.NewEncoder(e.stdout)
		out.SetIndent("", "  ")
		err = out.Encode(status.Encode(w, time.Now()))
	} else {
		_, err = fmt.Fprint(e.stdout, e.face.Text(w, time.Now(), colour()))
	}
	if err != nil {
		return err
	}
	return exit(exitStatus(w.Worst()))
}

// chosen is the world, or the part of it that a Gateway's name chooses. An error
// has been said already.
func chosen(e *env, gateway string) (supervisor.Status, error) {
	w, err := world(e)
	if err != nil {
		fmt.Fprintln(e.stderr, "gatelight:", err)
		return w, exit(exitStatus(supervisor.Snapshot{State: supervisor.Unknown}))
	}
	if gateway == "" {
		return w, nil
	}
	g, ok := w.Gateway(gateway)
	if !ok {
		fmt.Fprintln(e.stderr, "gatelight:", w.UnknownGateway(gateway))
		return w, exit(exitUsage)
	}
	w.Gateways = []supervisor.Snapshot{g}
	return w, nil
}

// exitStatus follows the monitoring plugins: OK, WARNING, CRITICAL, UNKNOWN.
func exitStatus(s supervisor.Snapshot) int {
	switch s.State {
	case supervisor.Connected:
		return 0
	case supervisor.Starting, supervisor.Listening, supervisor.CutOff:
		return 1
	case supervisor.Down, supervisor.Zombies:
		return 2
	}
	return 3
}

// world is the running Gatelight's, or one look of our own.
func world(e *env) (supervisor.Status, error) {
	if other, err := status.Dial(e.ctx, e.paths.Socket()); err == nil {
		defer other.Close()
		return other.Latest(), nil
	}
	b, err := realBuild(e)
	if err != nil {
		return supervisor.Status{}, err
	}
	return lookOnce(e.ctx, b)
}

// lookOnce judges by looking alone: once, and where a CLOSE_WAIT is seen a
// second time after zombie_after. It never connects.
func lookOnce(ctx context.Context, b build) (supervisor.Status, error) {
	w := supervisor.Status{Source: "one-shot", Version: versionText()}
	var ports []int
	for _, g := range b.file.Gateway {
		ports = append(ports, g.Port)
	}
	first, suspicious := lookAt(ctx, b.eyes, ports)
	looks := []look{first}
	if suspicious {
		select {
		case <-time.After(time.Duration(b.file.ZombieAfter)):
		case <-ctx.Done():
			return w, ctx.Err()
		}
		second, _ := lookAt(ctx, b.eyes, ports)
		looks = append(looks, second)
	}
	for _, g := range b.file.Gateway {
		p := b.file.Policy(g)
		p.Monitor, p.OneShot, p.Simulated = false, true, ibc.Simulated(g.IBC.Path)
		s := supervisor.New(p, time.Now())
		if seen, ok := ibc.New(driverOptions(g, b)).Running(); ok {
			s, _ = supervisor.Decide(s, seen, time.Now(), p)
		}
		for _, l := range looks {
			s, _ = supervisor.Decide(s, l.event(b.eyes, g.Port), l.at, p)
		}
		w.Gateways = append(w.Gateways, s)
	}
	return w, nil
}

// A look is one reading of the socket table with its outcome.
type look struct {
	table supervisor.Table
	err   error
	at    time.Time
}

func lookAt(ctx context.Context, eyes supervisor.SocketReader, ports []int) (l look, suspicious bool) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	l.table, l.err = eyes.Look(ctx, ports)
	l.at = time.Now().Round(0)
	for _, view := range l.table.Ports {
		for _, p := range view.Peers {
			suspicious = suspicious || p.TCP == supervisor.CloseWait
		}
	}
	return l, suspicious
}

func (l look) event(eyes supervisor.SocketReader, port int) supervisor.Event {
	if l.err != nil {
		return supervisor.LookFailed{Reader: eyes.Reader(), Why: l.err.Error()}
	}
	return supervisor.Looked{At: l.table.At, Reader: l.table.Reader, View: l.table.Ports[port]}
}

// colour: on a terminal, unless the user has asked for none (no-color.org).
func colour() bool {
	return os.Getenv("NO_COLOR") == "" && term.IsTerminal(int(os.Stdout.Fd()))
}
