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
	"gatelight/supervisor/lazyregexp"
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
	c.state()
}

// installed checks what is needed to start the Gateway. Without IBC and its
// config the Gateway is only watched, and what is missing is a warning.
func (c gatewayCheck) installed() {
	problem := c.failure
	if _, err := os.Stat(c.IBC.Config); errors.Is(err, fs.ErrNotExist) && !c.hasIBC() {
		problem = c.warning
	}
	i, err := c.Machine.IBC(c.IBC.Path)
	switch {
	case err != nil:
		problem("ibc", c.otherIBC(), "%v", err)
	case i.Supported() != nil:
		problem("ibc", c.otherIBC(), "%v", i.Supported())
	case !i.Recommended():
		c.warning("ibc", c.otherIBC(), "%s", i.Lacks())
	default:
		c.ok("ibc", "IBC %s in %s, and its script may be run", i.Version, i.Path)
	}
	program, err := c.Machine.Program(c.Program, c.IBC.TWSPath, c.IBC.Version)
	if err != nil {
		problem("program", c.otherProgram(), "%v", err)
		return
	}
	c.ok("program", "%s in %s", program, program.Path)
	if !ibc.Simulated(c.IBC.Path) { // which needs no Java
		c.java(problem, program, i)
		c.vmOptions(problem, program)
	}
	c.settingsFolder()
}

// java checks the Java that IBC will use, without running it.
func (c gatewayCheck) java(problem func(check, do, text string, args ...any), program find.Program, i find.IBC) {
	const check = "java"
	if c.IBC.JavaPath != "" && !c.Machine.Javas().TakesJavaPath() {
		c.warning("java path", "take java_path out of the settings", "IBC ignores java_path on macOS, and uses the Java that came with %s", program)
	}
	if i.Path != "" {
		if _, err := c.Machine.Javas().JavaNeeded(i); err != nil {
			problem("ibc jar", `unpack the release again with "gatelight ibc install FILE.zip"`, "%v", err)
		}
	}
	java, err := c.Machine.Javas().CheckJava(program, i, c.IBC.JavaPath)
	if err != nil {
		problem(check, c.otherJava(i), "%v", err)
		return
	}
	text := "Java in " + java.Path
	if java.Version != "" {
		text = "Java " + java.Version + " in " + java.Path
	}
	if java.How != "" {
		c.note(check, "%s, which runs here %s", text, java.How)
		return
	}
	c.ok(check, "%s", text)
}

// otherJava names a Java of this machine that would do.
func (c gatewayCheck) otherJava(i find.IBC) string {
	if all := c.Machine.Javas().OtherJavas(i); len(all) > 0 && c.Machine.Javas().TakesJavaPath() {
		return "there is Java " + all[0].Version + " in " + all[0].Folder() + "; set java_path to it under [gateway.ibc]"
	}
	return ""
}

// vmOptions checks the file with Java's options, which IBC reads from the
// program's folder: without it IBC ends with status 7, and when Java refuses
// one of them, it says so on stderr, which IBC throws away.
func (c gatewayCheck) vmOptions(problem func(check, do, text string, args ...any), program find.Program) {
	const check = "vmoptions"
	path := c.Machine.VMOptions(program)
	b, err := c.Machine.ReadFile(path)
	if err != nil {
		problem(check, "install "+program.String()+" again", "IBC ends without %s: %v", path, err)
		return
	}
	for line := range strings.Lines(string(b)) {
		line = strings.TrimSpace(line)
		if heap.MatchString(line) && !goodHeap.MatchString(line) {
			problem(check, "write it as in -Xmx2048m or -Xmx2g", "Java refuses to start with %s in %s", line, path)
		}
	}
}

// What Java takes for the sizes of its heap: a number, and k, m, g or t behind
// it (java, the JDK's command reference).
var (
	heap     = lazyregexp.New(`^-Xm[xs]`)
	goodHeap = lazyregexp.New(`^-Xm[xs][1-9][0-9]*[kKmMgGtT]?$`)
)

func (c gatewayCheck) hasIBC() bool {
	_, err := c.Machine.IBC(c.IBC.Path)
	return !errors.Is(err, find.ErrNotInstalled)
}

// otherIBC names an installed IBC that the settings do not name.
func (c gatewayCheck) otherIBC() string {
	for _, i := range c.Machine.IBCs() {
		if i.Path != c.IBC.Path && i.Supported() == nil {
			return "there is IBC " + i.Version + " in " + i.Path + "; set path to it under [gateway.ibc]"
		}
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
		c.note(check, "%s gives %s; see: gatelight config check", path, plural(hints, "hint"))
	}
	c.sharedSettings(config.Parse(b), found)
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
