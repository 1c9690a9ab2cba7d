package cli

import (
	"errors"
	"io"

	"gatelight/supervisor/status"
)

// dialCommand joins stdin and stdout to the control socket of the Gatelight that
// runs here, so that another host can reach it through ssh or docker exec. Who may
// run a command here as this user may use the socket as well.
type dialCommand struct{}

func (dialCommand) Run(e *env) error {
	c, err := status.Connect(e.ctx, e.paths)
	if errors.Is(err, status.ErrNotRunning) {
		return errors.New("no Gatelight is running on this host; start it with: gatelight serve")
	}
	if err != nil {
		return err
	}
	defer c.Close()
	ended := make(chan error, 2)
	go func() { // it ends with the program, since nothing can end a read from stdin
		_, err := io.Copy(c, e.stdin)
		ended <- err
	}()
	go func() {
		_, err := io.Copy(e.stdout, c)
		ended <- err
	}()
	select {
	case <-ended: // either end has closed: the other one is told by our own end
		return nil
	case <-e.ctx.Done():
		return nil
	}
}
