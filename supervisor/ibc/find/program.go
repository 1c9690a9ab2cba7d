package find

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"sort"
	"strings"
)

// A Program is one installed version of the Gateway or of TWS.
type Program struct {
	Name    string // "gateway" or "tws": what its folder is
	Version string // as its folder spells it
	Path    string
}

// ErrNotInstalled is in errors that say what to install.
var ErrNotInstalled = errors.New("not installed")

// titles are what IBKR calls them.
var titles = map[string]string{"gateway": "IB Gateway", "tws": "Trader Workstation"}

// alternatives are what IBC starts a program from when its own folder is not
// there: both hold the same jars (ibcstart.sh, alt_program_path).
var alternatives = map[string]string{"gateway": "tws", "tws": "gateway"}

// TWSPaths are the folders where IBKR's installers put programs, the usual one
// first.
func (m Machine) TWSPaths() []string {
	switch m.OS {
	case "darwin":
		return []string{m.Join(m.Home, "Applications"), "/Applications"}
	case "windows":
		return []string{`C:\Jts`, m.Join(m.Home, "Jts")}
	}
	return []string{m.Join(m.Home, "Jts"), "/opt/Jts", "/usr/local/Jts"}
}

// SettingsPath is where the Gateway keeps its settings, for programs in
// twsPath.
func (m Machine) SettingsPath(twsPath string) string {
	if m.OS == "darwin" {
		return m.Join(m.Home, "Jts")
	}
	return twsPath
}

// prefix is what stands before the version in the path of a program, with the
// folder that it is in.
func (m Machine) prefix(name, twsPath string) (dir, prefix string) {
	switch {
	case m.OS == "darwin":
		return twsPath, titles[name] + " "
	case name == "gateway":
		return m.Join(twsPath, "ibgateway"), ""
	}
	return twsPath, ""
}

// hasJars is the one test that IBC makes of a program's folder: whatever its
// name is, it has jars (ibcstart.sh, StartIBC.bat). Without them it is the rest
// of an uninstall.
func (m Machine) hasJars(folder string) bool {
	_, err := m.stat(m.Join(folder, "jars"))
	return err == nil
}

// Programs are the installed versions of a program that IBC starts: those whose
// folder is named by a number, newest first, and then the others, such as
// "10.50.1d" and "latest".
func (m Machine) Programs(name, twsPath string) ([]Program, error) {
	dir, prefix := m.prefix(name, twsPath)
	entries, err := fs.ReadDir(m.Files, nameInFiles(m, dir))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("cannot look for an installed %s: %w", titles[name], err)
	}
	var found []Program
	for _, e := range entries {
		version, ok := strings.CutPrefix(e.Name(), prefix)
		folder := m.Join(dir, e.Name())
		// What begins with - would be an option to IBC's script, and jars directly
		// in ibgateway are those of a Gateway without a version.
		if ok && version != "" && version[0] != '-' && !m.isGatewayFolder(folder, twsPath) && m.hasJars(folder) {
			found = append(found, Program{Name: name, Version: version, Path: folder})
		}
	}
	sort.SliceStable(found, func(i, j int) bool {
		a, b := found[i].Version, found[j].Version
		return cmp.Or(compare(b, a), compareLeading(b, a)) < 0
	})
	return found, nil
}

// isGatewayFolder reports the folder that holds all Gateways in twsPath.
func (m Machine) isGatewayFolder(folder, twsPath string) bool {
	return m.OS != "darwin" && folder == m.Join(twsPath, "ibgateway")
}

// SelfUpdating are the folders in twsPath where IBKR's installers put the
// editions that update themselves. Their names have no version, and IBC cannot
// be told to start them.
func (m Machine) SelfUpdating(twsPath string) (found []string) {
	candidates := []string{twsPath, m.Join(twsPath, "ibgateway")}
	if m.OS == "darwin" {
		candidates = []string{m.Join(twsPath, titles["gateway"]), m.Join(twsPath, titles["tws"])}
	}
	return slices.DeleteFunc(candidates, func(folder string) bool { return !m.hasJars(folder) })
}

// Program is what IBC will start: that version, whatever its name is, or with
// "auto" the newest that is installed.
func (m Machine) Program(name, twsPath, version string) (Program, error) {
	if version != "auto" && version != "" {
		return m.named(name, twsPath, version)
	}
	for _, n := range []string{name, alternatives[name]} {
		found, err := m.Programs(n, twsPath)
		if err != nil {
			return Program{}, err
		}
		if len(found) > 0 {
			return found[0], nil
		}
	}
	what := "install its offline edition from IBKR's site"
	if updating := m.SelfUpdating(twsPath); len(updating) > 0 {
		what = fmt.Sprintf("what is in %s updates itself, and IBC cannot start that: %s", strings.Join(updating, " and "), what)
	}
	return Program{}, fmt.Errorf("%s is %w in %s; %s (IBC does not work with the one that updates itself), or set tws_path under [gateway.ibc]",
		titles[name], ErrNotInstalled, twsPath, what)
}

// named is the program of that version. IBC looks into the other program's
// folder second.
func (m Machine) named(name, twsPath, version string) (Program, error) {
	for _, n := range []string{name, alternatives[name]} {
		dir, prefix := m.prefix(n, twsPath)
		if folder := m.Join(dir, prefix+version); m.hasJars(folder) {
			return Program{Name: n, Version: version, Path: folder}, nil
		}
	}
	found, err := m.Programs(name, twsPath)
	if err != nil {
		return Program{}, err
	}
	var installed []string
	for _, p := range found {
		installed = append(installed, p.Version)
	}
	switch {
	case slices.Contains(installed, m.localSpelling(version)):
		return Program{}, fmt.Errorf("%s %s is %w; on this system it is written version = %q", titles[name], version, ErrNotInstalled, m.localSpelling(version))
	case len(installed) > 0:
		return Program{}, fmt.Errorf("%s %s is %w in %s, but %s is; set version under [gateway.ibc] to one of these, or to \"auto\"",
			titles[name], version, ErrNotInstalled, twsPath, strings.Join(installed, ", "))
	}
	return Program{}, fmt.Errorf("%s %s is %w in %s; install its offline edition from IBKR's site, or set tws_path and version under [gateway.ibc]",
		titles[name], version, ErrNotInstalled, twsPath)
}

// VMOptions is the file with Java's options that IBC reads: the one of the
// program whose folder it is.
func (m Machine) VMOptions(p Program) string {
	if p.Name == "tws" {
		return m.Join(p.Path, "tws.vmoptions")
	}
	return m.Join(p.Path, "ibgateway.vmoptions")
}

// String is what a person calls it.
func (p Program) String() string { return titles[p.Name] + " " + p.Version }
