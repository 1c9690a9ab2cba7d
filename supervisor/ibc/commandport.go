package ibc

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"gatelight/supervisor"
	"gatelight/supervisor/ibc/config"
)

// commandPort is the port that a config.ini gives the command server. IBC's
// default is none.
func (o Options) commandPort(ini string) (int, error) {
	file, err := config.ReadKeys(ini, commandKeys...)
	if err != nil {
		return 0, fmt.Errorf("cannot read IBC's config: %w", err)
	}
	return o.commandPortIn(file, ini)
}

// commandKeys are those that commandPortIn needs.
var commandKeys = []string{"CommandServerPort", "OverrideTwsApiPort"}

func (o Options) commandPortIn(file config.File, ini string) (int, error) {
	value := file.Value("CommandServerPort")
	port, err := strconv.Atoi(strings.TrimSpace(value))
	// The default API ports count whatever the settings say: a port there may be
	// wrong, and who listens on it would then not tell the API from the command
	// server.
	isAPIPort := port == o.Port || config.DefaultAPIPorts[port] != "" || strings.TrimSpace(file.Value("OverrideTwsApiPort")) == strconv.Itoa(port) ||
		slices.ContainsFunc(o.Others, func(other Other) bool { return other.Port == port })
	switch {
	case value == "" || port == 0 && err == nil:
		return 0, errNoServer
	case err != nil || port < 1 || port > 65535:
		// The value is not shown: a line that is continued by mistake has the
		// next line in its value, which may be the password.
		return 0, fmt.Errorf("%s: CommandServerPort is no port number from 1 to 65535", ini)
	case isAPIPort:
		return 0, fmt.Errorf("%s: CommandServerPort is %d, which is an API port", ini, port)
	}
	return port, nil
}

// provenCommandPort is the port of this Gateway's command server, when that is
// proven to be this one's: where two Gateways share a port number only one has
// a server, and a STOP meant for the other would stop it.
func (d *Driver) provenCommandPort(ctx context.Context) (int, error) {
	api, err := d.o.listener(ctx, d.o.Port)
	if err != nil {
		return 0, err
	}
	port, err := d.o.commandPort(d.configOf(api))
	if err != nil {
		return 0, err
	}
	server, err := d.o.ownedListener(ctx, port)
	if err != nil {
		return 0, err
	}
	if server == nil {
		return 0, notOpen(port)
	}
	pid := server.Process.PID
	switch {
	case pid == 0, server.Relay != "": // a relay may hold the ports of any number of Gateways
	case api != nil && api.Process.PID == pid, d.running().owns(pid):
		return port, nil
	}
	return 0, d.o.refuse(supervisor.ReasonNotProven, "", "the command server on port %d (process %d) is not proven to be this Gateway's; nothing was sent", port, pid)
}

// ownedListener is who listens on a port. The socket of a process that ends may be
// there without the process for a moment: then it looks again, for a second.
func (o Options) ownedListener(ctx context.Context, port int) (*supervisor.Listener, error) {
	for try := 0; ; try++ {
		l, err := o.listener(ctx, port)
		if err != nil || l == nil || l.Process.PID != 0 || try == 5 || !supervisor.Sleep(ctx, 200*time.Millisecond) {
			return l, err
		}
	}
}

// listener is who listens on a port; nil when nobody does.
func (o Options) listener(ctx context.Context, port int) (*supervisor.Listener, error) {
	view, err := o.look(ctx, port)
	return view.Listener, err
}

func (o Options) look(ctx context.Context, port int) (supervisor.PortView, error) {
	t, err := o.Sockets.Look(ctx, []int{port})
	if err != nil {
		return supervisor.PortView{}, o.refuse(supervisor.ReasonStateUnknown, "", "it is not known who listens on port %d: %v", port, err)
	}
	return t.Ports[port], nil
}

// checkAPIPortFree refuses to start a second Gateway on a port that is taken,
// or that may be: by a listener that cannot be seen from here.
func (o Options) checkAPIPortFree(ctx context.Context) error {
	view, err := o.look(ctx, o.Port)
	switch {
	case err != nil:
		return err
	case view.Listener != nil:
		return o.refuse(supervisor.ReasonPortOpen, "", "port %d is taken by %s", o.Port, owner(view.Listener))
	case view.Hidden != "":
		return o.refuse(supervisor.ReasonStateUnknown, "look there before you start another one",
			"a program on this machine is connected to port %d, so that a Gateway may run where it cannot be seen from here (%s)", o.Port, view.Hidden)
	}
	return nil
}

// checkCommandPortFree refuses to start a Gateway whose command server would
// conflict with another one.
func (o Options) checkCommandPortFree(ctx context.Context) error {
	port, err := o.commandPort(o.Config)
	switch {
	case errors.Is(err, errNoServer), errors.Is(err, os.ErrNotExist): // launch reports what is missing
		return nil
	case err != nil:
		return err
	}
	for _, other := range o.Others {
		if theirs, err := o.commandPort(other.Config); err == nil && theirs == port {
			return o.refuse(supervisor.ReasonCommandPortTaken, "give each a port of its own in its config.ini",
				"the Gateways %s and %s have the same CommandServerPort, %d, so that STOP for one would stop the other", o.Gateway, other.Gateway, port)
		}
	}
	l, err := o.listener(ctx, port)
	if err != nil || l == nil {
		return err
	}
	return o.refuse(supervisor.ReasonCommandPortTaken, "IBC would run without its command server", "port %d, CommandServerPort in config.ini, is taken by %s", port, owner(l))
}

func owner(l *supervisor.Listener) string {
	return cmp.Or(l.Process.Label(), "a process that cannot be seen")
}
