package doctor

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"strings"

	"gatelight/supervisor/ibc"
	"gatelight/supervisor/ibc/config"
	"gatelight/supervisor/ibc/find"
	"gatelight/supervisor/settings"
)

// A gatewayCheck is one Gateway.
type gatewayCheck struct {
	Host
	settings.Gateway
	all []settings.Gateway
}

func (p gatewayCheck) run(ctx context.Context) []Result {
	return concat(p.installed(), p.config(), p.sockets(ctx))
}

// installed checks what is needed to start it. Who has neither IBC nor its
// config only wants to watch, and that is fine.
func (p gatewayCheck) installed() []Result {
	bad := failure
	if _, err := os.Stat(p.IBC.Config); errors.Is(err, fs.ErrNotExist) && !p.hasIBC() {
		bad = warning
	}
	var results []Result
	if i, err := p.Machine.IBC(p.IBC.Path); err != nil {
		results = append(results, bad("ibc", p.otherIBC(), "%v", err))
	} else {
		results = append(results, ok("ibc", "IBC %s in %s, and its script may be run", i.Version, i.Path))
	}
	program, err := p.Machine.Program(p.Program, p.IBC.TWSPath, p.IBC.Version)
	if err != nil {
		return append(results, bad("program", p.otherProgram(), "%v", err))
	}
	results = append(results, ok("program", "%s in %s", program, program.Path))
	if java, err := p.Machine.Java(program); err == nil {
		results = append(results, ok("java", "Java in %s", java))
	} else if !ibc.Simulated(p.IBC.Path) { // which needs none
		results = append(results, bad("java", "", "%v", err))
	}
	return append(results, p.settingsPath()...)
}

func (p gatewayCheck) hasIBC() bool {
	_, err := p.Machine.IBC(p.IBC.Path)
	return !errors.Is(err, find.ErrNotInstalled)
}

// otherIBC names an IBC that the settings do not.
func (p gatewayCheck) otherIBC() string {
	if all := p.Machine.IBCs(); len(all) > 0 {
		return "there is IBC " + all[0].Version + " in " + all[0].Path + "; set path to it under [gateway.ibc]"
	}
	return "download it from https://github.com/IbcAlpha/IBC/releases"
}

// otherProgram names a folder with a Gateway or TWS that the settings do not.
func (p gatewayCheck) otherProgram() string {
	for _, dir := range p.Machine.TWSPaths() {
		if all, err := p.Machine.Programs(p.Program, dir); err == nil && len(all) > 0 && dir != p.IBC.TWSPath {
			return "there is " + all[0].String() + " in " + all[0].Path + "; set tws_path = \"" + dir + "\" under [gateway.ibc]"
		}
	}
	return ""
}

// settingsPath: IBC's script ends when the folder is not there, and does not
// quote it (ibcstart.sh, find_auto_restart).
func (p gatewayCheck) settingsPath() []Result {
	path := p.IBC.TWSSettingsPath
	switch info, err := os.Stat(path); {
	case errors.Is(err, fs.ErrNotExist):
		return []Result{failure("settings path", "start the Gateway once by hand, make the folder, or set tws_settings_path", "the Gateway's settings folder %s is not there, and IBC ends without it", path)}
	case err != nil:
		return []Result{failure("settings path", "", "the Gateway's settings folder: %v", err)}
	case !info.IsDir():
		return []Result{failure("settings path", "set tws_settings_path", "the Gateway's settings folder %s is no folder", path)}
	case strings.Contains(path, " ") && p.Machine.OS != "windows":
		return []Result{failure("settings path", "set tws_settings_path to a folder without one", "there is a space in %s, which IBC's script cannot bear", path)}
	}
	return nil
}

// config reads config.ini as IBC does.
func (p gatewayCheck) config() []Result {
	const check = "config.ini"
	path := p.IBC.Config
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		if !p.hasIBC() {
			return nil // it is not needed without
		}
		return []Result{failure(check, "write one: gatelight config new, or set config under [gateway.ibc]", "there is no IBC config at %s", path)}
	}
	b, err := config.Read(path)
	if err != nil {
		return []Result{failure(check, "", "IBC's config cannot be read: %v", err)}
	}
	place := p.place()
	if p.Machine.OS != "windows" {
		place.Permissions = info.Mode().Perm()
	}
	found := config.Check(b, place)
	var results []Result
	for _, f := range found {
		if f.Severity == config.Error {
			results = append(results, failure(check, f.Write, "%s", at(path, f)))
		}
	}
	warnings, hints := config.Count(found, config.Warning), config.Count(found, config.Hint)
	switch {
	case len(found) == 0:
		results = append(results, ok(check, "%s is in order", path))
	case warnings > 0:
		results = append(results, warning(check, "see them with: gatelight config check", "%s gives %s", path, plural(warnings, "warning")))
	case hints > 0:
		results = append(results, ok(check, "%s gives %s; see: gatelight config check", path, plural(hints, "hint")))
	}
	return append(results, p.sharedCommandPorts(b)...)
}

// sharedCommandPorts: with two Gateways on one command port the second runs without a server,
// and a STOP meant for it would stop the first.
func (p gatewayCheck) sharedCommandPorts(b []byte) (results []Result) {
	port := config.Port(config.Parse(b), "CommandServerPort")
	for name, other := range p.otherPorts() {
		if port != 0 && other == port {
			results = append(results, failure("command server", "give each a CommandServerPort of its own in its config.ini", "the Gateways %s and %s have the same CommandServerPort, %d, so that STOP for one would stop the other", p.Name, name, port))
		}
	}
	return results
}

// otherPorts are the command server ports of the other Gateways, by name.
func (p gatewayCheck) otherPorts() map[string]int {
	ports := map[string]int{}
	for _, other := range p.all {
		if other.Name == p.Name {
			continue
		}
		if b, err := config.Read(other.IBC.Config); err == nil {
			ports[other.Name] = config.Port(config.Parse(b), "CommandServerPort")
		}
	}
	return ports
}
