// Package settings reads Gatelight's settings file. Everything has a default;
// an empty file supervises a paper Gateway on port 4002.
package settings

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/pelletier/go-toml/v2"

	"gatelight/supervisor"
	"gatelight/supervisor/regularfile"
)

// A File is the settings file.
type File struct {
	Notify       *bool     `toml:"notify"`
	Alert        string    `toml:"alert"` // "bubble", or "dialog": a window as well
	Sound        bool      `toml:"sound"`
	Icon         string    `toml:"icon"` // "colour", or "mono": in one colour
	ZombieAfter  Duration  `toml:"zombie_after"`
	StatusListen string    `toml:"status_listen"`
	Gateway      []Gateway `toml:"gateway"`
	Remote       []Remote  `toml:"remote"`
}

// A Gateway is one [[gateway]] table.
type Gateway struct {
	Name         string   `toml:"name"`
	Port         int      `toml:"port"`
	Program      string   `toml:"program"`
	Monitor      *bool    `toml:"monitor"`
	ClientID     *int     `toml:"client_id"`
	Heartbeat    Duration `toml:"heartbeat"`
	KeepRunning  bool     `toml:"keep_running"`
	ClearZombies string   `toml:"clear_zombies"`
	LoginBudget  *int     `toml:"login_budget"`
	Region       string   `toml:"region"`
	IBC          IBC      `toml:"ibc"`
}

// A Remote is one [[remote]] table: a host with a Gatelight of its own.
type Remote struct {
	Name    string   `toml:"name"`
	Command []string `toml:"command"` // joins its stdin and stdout to the control socket there
}

// An IBC is one [gateway.ibc] table.
type IBC struct {
	Path             string `toml:"path"`
	Config           string `toml:"config"`
	ConfigSource     string `toml:"config_source"`
	TWSPath          string `toml:"tws_path"`
	TWSSettingsPath  string `toml:"tws_settings_path"`
	JavaPath         string `toml:"java_path"` // folder with java in it; "": the Java that came with the Gateway
	Version          string `toml:"version"`
	Mode             string `toml:"mode"`
	TwoFactorTimeout string `toml:"two_factor_timeout"`
}

// A Duration is written "3s" or "1m30s".
type Duration time.Duration

// UnmarshalText implements [encoding.TextUnmarshaler].
func (d *Duration) UnmarshalText(b []byte) error {
	v, err := time.ParseDuration(string(b))
	switch {
	case err != nil:
		return fmt.Errorf("%q is not a duration such as \"3s\" or \"1m30s\"", b)
	case v <= 0:
		return fmt.Errorf("%q is not longer than nothing", b)
	}
	*d = Duration(v)
	return nil
}

// Load reads the settings file. A file that does not exist counts as empty. A
// mistake in it is an error that names the file, line and key.
func Load(path string) (File, error) {
	b, err := Read(path)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return File{}, fmt.Errorf("cannot read the settings: %w", err)
	}
	return Parse(path, b)
}

// maxSize is far more bytes than settings can need.
const maxSize = 1 << 20

// Read reads the text of a settings file.
func Read(path string) ([]byte, error) { return regularfile.Read(path, maxSize) }

// Parse reads settings. The path is for its errors only.
func Parse(path string, b []byte) (File, error) {
	var f File
	b = bytes.TrimPrefix(b, []byte("\ufeff")) // written by some editors on Windows
	if line := notText(b); line > 0 {
		return File{}, fmt.Errorf("%s:%d: this is no text in UTF-8; save the file as UTF-8, or name another one", path, line)
	}
	ps := findPositions(b)
	if line, key := ps.bareDuration(); key != "" {
		return File{}, fmt.Errorf("%s:%d: %s: must be %s", path, line, key, typeNames["settings.Duration"])
	}
	d := toml.NewDecoder(bytes.NewReader(b)).DisallowUnknownFields()
	if err := d.Decode(&f); err != nil {
		return File{}, withPosition(path, b, err)
	}
	f.setDefaults(ps)
	if table, key, wrong := f.check(); wrong != "" {
		kind, _, _ := strings.Cut(table, ".") // without its number
		return File{}, fmt.Errorf("%s:%d: %s: %s", path, ps.line(table, key), join(kind, key), wrong)
	}
	return f, nil
}

// setDefaults fills in what the file leaves out.
func (f *File) setDefaults(ps positions) {
	setDefault(&f.Notify, new(true))
	setDefault(&f.Alert, "bubble")
	setDefault(&f.Icon, "colour")
	setDefault(&f.ZombieAfter, Duration(supervisor.DefaultPolicy().ZombieAfter))
	if len(f.Gateway) == 0 && len(f.Remote) == 0 {
		f.Gateway = []Gateway{{}}
	}
	for i := range f.Gateway {
		_, hasPort := ps[join(tableOf(i), "port")]
		f.Gateway[i].setDefaults(hasPort)
	}
}

func (g *Gateway) setDefaults(hasPort bool) {
	p := supervisor.DefaultPolicy()
	setDefault(&g.Program, "gateway")
	setDefault(&g.IBC.Mode, "paper")
	setDefault(&g.Name, g.IBC.Mode)
	setDefault(&g.ClearZombies, "ask")
	setDefault(&g.Region, string(supervisor.NorthAmerica))
	setDefault(&g.IBC.Version, "auto")
	setDefault(&g.IBC.TwoFactorTimeout, "exit")
	if !hasPort {
		g.Port = DefaultPort(g.Program, g.IBC.Mode)
	}
	setDefault(&g.Monitor, &p.Monitor)
	setDefault(&g.ClientID, &p.ClientID)
	setDefault(&g.Heartbeat, Duration(p.Heartbeat))
	setDefault(&g.LoginBudget, &p.LoginBudget)
	fillInstallPaths(&g.IBC, runtime.GOOS)
	for _, p := range []*string{&g.IBC.Path, &g.IBC.Config, &g.IBC.ConfigSource, &g.IBC.TWSPath, &g.IBC.TWSSettingsPath, &g.IBC.JavaPath} {
		*p = expandHome(*p)
	}
}

// DefaultPort is the API port of a program that was not set to another one.
func DefaultPort(program, mode string) int {
	return map[[2]string]int{
		{"gateway", "live"}: 4001, {"gateway", "paper"}: 4002,
		{"tws", "live"}: 7496, {"tws", "paper"}: 7497,
	}[[2]string{program, mode}]
}

// setDefault sets what is zero to a value.
func setDefault[T comparable](setting *T, value T) {
	*setting = cmp.Or(*setting, value)
}

// Policy is how one Gateway is supervised by these settings.
func (f File) Policy(g Gateway) supervisor.Policy {
	p := supervisor.DefaultPolicy()
	p.Name, p.Port = g.Name, g.Port
	p.Monitor, p.ClientID = *g.Monitor, *g.ClientID
	p.Heartbeat = time.Duration(g.Heartbeat)
	p.HeartbeatLate = max(p.HeartbeatLate, 2*p.Heartbeat)
	p.KeepRunning, p.LoginBudget = g.KeepRunning, *g.LoginBudget
	p.ZombieAfter = time.Duration(f.ZombieAfter)
	p.HasConfigSource = g.IBC.ConfigSource != ""
	p.Live = g.Live()
	p.ClearAuto = g.ClearZombies == "auto"
	p.Region = supervisor.Region(g.Region)
	return p
}

// Live reports a Gateway with real money, as far as the settings tell.
func (g *Gateway) Live() bool { return g.IBC.Mode == "live" || livePorts[g.Port] }

// livePorts are those that IB Gateway and TWS propose for the API of a live account.
var livePorts = map[int]bool{4001: true, 7496: true}

// expandHome replaces a leading ~ with the user's home folder.
func expandHome(path string) string {
	rest, ok := strings.CutPrefix(path, "~")
	if !ok || rest != "" && rest[0] != '/' && rest[0] != filepath.Separator {
		return path
	}
	dir, err := os.UserHomeDir()
	if err != nil {
		return path
	}
	return filepath.Join(dir, rest)
}
