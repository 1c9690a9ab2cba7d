package cli

import (
	"fmt"
	"log/slog"
)

// serveCommand supervises without a face.
type serveCommand struct{}

// Run supervises until it is told to end.
func (serveCommand) Run(e *env) error {
	b, err := realBuild(e)
	if err != nil {
		return err
	}
	a, err := open(e.ctx, b)
	if err != nil {
		return err
	}
	defer a.close()
	fmt.Fprintf(e.stdout, "Supervising. Ask with: gatelight status. Events: %s\n", b.paths.Events())
	<-e.ctx.Done()
	return nil
}

// trayLog is where the tray complains: on the terminal it was started from.
func trayLog(e *env) *slog.Logger { return slog.New(slog.NewTextHandler(e.stderr, nil)) }
