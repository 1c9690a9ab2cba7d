package cli

import (
	"fmt"

	"gatelight/supervisor/abort"
)

type serveCommand struct{}

func (serveCommand) Run(e *env) error {
	abort.AtOnce()
	return superviseAfterCommand(e, serve(*e))
}

// serve supervises until the program is ended, or loses its lock.
func serve(e env) error {
	o, err := loadOptions(&e)
	if err != nil {
		return err
	}
	s, err := startService(e.ctx, o)
	if err != nil {
		return err
	}
	defer s.close()
	fmt.Fprintf(e.stdout, "Supervising. Ask with: gatelight status. Events: %s\n", e.paths.Events())
	return s.use(&e, func() error {
		<-e.ctx.Done()
		return nil
	})
}
