package ibc

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"gatelight/supervisor"
	"gatelight/supervisor/ibc/config"
)

var (
	// errNoServer: there is no command server; what is left are signals.
	errNoServer = errors.New("IBC's command server is off; set CommandServerPort=7462 and BindAddress=127.0.0.1 in config.ini")
	// errNoAnswer: there is one, and it hangs, as it does together with the
	// Gateway.
	errNoAnswer = errors.New("IBC's command server does not answer")
)

// unreachable reports that a command has reached nobody, so that something else
// may be tried.
func unreachable(err error) bool {
	return errors.Is(err, errNoServer) || errors.Is(err, errNoAnswer)
}

// commandTimeout is how long the command server may take to answer. It answers
// at once, or it hangs together with the Gateway.
const commandTimeout = 10 * time.Second

// command sends one command to this Gateway's command server and returns the
// first line of its answer. It is the only function here that connects to
// anything, and it never connects to the API port.
func (d *Driver) command(ctx context.Context, word string) (string, error) {
	port, err := d.provenCommandPort(ctx)
	if err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(ctx, commandTimeout)
	defer cancel()
	// Not localhost: IBC closes connections from ::1 at once.
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp4", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err != nil {
		return "", fmt.Errorf("%w: %w", errNoServer, err)
	}
	defer conn.Close()
	deadline, _ := ctx.Deadline()
	conn.SetDeadline(deadline)
	if _, err := conn.Write([]byte(word + "\n")); err != nil {
		return "", fmt.Errorf("cannot send %s to IBC's command server: %w", word, err)
	}
	answer, err := bufio.NewReader(conn).ReadString('\n')
	if answer == "" && err != nil {
		return "", fmt.Errorf("%w to %s: %w", errNoAnswer, word, err)
	}
	return strings.TrimSpace(answer), nil
}

// CheckCommandServer reports why this Gateway's command server does not answer;
// nil when it does. It sends EXIT, which ends the conversation and nothing
// else, and only to a server that is proven to be this Gateway's.
func (d *Driver) CheckCommandServer(ctx context.Context) error {
	if err := d.adoptOnce(); err != nil {
		return err
	}
	reply, err := d.command(ctx, "EXIT")
	if refused, ok := errors.AsType[*supervisor.ActionError](err); ok { // this is no action
		return errors.New(refused.Explanation())
	}
	if err == nil && reply != "OK Goodbye" {
		return fmt.Errorf("IBC answered EXIT with %q", reply)
	}
	return err
}

// commandPort is the port that a config.ini gives the command server. IBC's
// default is none.
func (o Options) commandPort(ini string) (int, error) {
	b, err := os.ReadFile(ini)
	if err != nil {
		return 0, fmt.Errorf("cannot read IBC's config: %w", err)
	}
	return o.commandPortIn(config.Parse(b), ini)
}

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
	server, err := d.o.listener(ctx, port)
	if err != nil {
		return 0, err
	}
	if server == nil {
		return 0, errNoServer
	}
	pid := server.Process.PID
	switch {
	case pid == 0, server.Relay != "": // a relay may hold the ports of any number of Gateways
	case api != nil && api.Process.PID == pid, d.running().owns(pid):
		return port, nil
	}
	return 0, d.o.refuse(supervisor.ReasonNotProven, "", "the command server on port %d (process %d) is not proven to be this Gateway's; nothing was sent", port, pid)
}

// listener is who listens on a port; nil when nobody does.
func (o Options) listener(ctx context.Context, port int) (*supervisor.Listener, error) {
	t, err := o.Sockets.Look(ctx, []int{port})
	if err != nil {
		return nil, o.refuse(supervisor.ReasonStateUnknown, "", "it is not known who listens on port %d: %v", port, err)
	}
	return t.Ports[port].Listener, nil
}

// checkAPIPortFree refuses to start a second Gateway on a port that is taken.
func (o Options) checkAPIPortFree(ctx context.Context) error {
	l, err := o.listener(ctx, o.Port)
	if err != nil || l == nil {
		return err
	}
	return o.refuse(supervisor.ReasonPortOpen, "", "port %d is taken by %s", o.Port, owner(l))
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
