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

// A gatewayCheck checks one Gateway.
type gatewayCheck struct {
	*checker
	settings.Gateway
	all []settings.Gateway // for what two Gateways must not share
}

func (c gatewayCheck) run(ctx context.Context) {
	c.installed()
	c.config()
	c.sockets(ctx)
}

// installed checks what is needed to start the Gateway. Without IBC and its
// config the Gateway is only watched, and what is missing is a warning.
func (c gatewayCheck) installed() {
	problem := c.failure
	if _, err := os.Stat(c.IBC.Config); errors.Is(err, fs.ErrNotExist) && !c.hasIBC() {
		problem = c.warning
	}
	if i, err := c.Machine.IBC(c.IBC.Path); err != nil {
		problem("ibc", c.otherIBC(), "%v", err)
	} else {
		c.ok("ibc", "IBC %s in %s, and its script may be run", i.Version, i.Path)
	}
	program, err := c.Machine.Program(c.Program, c.IBC.TWSPath, c.IBC.Version)
	if err != nil {
		problem("program", c.otherProgram(), "%v", err)
		return
	}
	c.ok("program", "%s in %s", program, program.Path)
	if java, err := c.Machine.Java(program); err == nil {
		c.ok("java", "Java in %s", java)
	} else if !ibc.Simulated(c.IBC.Path) { // which needs none
		problem("java", "", "%v", err)
	}
	c.settingsPath()
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
func (c gatewayCheck) settingsPath() {
	const check = "settings path"
	path := c.IBC.TWSSettingsPath
	switch info, err := os.Stat(path); {
	case errors.Is(err, fs.ErrNotExist):
		c.failure(check, "start the Gateway once by hand, make the folder, or set tws_settings_path",
			"the Gateway's settings folder %s is not there, and IBC ends without it", path)
	case err != nil:
		c.failure(check, "", "the Gateway's settings folder: %v", err)
	case !info.IsDir():
		c.failure(check, "set tws_settings_path", "the Gateway's settings folder %s is not a folder", path)
	case strings.Contains(path, " ") && c.Machine.OS != "windows":
		c.failure(check, "set tws_settings_path to a folder without one", "there is a space in %s, which IBC's script cannot handle", path)
	}
}

// config reads config.ini as IBC does.
func (c gatewayCheck) config() {
	const check = "config.ini"
	path := c.IBC.Config
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		if c.hasIBC() { // it is only needed with IBC
			c.failure(check, "write one: gatelight config new, or set config under [gateway.ibc]", "there is no IBC config at %s", path)
		}
		return
	}
	b, err := config.Read(path)
	if err != nil {
		c.failure(check, "", "IBC's config cannot be read: %v", err)
		return
	}
	place := c.place()
	if c.Machine.OS != "windows" {
		place.Permissions = info.Mode().Perm()
	}
	if c.Machine.OS == "linux" {
		place.Language = config.Language(os.Getenv)
	}
	found := config.Check(b, place)
	for _, f := range found {
		if f.Severity == config.Error {
			c.failure(check, f.Write, "%s", at(path, f))
		}
	}
	warnings, hints := config.Count(found, config.Warning), config.Count(found, config.Hint)
	switch {
	case len(found) == 0:
		c.ok(check, "%s is in order", path)
	case warnings > 0:
		c.warning(check, "see them with: gatelight config check", "%s gives %s", path, plural(warnings, "warning"))
	case hints > 0:
		c.ok(check, "%s gives %s; see: gatelight config check", path, plural(hints, "hint"))
	}
	c.sharedCommandPort(config.Parse(b).Port("CommandServerPort"), place.CommandPorts)
}

// sharedCommandPort finds other Gateways with the same command port. The second
// one that starts has no command server then, and its STOP would stop the first.
func (c gatewayCheck) sharedCommandPort(port int, others map[string]int) {
	for name, other := range others {
		if port != 0 && other == port {
			c.failure("command server", "give each a CommandServerPort of its own in its config.ini",
				"the Gateways %s and %s have the same CommandServerPort, %d, so that STOP for one would stop the other", c.Name, name, port)
		}
	}
}

// place is what config.ini must agree with.
func (c gatewayCheck) place() config.Place {
	p := config.Place{File: c.IBC.Config, Port: c.Port, Mode: c.IBC.Mode, TWS: c.Program == "tws", TwoFactorTimeout: c.IBC.TwoFactorTimeout, SettingsPath: c.IBC.TWSSettingsPath}
	for _, other := range c.all {
		if other.Name != c.Name {
			p.Beside(other.Name, other.IBC.Config, other.IBC.TWSSettingsPath)
		}
	}
	return p
}
