package settings

import (
	"cmp"
	"os"
	"path/filepath"
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
	Settings string // the settings file
	Named    bool   // the user named it, so that it must exist
	State    string // folder of the event log, the logs and the run files
	Runtime  string // folder of the control socket and its lock
}

// Events is the event log.
func (p Paths) Events() string { return filepath.Join(p.State, "events.jsonl") }

// Timeline is the page that shows the event log.
func (p Paths) Timeline() string { return filepath.Join(p.State, "timeline.html") }

// Logs is the folder of Gatelight's own log and of IBC's output.
func (p Paths) Logs() string { return filepath.Join(p.State, "log") }

// Runs is the folder of the run files: one for each Gateway that was started.
func (p Paths) Runs() string { return filepath.Join(p.State, "run") }

// Socket is the control socket.
func (p Paths) Socket() string { return filepath.Join(p.Runtime, "control.sock") }

// The path of a socket has to be shorter than maxSocketPath bytes. Some systems
// take a little more: macOS 103, Linux 107.
const maxSocketPath = 100

// Find has the user's own folders, or what the environment names instead
// (GATELIGHT_CONFIG, GATELIGHT_STATE_DIR, GATELIGHT_RUNTIME_DIR), so that tests
// and a second instance stay apart.
func Find(getenv func(string) string) Paths {
	xdg.Reload() // it reads the environment only once, at init
	settings, runtime := getenv("GATELIGHT_CONFIG"), getenv("GATELIGHT_RUNTIME_DIR")
	p := Paths{
		Settings: cmp.Or(settings, filepath.Join(xdg.ConfigHome, "gatelight", "config.toml")),
		Named:    settings != "",
		State:    cmp.Or(getenv("GATELIGHT_STATE_DIR"), filepath.Join(xdg.StateHome, "gatelight")),
		Runtime:  cmp.Or(runtime, filepath.Join(xdg.RuntimeDir, "gatelight")),
	}
	if runtime == "" && (len(p.Socket()) >= maxSocketPath || !isFolder(filepath.Dir(p.Runtime))) {
		p.Runtime = filepath.Join(os.TempDir(), "gatelight-"+strconv.Itoa(os.Getuid()))
	}
	return p
}

func isFolder(dir string) bool {
	info, err := os.Stat(dir)
	return err == nil && info.IsDir()
}
