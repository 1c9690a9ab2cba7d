package cli

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"gatelight/supervisor/ibc/config"
	"gatelight/supervisor/ibc/find"
	"gatelight/supervisor/settings"
)

// A discovery is what init has found. Empty parts were not found.
type discovery struct {
	machine   find.Machine
	ibc       find.IBC
	otherIBCs []find.IBC // older ones, or in a less usual place
	ibcErr    error      // why the newest IBC is not used; nil when it is
	programs  []find.Program
	java      find.Java // what runs the program; in a folder of java_path, if that is set
	javaPath  string    // "": the program's own Java works, or none does
	javaErr   error     // why the program's own Java does not work
	twsPath   string
	config    string
	configErr error // why the config could not be read
	mode      string
	port      int
	program   string // gateway or tws
}

// discover finds what is installed on a machine.
func discover(m find.Machine) discovery {
	f := discovery{machine: m, mode: "paper", program: "gateway"}
	if all := m.IBCs(); len(all) > 0 { // newest first: what holds for it holds for the others
		if f.ibcErr = all[0].Supported(); f.ibcErr == nil {
			f.ibc, f.otherIBCs = all[0], all[1:]
		}
	}
	for _, program := range []string{"gateway", "tws"} { // a Gateway anywhere before a TWS
		for _, dir := range m.TWSPaths() {
			if all, err := m.Programs(program, dir); err == nil && len(all) > 0 && f.programs == nil {
				f.programs, f.twsPath, f.program = all, dir, program
			}
		}
	}
	f.findJava()
	f.readConfig()
	if f.port == 0 {
		f.port = settings.DefaultPort(f.program, f.mode)
	}
	return f
}

// findJava finds another Java where the program's own does not work.
func (f *discovery) findJava() {
	if len(f.programs) == 0 {
		return
	}
	f.java, f.javaErr = f.machine.Javas().CheckJava(f.programs[0], f.ibc, "")
	if f.javaErr == nil || !f.machine.Javas().TakesJavaPath() {
		return
	}
	if others := f.machine.Javas().OtherJavas(f.ibc); len(others) > 0 {
		f.java, f.javaPath = others[0], others[0].Folder()
	}
}

// readConfig takes account and port from the first config.ini that somebody has
// filled in; the one that comes with IBC has IBKR's demo login.
func (f *discovery) readConfig() {
	for _, path := range f.machine.Configs() {
		b, err := f.machine.ReadFile(path)
		if err != nil {
			f.config, f.configErr = path, err
			return
		}
		c := config.Parse(b)
		if c.Value("IbLoginId") == "edemo" && strings.HasPrefix(path, f.ibc.Path) {
			continue
		}
		f.config = path
		if mode := strings.ToLower(strings.TrimSpace(c.Value("TradingMode"))); mode == "live" || mode == "paper" {
			f.mode = mode
		}
		if port := c.Port("OverrideTwsApiPort"); port > 0 && port <= 65535 {
			f.port = port
		}
		return
	}
}

// report is, for people, what was found, and what is missing and how to get it.
func (f discovery) report() (have, missing []string) {
	m := f.machine
	switch {
	case f.ibcErr != nil:
		missing = append(missing, f.ibcErr.Error())
	case f.ibc.Path != "":
		line := fmt.Sprintf("IBC %s in %s", f.ibc.Version, f.ibc.Path)
		if len(f.otherIBCs) > 0 {
			line += fmt.Sprintf(" (%s in %s is left alone)", f.otherIBCs[0].Version, f.otherIBCs[0].Path)
		}
		have = append(have, line)
		if !f.ibc.Recommended() {
			missing = append(missing, f.ibc.Lacks())
		}
	default:
		missing = append(missing, "IBC, which logs the Gateway in: "+
			"download it from https://github.com/IbcAlpha/IBC/releases, then: gatelight ibc install FILE.zip")
	}
	if len(f.programs) > 0 {
		line := fmt.Sprintf("%s in %s", f.programs[0], f.programs[0].Path)
		if older := f.programs[1:]; len(older) > 0 {
			line += " (the newest; also there: " + strings.Join(versionsOf(older), ", ") + ")"
		}
		have = append(have, line)
		switch {
		case f.javaErr == nil:
			have = append(have, "its Java: "+f.java.Path)
		case f.javaPath != "":
			have = append(have, fmt.Sprintf("another Java for it, set as java_path: %s (%s)", f.java.Path, f.javaErr))
		default:
			missing = append(missing, f.javaErr.Error())
		}
	} else {
		_, err := m.Program("gateway", m.TWSPaths()[0], "auto")
		missing = append(missing, err.Error())
	}
	switch {
	case f.configErr != nil:
		missing = append(missing, fmt.Sprintf("what is in %s: %v", f.config, f.configErr))
	case f.config != "":
		have = append(have, fmt.Sprintf("IBC's config in %s: %s account, API port %d", f.config, f.mode, f.port))
	default:
		missing = append(missing, "IBC's config, with your login: write one with: gatelight config new")
	}
	return have, missing
}

func versionsOf(programs []find.Program) (v []string) {
	for _, p := range programs {
		v = append(v, p.Version)
	}
	return slices.Compact(v)
}

// settingsPath is where the Gateway keeps its settings.
func (f discovery) settingsPath() string {
	return f.machine.SettingsPath(cmp.Or(f.twsPath, f.machine.TWSPaths()[0]))
}
