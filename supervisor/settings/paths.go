package settings

import (
	"os"
	"path/filepath"
	"strconv"

	"github.com/adrg/xdg"
)

// fillInstallPaths fills in where IBC and the Gateway are installed by default on that
// system (IBC's user guide).
func fillInstallPaths(i *IBC, goos string) {
	switch goos {
	case "darwin":
		setDefault(&i.Path, "/opt/ibc")
		setDefault(&i.Config, "~/ibc/config.ini")
		setDefault(&i.TWSPath, "~/Applications")
		setDefault(&i.TWSSettingsPath, "~/Jts")
	case "windows":
		setDefault(&i.Path, `C:\IBC`)
		setDefault(&i.Config, `~\Documents\IBC\config.ini`)
		setDefault(&i.TWSPath, `C:\Jts`)
		setDefault(&i.TWSSettingsPath, i.TWSPath)
	default:
		setDefault(&i.Path, "/opt/ibc")
		setDefault(&i.Config, "~/ibc/config.ini")
		setDefault(&i.TWSPath, "~/Jts")
		setDefault(&i.TWSSettingsPath, i.TWSPath)
	}
}

// Paths are where Gatelight keeps its own files.
type Paths struct {
	Settings string // the settings file
	Named    bool   // by the user, so that it must be there
	State    string // folder: event log, logs, what is remembered of running Gateways
	Runtime  string // folder: control socket and lock
}

// Events is the event log.
func (p Paths) Events() string { return filepath.Join(p.State, "events.jsonl") }

// Timeline is the page that shows the event log.
func (p Paths) Timeline() string { return filepath.Join(p.State, "timeline.html") }

// Logs is the folder of our own log and IBC's output.
func (p Paths) Logs() string { return filepath.Join(p.State, "log") }

// Runs is the folder of what is remembered of running Gateways.
func (p Paths) Runs() string { return filepath.Join(p.State, "run") }

// Socket is the control socket.
func (p Paths) Socket() string { return filepath.Join(p.Runtime, "control.sock") }

// maxSocketPath is the length a socket's path may have: the systems' limits
// are 104 and 108 bytes.
const maxSocketPath = 100

// Find says where everything is: in the user's own folders, or where the
// environment (GATELIGHT_CONFIG, GATELIGHT_STATE_DIR, GATELIGHT_RUNTIME_DIR)
// says, so that tests and a second instance stay apart.
func Find(getenv func(string) string) Paths {
	xdg.Reload() // it has read the environment once, at init
	p := Paths{
		Settings: filepath.Join(xdg.ConfigHome, "gatelight", "config.toml"),
		State:    filepath.Join(xdg.StateHome, "gatelight"),
		Runtime:  filepath.Join(xdg.RuntimeDir, "gatelight"),
	}
	replace := func(s *string, variable string) {
		if v := getenv(variable); v != "" {
			*s = v
		}
	}
	replace(&p.Settings, "GATELIGHT_CONFIG")
	p.Named = getenv("GATELIGHT_CONFIG") != ""
	replace(&p.State, "GATELIGHT_STATE_DIR")
	if dir := getenv("GATELIGHT_RUNTIME_DIR"); dir != "" {
		p.Runtime = dir
	} else if len(p.Socket()) >= maxSocketPath || !isFolder(filepath.Dir(p.Runtime)) {
		p.Runtime = filepath.Join(os.TempDir(), "gatelight-"+strconv.Itoa(os.Getuid()))
	}
	return p
}

// isFolder: a machine without a login session has no runtime folder.
func isFolder(dir string) bool {
	info, err := os.Stat(dir)
	return err == nil && info.IsDir()
}
