package ibc

import (
	"bufio"
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

// errNoServer: there is no command server to talk to; signals are what is left.
var errNoServer = errors.New("IBC's command server is off; set CommandServerPort=7462 and BindAddress=127.0.0.1 in config.ini")

// errSilent: there is one, and it hangs, as it does together with the Gateway.
var errSilent = errors.New("IBC's command server does not answer")

// deaf reports that a command has reached nobody, so that something else may be
// tried.
func deaf(err error) bool { return errors.Is(err, errNoServer) || errors.Is(err, errSilent) }

// commandLimit is how long the command server may take to answer. It answers
// at once, or it hangs together with the Gateway.
const commandLimit = 10 * time.Second

// command sends one command to this Gateway's command server and returns the
// first line of its answer. It is the only thing here that connects anywhere,
// and never to the API port.
func (d *Driver) command(ctx context.Context, word string) (string, error) {
	port, err := d.server(ctx)
	if err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(ctx, commandLimit)
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
		return "", fmt.Errorf("%w to %s: %w", errSilent, word, err)
	}
	return strings.TrimSpace(answer), nil
}

// commandPort is the port that a config.ini gives the command server. IBC's
// default is none.
func (d *Driver) commandPort(ini string) (int, error) {
	b, err := os.ReadFile(ini)
	if err != nil {
		return 0, fmt.Errorf("cannot read IBC's config: %w", err)
	}
	file := config.Parse(b)
	value := file.Value("CommandServerPort")
	port, err := strconv.Atoi(strings.TrimSpace(value))
	switch {
	case value == "" || port == 0 && err == nil:
		return 0, errNoServer
	case err != nil || port < 1 || port > 65535:
		// Not what it is: a line that is continued by mistake has the next line's
		// value, which may be the password.
		return 0, fmt.Errorf("%s: CommandServerPort is no port number from 1 to 65535", ini)
	case port == d.o.Port || slices.Contains(apiPorts, port) || slices.ContainsFunc(d.o.Others, func(o Other) bool { return o.Port == port }) || strings.TrimSpace(file.Value("OverrideTwsApiPort")) == strconv.Itoa(port):
		return 0, fmt.Errorf("%s: CommandServerPort is %d, which is an API port", ini, port)
	}
	return port, nil
}

// apiPorts are where Gateway and TWS listen for API clients by default. A command
// must not go there whatever the settings say: the port in them may be wrong, and
// whose listener it is would then not tell the two apart.
var apiPorts = []int{4001, 4002, 7496, 7497}

// server is the port of this Gateway's command server, when it is proven to be
// this one's: where two Gateways share a port number only one has a server, and
// a STOP meant for the other would stop it.
func (d *Driver) server(ctx context.Context) (int, error) {
	api, err := d.listener(ctx, d.o.Port)
	if err != nil {
		return 0, fmt.Errorf("it is not known whose command server there is: %w", err)
	}
	port, err := d.commandPort(d.configFile(api))
	if err != nil {
		return 0, err
	}
	server, err := d.listener(ctx, port)
	if err != nil {
		return 0, fmt.Errorf("it is not known whose command server port %d is: %w", port, err)
	}
	if server == nil {
		return 0, errNoServer
	}
	pid := server.Process.PID
	switch r := d.running(); {
	case pid == 0:
	case server.Relay != "": // it may hold the ports of any number of Gateways
	case api != nil && api.Process.PID == pid:
		return port, nil
	case r != nil && sameGroup(r.PID, pid):
		return port, nil
	}
	return 0, fmt.Errorf("the command server on port %d (process %d) is not proven to be this Gateway's; nothing was sent", port, pid)
}

func (d *Driver) listener(ctx context.Context, port int) (*supervisor.Listener, error) {
	t, err := d.o.Sockets.Look(ctx, []int{port})
	return t.Ports[port].Listener, err
}

// serverIsFree refuses to start a Gateway whose command server would get into
// another one's way.
func (d *Driver) serverIsFree(ctx context.Context) error {
	port, err := d.commandPort(d.o.Config)
	switch {
	case errors.Is(err, errNoServer), errors.Is(err, os.ErrNotExist): // what is missing is said when it is launched
		return nil
	case err != nil:
		return err
	}
	for _, other := range d.o.Others {
		if theirs, err := d.commandPort(other.Config); err == nil && theirs == port {
			return fmt.Errorf("the Gateways %s and %s have the same CommandServerPort, %d, so that STOP for one would stop the other; give each a port of its own in its config.ini", d.o.Gateway, other.Gateway, port)
		}
	}
	taken, err := d.listener(ctx, port)
	if err != nil {
		return fmt.Errorf("it is not known whether port %d is free for IBC's command server: %w", port, err)
	}
	if taken != nil {
		return fmt.Errorf("port %d, CommandServerPort in config.ini, is taken by %s (process %d); IBC would run without its command server", port, taken.Process.Name, taken.Process.PID)
	}
	return nil
}
