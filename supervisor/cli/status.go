package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"os"

	"golang.org/x/term"

	"gatelight/supervisor"
	"gatelight/supervisor/status"
	"gatelight/tray"
)

// statusCommand prints the state and exits by it.
type statusCommand struct {
	JSON        bool   `help:"Print everything, for scripts."`
	Gateway     string `help:"Only this Gateway." placeholder:"NAME"`
	OKIfStopped bool   `name:"ok-if-stopped" help:"A Gateway that is down on purpose, or was never started, counts as connected: for monitoring."`
}

// Run asks the running Gatelight, or looks for itself. Whatever goes wrong must
// not exit like a state: scripts would take 1 for "listening".
func (c statusCommand) Run(e *env) error {
	w, err := statusOf(e, c.Gateway)
	if err != nil {
		return err
	}
	now := supervisor.Now()
	if c.JSON {
		err = printJSON(e.stdout, status.Encode(w, now))
	} else {
		_, err = fmt.Fprint(e.stdout, tray.StatusText(w, now, colour()))
	}
	if err != nil {
		return err
	}
	return exitError(exitStatus(w.Gateways, c.OKIfStopped))
}

// statusOf is the status of all Gateways, or of the named one. Its errors have
// been printed already.
func statusOf(e *env, gateway string) (supervisor.Status, error) {
	w, err := currentStatus(e)
	if err != nil {
		return w, e.fail(exitUnknown, err)
	}
	if gateway == "" {
		return w, nil
	}
	g, ok := w.Gateway(gateway)
	if !ok {
		return w, e.fail(exitUsage, w.UnknownGateway(gateway))
	}
	w.Gateways = []supervisor.Snapshot{g}
	return w, nil
}

// printJSON prints a value for scripts.
func printJSON(w io.Writer, v any) error {
	out := json.NewEncoder(w)
	out.SetIndent("", "  ")
	return out.Encode(v)
}

// colour: on a terminal, unless the user has asked for none (no-color.org).
func colour() bool {
	return os.Getenv("NO_COLOR") == "" && term.IsTerminal(int(os.Stdout.Fd())) && obeysSequences()
}
