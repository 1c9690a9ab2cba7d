package settings

import (
	"cmp"
	"os"
	"path/filepath"
	"runtime"
	"strconv"

	"github.com/adrg/xdg"
)

// fillInstallPaths fills in where IBC and the Gateway are installed by default
// on that system (source: IBC's user guide).
func fillInstallPaths(i *IBC, goos string) {
	switch goos {
	case "darwin":
		setDefault(&i.TWSPath, "~/Applications")
		setDefault(&i.TWSSettingsPath, "~/Jts")
	case "windows":
		setDefault(&i.Path, `C:\IBC`)
		setDefault(&i.Config, `~\Documents\IBC\config.ini`)
		setDefault(&i.TWSPath, `C:\Jts`)
	}
	setDefault(&i.Path, "/opt/ibc")
	setDefault(&i.Config, "~/ibc/config.ini")
	setDefault(&i.TWSPath, "~/Jts")
	setDefault(&i.TWSSettingsPath, i.TWSPath)
}

// Paths are where Gatelight keeps its own files.
type Paths struct {
	Settings string   // the settings file
	Named    bool     // the user named it, so that it must exist
	State    string   // folder of the lock, the event log, the logs and the run files
	Runtime  string   // folder of the control socket; State where the session has none
	Older    []string // folders in which older versions had their lock and socket
}

// Lock is the file that the Gatelight that supervises holds. It is in the state
// folder, because that stays and is the same in every session.
func (p Paths) Lock() string { return filepath.Join(p.State, "lock") }

// Events is the event log.
func (p Paths) Events() string { return filepath.Join(p.State, "events.jsonl") }

// Timeline is the page that shows the event log.
func (p Paths) Timeline() string { return filepath.Join(p.State, "timeline.html") }

// Logs is the folder of Gatelight's own log and of IBC's output.
func (p Paths) Logs() string { return filepath.Join(p.State, "log") }

// Runs is the folder of the run files: one for each Gateway that was started.
func (p Paths) Runs() string { return filepath.Join(p.State, "run") }

// Socket is where the control socket is made. Where that is not possible any
// more, it is made at SpareSocket. The lock says where it is.
func (p Paths) Socket() string { return filepath.Join(p.Runtime, socketName) }

// SpareSocket is the other place for the control socket.
func (p Paths) SpareSocket() string { return filepath.Join(p.State, socketName) }

const socketName = "control.sock"

// The path of a socket has to be shorter than MaxSocketPath bytes. Some systems
// take a little more: macOS 103, Linux 107.
const MaxSocketPath = 100

// Find has the user's own folders, or what the environment names instead
// (GATELIGHT_CONFIG, GATELIGHT_STATE_DIR, GATELIGHT_RUNTIME_DIR), so that tests
// and a second instance stay apart.
func Find(getenv func(string) string) Paths {
	return find(runtime.GOOS, getenv)
}

func find(system string, getenv func(string) string) Paths {
	own := foldersOf(system)
	settings, runtime := getenv("GATELIGHT_CONFIG"), getenv("GATELIGHT_RUNTIME_DIR")
	p := Paths{
		Settings: cmp.Or(settings, filepath.Join(own.config, "gatelight", "config.toml")),
		Named:    settings != "",
		State:    absolute(cmp.Or(getenv("GATELIGHT_STATE_DIR"), filepath.Join(own.state, "gatelight"))),
	}
	if runtime != "" {
		p.Runtime = absolute(runtime)
		return p
	}
	p.Runtime = absolute(filepath.Join(own.runtime, "gatelight"))
	p.Older = []string{filepath.Join(os.TempDir(), "gatelight-"+strconv.Itoa(os.Getuid()))}
	for _, dir := range own.older {
		p.Older = append(p.Older, absolute(filepath.Join(dir, "gatelight")))
	}
	if len(p.Socket()) >= MaxSocketPath || !isOwnFolder(filepath.Dir(p.Runtime)) {
		p.Older = append(p.Older, p.Runtime)
		p.Runtime = p.State
	}
	return p
}

// folders are the user's own.
type folders struct {
	config, state, runtime string
	older                  []string // those of older versions
}

// foldersOf are the user's own folders on a system. On macOS the variables of
// XDG do not count: a shell may set them, and what is started by a click or at
// login has none of them. It would have other settings, and supervise beside the
// one of the shell.
func foldersOf(system string) folders {
	xdg.Reload() // it reads the environment only once, at init
	own := folders{config: xdg.ConfigHome, state: xdg.StateHome, runtime: xdg.RuntimeDir}
	if system != "darwin" {
		return own
	}
	support := filepath.Join(xdg.Home, "Library", "Application Support")
	mac := folders{config: support, state: support, runtime: support}
	for _, dir := range []string{own.state, own.runtime} {
		if dir != support {
			mac.older = append(mac.older, dir)
		}
	}
	return mac
}

// absolute is a path that is the same in every working folder.
func absolute(path string) string {
	if abs, err := filepath.Abs(path); err == nil {
		return abs
	}
	return path
}

// isOwnFolder reports whether a folder is there and belongs to the user. After
// su and sudo, XDG_RUNTIME_DIR may name the folder of another one.
func isOwnFolder(dir string) bool {
	info, err := os.Stat(dir)
	return err == nil && info.IsDir() && ownedByUser(info)
}
