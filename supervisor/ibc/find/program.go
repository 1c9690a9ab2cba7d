package find

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
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

// Programs are the installed versions of a program, newest first.
func (m Machine) Programs(name, twsPath string) ([]Program, error) {
	dir, prefix := twsPath, ""
	switch {
	case m.OS == "darwin":
		prefix = titles[name] + " "
	case name == "gateway":
		dir = m.Join(twsPath, "ibgateway")
	}
	entries, err := fs.ReadDir(m.Files, m.name(dir))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("cannot look for an installed %s: %w", titles[name], err)
	}
	var found []Program
	for _, e := range entries {
		version, ok := strings.CutPrefix(e.Name(), prefix)
		folder := m.Join(dir, e.Name())
		// Without jars it is the rest of an uninstall, or the edition that
		// updates itself, which IBC cannot start.
		if ok && numbers(version) != nil && m.isFolder(m.Join(folder, "jars")) {
			found = append(found, Program{Name: name, Version: version, Path: folder})
		}
	}
	slices.SortFunc(found, func(a, b Program) int { return compare(b.Version, a.Version) })
	return found, nil
}

// Program is what IBC will start: that version, or with "auto" the newest that
// is installed.
func (m Machine) Program(name, twsPath, version string) (Program, error) {
	found, err := m.Programs(name, twsPath)
	if err != nil {
		return Program{}, err
	}
	other, err := m.Programs(alternatives[name], twsPath)
	if err != nil {
		return Program{}, err
	}
	auto := version == "auto" || version == ""
	for _, p := range slices.Concat(found, other) {
		if auto || p.Version == version {
			return p, nil
		}
	}
	var installed []string
	for _, p := range found {
		installed = append(installed, p.Version)
	}
	switch {
	case auto:
		return Program{}, fmt.Errorf("%s is %w in %s; install its offline edition from IBKR's site (IBC does not work with the one that updates itself), or set tws_path under [gateway.ibc]",
			titles[name], ErrNotInstalled, twsPath)
	case slices.Contains(installed, m.localSpelling(version)):
		return Program{}, fmt.Errorf("%s %s is %w; on this system it is written version = %q", titles[name], version, ErrNotInstalled, m.localSpelling(version))
	case len(installed) > 0:
		return Program{}, fmt.Errorf("%s %s is %w in %s, but %s is; set version under [gateway.ibc] to one of these, or to \"auto\"",
			titles[name], version, ErrNotInstalled, twsPath, strings.Join(installed, ", "))
	}
	return Program{}, fmt.Errorf("%s %s is %w in %s; install its offline edition from IBKR's site, or set tws_path and version under [gateway.ibc]",
		titles[name], version, ErrNotInstalled, twsPath)
}

// String is what a person calls it.
func (p Program) String() string { return titles[p.Name] + " " + p.Version }
