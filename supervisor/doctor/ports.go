package doctor

import (
	"context"
	"fmt"
	"strings"

	"gatelight/supervisor"
	"gatelight/supervisor/ibc"
	"gatelight/supervisor/ibc/config"
)

// sockets looks at the API port, without a connection to it, and asks the
// command server.
func (c gatewayCheck) sockets(ctx context.Context) {
	b, unread := config.Read(c.IBC.Config)
	command := config.Parse(b).Port("CommandServerPort")
	ports := []int{c.Port}
	if command > 0 {
		ports = append(ports, command)
	}
	look, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	table, err := c.Sockets.Look(look, ports)
	if err != nil {
		c.failure("port", "see above, under the socket table", "port %d cannot be seen: %v", c.Port, err)
		return
	}
	c.apiPort(table.Ports[c.Port])
	if unread == nil {
		c.commandServer(ctx, command, table)
	}
}

func (c gatewayCheck) apiPort(v supervisor.PortView) {
	if usual := config.DefaultAPIPorts[c.Port]; usual != "" && usual != c.IBC.Mode {
		c.warning("mode", "check port and mode in the settings", "port %d is the one for %s accounts, but mode is %q", c.Port, usual, c.IBC.Mode)
	}
	switch l := v.Listener; {
	case v.Hidden != "":
		c.warning("port", "", "a program is connected to port %d, but nobody is seen to listen there: the Gateway is hidden from here (%s)", c.Port, v.Hidden)
	case l == nil:
		c.note("port", "nobody listens on port %d: the Gateway is not running, or not logged in yet", c.Port)
	case l.Relay != "":
		c.warning("port", "",
			"port %d is held by %s, so the Gateway's own sockets are %s and its zombies cannot be seen from here", c.Port, l.Relay, l.Behind)
	case c.IsOtherProgram != nil && l.Process.PID != 0 && c.IsOtherProgram(l.Process.PID):
		c.warning("port", "end it, or set another port in the settings",
			"%s listens on port %d, and is no Gateway or TWS by its command line", label(l.Process), c.Port)
	default:
		c.ok("port", "%s listens on port %d", label(l.Process), c.Port)
	}
	if len(v.Blind) > 0 {
		c.warning("port", "", "cannot be seen from here: %s", strings.Join(v.Blind, "; "))
	}
}

func label(proc supervisor.Process) string {
	if proc.PID == 0 {
		return "a process that cannot be seen"
	}
	return proc.Label()
}

// commandServer exchanges a greeting with IBC's command server, if the port is
// proven to be of this Gateway.
func (c gatewayCheck) commandServer(ctx context.Context, port int, t supervisor.Table) {
	const check = "command server"
	server := t.Ports[port].Listener
	switch {
	case port == 0:
		c.warning(check, "set CommandServerPort=7462 and BindAddress=127.0.0.1 in config.ini",
			"IBC's command server is off, so the Gateway can be stopped by signals alone, and not be restarted without a new login")
		return
	case port == c.Port || config.DefaultAPIPorts[port] != "":
		return // reported as an error of config.ini
	case server == nil && t.Ports[c.Port].Hidden != "":
		return // it may be where the Gateway is
	case server == nil && t.Ports[c.Port].Listener == nil:
		c.note(check, "IBC's command server is on in config.ini, port %d; the Gateway is not running", port)
		return
	case server == nil:
		c.warning(check, "restart the Gateway, if IBC has started it",
			"IBC's command server is on in config.ini, but nobody listens on port %d; IBC reads its config at its start", port)
		return
	}
	ctx, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	if err := c.driver().CheckCommandServer(ctx); err != nil {
		c.failure(check, "", "port %d, %s: %v", port, label(server.Process), err)
	} else {
		c.ok(check, "IBC's command server answers on port %d", port)
	}
}

func (c gatewayCheck) driver() *ibc.Driver {
	return ibc.New(ibc.Options{
		Gateway: c.Name, Port: c.Port, Program: c.Program, Path: c.IBC.Path, Config: c.IBC.Config, TWSPath: c.IBC.TWSPath,
		Mode: c.IBC.Mode, LogDir: c.Paths.Logs(), RunDir: c.Paths.Runs(), Sockets: c.Sockets,
	})
}

// at says where in config.ini a finding is.
func at(path string, f config.Finding) string {
	where := path
	if f.Line > 0 {
		where = fmt.Sprintf("%s:%d", path, f.Line)
	}
	if f.Key != "" {
		where += ": " + f.Key
	}
	return where + ": " + f.Reason
}
