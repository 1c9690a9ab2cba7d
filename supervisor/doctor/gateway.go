package doctor

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"slices"
	"strings"

	"gatelight/supervisor/ibc"
	"gatelight/supervisor/ibc/config"
	"gatelight/supervisor/ibc/find"
	"gatelight/supervisor/settings"
)

// A gatewayCheck checks one Gateway.
type gatewayCheck struct {
	Host
	settings.Gateway
	all []settings.Gateway // for what two Gateways must not share
}

func (c gatewayCheck) run(ctx context.Context) []Result {
	return slices.Concat(c.installed(), c.config(), c.sockets(ctx))
}

// installed checks what is needed to start the Gateway. Without IBC and its
// config the Gateway is only watched, and what is missing is a warning.
func (c gatewayCheck) installed() []Result {
	problem := failure
	if _, err := os.Stat(c.IBC.Config); errors.Is(err, fs.ErrNotExist) && !c.hasIBC() {
		problem = warning
	}
	var results []Result
	if i, err := c.Machine.IBC(c.IBC.Path); err != nil {
		results = append(results, problem("ibc", c.otherIBC(), "%v", err))
	} else {
		results = append(results, ok("ibc", "IBC %s in %s, and its script may be run", i.Version, i.Path))
	}
	program, err := c.Machine.Program(c.Program, c.IBC.TWSPath, c.IBC.Version)
	if err != nil {
		return append(results, problem("program", c.otherProgram(), "%v", err))
	}
	results = append(results, ok("program", "%s in %s", program, program.Path))
	if java, err := c.Machine.Java(program); err == nil {
		results = append(results, ok("java", "Java in %s", java))
	} else if !ibc.Simulated(c.IBC.Path) { // which needs none
		results = append(results, problem("java", "", "%v", err))
	}
	return append(results, c.settingsPath()...)
}

func (c gatewayCheck) hasIBC() bool {
	_, err := c.Machine.IBC(c.IBC.Path)
	return !errors.Is(err, find.ErrNotInstalled)
}

// otherIBC names an installed IBC that the settings do not name.
func (c gatewayCheck) otherIBC() string {
	if all := c.Machine.IBCs(); len(all) > 0 {
		return "there is IBC " + all[0].Version + " in " + all[0].Path + "; set path to it under [gateway.ibc]"
	}
	return "download it from https://github.com/IbcAlpha/IBC/releases"
}

// otherProgram names an installed Gateway or TWS that the settings do not name.
func (c gatewayCheck) otherProgram() string {
	for _, dir := range c.Machine.TWSPaths() {
		if all, err := c.Machine.Programs(c.Program, dir); err == nil && len(all) > 0 && dir != c.IBC.TWSPath {
			return "there is " + all[0].String() + " in " + all[0].Path + "; set tws_path = \"" + dir + "\" under [gateway.ibc]"
		}
	}
	return ""
}

// settingsPath checks the folder of the Gateway's settings. IBC's script ends
// when it does not exist, and does not quote it (ibcstart.sh,
// find_auto_restart).
func (c gatewayCheck) settingsPath() []Result {
	path := c.IBC.TWSSettingsPath
	switch info, err := os.Stat(path); {
	case errors.Is(err, fs.ErrNotExist):
		return []Result{failure("settings path", "start the Gateway once by hand, make the folder, or set tws_settings_path",
			"the Gateway's settings folder %s is not there, and IBC ends without it", path)}
	case err != nil:
		return []Result{failure("settings path", "", "the Gateway's settings folder: %v", err)}
	case !info.IsDir():
		return []Result{failure("settings path", "set tws_settings_path", "the Gateway's settings folder %s is not a folder", path)}
	case strings.Contains(path, " ") && c.Machine.OS != "windows":
		return []Result{failure("settings path", "set tws_settings_path to a folder without one",
			"there is a space in %s, which IBC's script cannot handle", path)}
	}
	return nil
}

// config reads config.ini as IBC does.
func (c gatewayCheck) config() []Result {
	const check = "config.ini"
	path := c.IBC.Config
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		if !c.hasIBC() {
			return nil // it is only needed with IBC
		}
		return []Result{failure(check, "write one: gatelight config new, or set config under [gateway.ibc]",
			"there is no IBC config at %s", path)}
	}
	b, err := config.Read(path)
	if err != nil {
		return []Result{failure(check, "", "IBC's config cannot be read: %v", err)}
	}
	place := c.place()
	if c.Machine.OS != "windows" {
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
	return append(results, c.sharedCommandPorts(b)...)
}

// sharedCommandPorts finds other Gateways with the same command port. The
// second one that starts has no command server then, and its STOP would stop
// the first.
func (c gatewayCheck) sharedCommandPorts(b []byte) (results []Result) {
	port := config.Port(config.Parse(b), "CommandServerPort")
	for name, other := range c.otherPorts() {
		if port != 0 && other == port {
			results = append(results, failure("command server", "give each a CommandServerPort of its own in its config.ini",
				"the Gateways %s and %s have the same CommandServerPort, %d, so that STOP for one would stop the other", c.Name,
				name, port))
		}
	}
	return results
}

// otherPorts are the command server ports of the other Gateways, by name.
func (c gatewayCheck) otherPorts() map[string]int {
	ports := map[string]int{}
	for _, other := range c.all {
		if other.Name == c.Name {
			continue
		}
		if b, err := config.Read(other.IBC.Config); err == nil {
			ports[other.Name] = config.Port(config.Parse(b), "CommandServerPort")
		}
	}
	return ports
}
