package find

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"sort"
	"strings"
)

// An IBC is one unpacked release.
type IBC struct {
	Path    string
	Version string // "3.24.1"
	Script  string // its start script
}

// IBCPaths are the folders where IBC may be, IBC's own default first.
func (m Machine) IBCPaths() []string {
	paths := append([]string{m.IBCDefault()}, m.ibcFolders(m.Home)...)
	if m.OS == "windows" {
		return unique(m, append(paths, m.ibcFolders(`C:\`)...))
	}
	paths = append(append(paths, m.ibcFolders("/opt")...), m.Join(m.Home, "opt", "ibc"))
	for _, brew := range []string{"/opt/homebrew", "/usr/local", "/home/linuxbrew/.linuxbrew"} {
		paths = append(paths, m.Join(brew, "opt", "ibc", "libexec"), m.Join(brew, "opt", "ibc"))
	}
	return unique(m, append(paths, "/usr/local/ibc"))
}

// ibcFolders are the folders in dir that are named after IBC, in any case: ibc,
// IBC, and ibc-3.24.1, where "gatelight ibc install" unpacks.
func (m Machine) ibcFolders(dir string) (paths []string) {
	entries, err := fs.ReadDir(m.Files, nameInFiles(m, dir))
	if err != nil {
		return nil // it is one of many places
	}
	for _, e := range entries {
		if lower := strings.ToLower(e.Name()); lower == "ibc" || strings.HasPrefix(lower, "ibc-") {
			paths = append(paths, m.Join(dir, e.Name()))
		}
	}
	return paths
}

// IBCs are the releases found in the usual places, newest first; of equal ones
// the one in the more usual place.
func (m Machine) IBCs() []IBC {
	var found []IBC
	for _, p := range m.IBCPaths() {
		if i, err := m.IBC(p); err == nil {
			found = append(found, i)
		}
	}
	sort.SliceStable(found, func(i, j int) bool { return compare(found[j].Version, found[i].Version) < 0 })
	return found
}

// Script is the start script of the release in that folder.
func Script(m Machine, folder string) string {
	if m.OS == "windows" {
		return m.Join(folder, "scripts", "StartIBC.bat")
	}
	return m.Join(folder, "scripts", "ibcstart.sh")
}

// IBC is the release in that folder.
func (m Machine) IBC(folder string) (IBC, error) {
	script := Script(m, folder)
	b, err := fs.ReadFile(m.Files, nameInFiles(m, m.Join(folder, "version")))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return IBC{}, fmt.Errorf("IBC is %w in %s: there is no file %q; unpack a release with \"gatelight ibc install FILE.zip\", or set path under [gateway.ibc]", ErrNotInstalled, folder, "version")
	case err != nil:
		return IBC{}, fmt.Errorf("cannot read IBC's version: %w", err)
	}
	for _, part := range []string{script, m.Join(folder, "IBC.jar")} {
		if !m.isFile(part) {
			return IBC{}, fmt.Errorf("IBC is not complete: there is no %s; unpack the release again with \"gatelight ibc install FILE.zip\"", part)
		}
	}
	if info, err := m.stat(script); err == nil && m.OS != "windows" && info.Mode()&0o111 == 0 {
		return IBC{}, fmt.Errorf("IBC's script may not be run; allow it with: chmod +x %s", m.Join(folder, "scripts", "*.sh"))
	}
	return IBC{Path: folder, Version: strings.TrimSpace(string(b)), Script: script}, nil
}

// Configs are the config.ini files in the usual places, IBC's own default
// first.
func (m Machine) Configs() []string {
	paths := []string{m.ConfigDefault(), m.Join(m.Home, "ibc", "config.ini")}
	for _, folder := range m.ibcFolders(m.Home) {
		paths = append(paths, m.Join(folder, "config.ini"))
	}
	// Last, and not where a password belongs: a release has its template there,
	// which some people fill in.
	for _, i := range m.IBCs() {
		paths = append(paths, m.Join(i.Path, "config.ini"))
	}
	return slices.DeleteFunc(unique(m, paths), func(p string) bool { return !m.isFile(p) })
}

// IBCDefault is where IBC's user guide has it unpacked.
func (m Machine) IBCDefault() string {
	if m.OS == "windows" {
		return `C:\IBC`
	}
	return "/opt/ibc"
}

// ConfigDefault is where IBC's scripts look for its config.
func (m Machine) ConfigDefault() string {
	if m.OS == "windows" {
		return m.Join(m.Home, "Documents", "IBC", "config.ini")
	}
	return m.Join(m.Home, "ibc", "config.ini")
}
