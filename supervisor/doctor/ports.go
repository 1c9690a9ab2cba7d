package doctor

import (
	"context"
	"fmt"
	"strings"

	"gatelight/supervisor"
	"gatelight/supervisor/ibc"
	"gatelight/supervisor/ibc/config"
)

// customary is which account a default API port of Gateway and TWS stands for.
var customary = map[int]string{4001: "live", 4002: "paper", 7496: "live", 7497: "paper"}

// sockets looks at the API port, which is never connected to, and at the command
// server.
func (p patient) sockets(ctx context.Context) []Result {
	command := 0
	b, err := config.Read(p.IBC.Config)
	hasConfig := err == nil
	if hasConfig {
		command = config.Port(config.Parse(b), "CommandServerPort")
	}
	ports := []int{p.Port}
	if command > 0 {
		ports = append(ports, command)
	}
	look, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	table, err := p.Eyes.Look(look, ports)
	if err != nil {
		return []Result{failure("port", "see above, under the socket table", "port %d cannot be seen: %v", p.Port, err)}
	}
	results := p.apiPort(table.Ports[p.Port])
	if hasConfig {
		results = append(results, p.commandServer(ctx, command, table)...)
	}
	return results
}

func (p patient) apiPort(v supervisor.PortView) []Result {
	results := p.mode()
	l := v.Listener
	switch {
	case l == nil:
		results = append(results, ok("port", "nobody listens on port %d: the Gateway is not running, or not logged in yet", p.Port))
	case l.Relay != "":
		results = append(results, warning("port", "", "port %d is held by %s, so the Gateway's own sockets are %s and its zombies cannot be seen from here", p.Port, l.Relay, l.Behind))
	default:
		results = append(results, ok("port", "%s listens on port %d", process(l.Process), p.Port))
	}
	if len(v.Blind) > 0 {
		results = append(results, warning("port", "", "cannot be seen from here: %s", strings.Join(v.Blind, "; ")))
	}
	return results
}

func (p patient) mode() []Result {
	if usual := customary[p.Port]; usual != "" && usual != p.IBC.Mode {
		return []Result{warning("mode", "look whether port and mode in the settings are meant so", "port %d is the one for %s accounts, but mode is %q", p.Port, usual, p.IBC.Mode)}
	}
	return nil
}

func process(proc supervisor.Process) string {
	if proc.PID == 0 {
		return "a process that cannot be seen"
	}
	return fmt.Sprintf("%s (process %d)", proc.Name, proc.PID)
}

// commandServer has it say goodbye, if it is proven to be this Gateway's.
func (p patient) commandServer(ctx context.Context, port int, t supervisor.Table) []Result {
	const check = "command server"
	switch {
	case port == 0:
		return []Result{warning(check, "set CommandServerPort=7462 and BindAddress=127.0.0.1 in config.ini", "IBC's command server is off, so the Gateway can be stopped by signals alone, and not be restarted without a new login")}
	case port == p.Port || customary[port] != "":
		return nil // an error of config.ini, said there
	case t.Ports[port].Listener == nil && t.Ports[p.Port].Listener == nil:
		return []Result{ok(check, "IBC's command server is on in config.ini, port %d; the Gateway is not running", port)}
	case t.Ports[port].Listener == nil:
		return []Result{warning(check, "restart the Gateway, if IBC has started it", "IBC's command server is on in config.ini, but nobody listens on port %d; IBC reads its config at its start", port)}
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	if err := p.driver().CheckCommandServer(ctx); err != nil {
		return []Result{failure(check, "", "port %d, %s: %v", port, process(t.Ports[port].Listener.Process), err)}
	}
	return []Result{ok(check, "IBC's command server answers on port %d", port)}
}

func (p patient) driver() *ibc.Driver {
	return ibc.New(ibc.Options{
		Gateway: p.Name, Port: p.Port, Program: p.Program, Path: p.IBC.Path, Config: p.IBC.Config, TWSPath: p.IBC.TWSPath,
		Mode: p.IBC.Mode, LogDir: p.Paths.Logs(), RunDir: p.Paths.Runs(), Sockets: p.Eyes,
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
