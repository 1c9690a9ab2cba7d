// Package settings reads Gatelight's settings file. Everything has a default;
// an empty file supervises a paper Gateway on port 4002.
package settings

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/pelletier/go-toml/v2"

	"gatelight/supervisor"
)

// A File is the settings file.
type File struct {
	Notify       *bool     `toml:"notify"`
	ZombieAfter  Duration  `toml:"zombie_after"`
	StatusListen string    `toml:"status_listen"`
	Gateway      []Gateway `toml:"gateway"`
}

// A Gateway is one [[gateway]] table.
type Gateway struct {
	Name         string `toml:"name"`
	Port         int    `toml:"port"`
	Program      string `toml:"program"`
	Monitor      *bool  `toml:"monitor"`
	ClientID     *int   `toml:"client_id"`
	KeepRunning  bool   `toml:"keep_running"`
	ClearZombies string `toml:"clear_zombies"`
	LoginBudget  *int   `toml:"login_budget"`
	IBC          IBC    `toml:"ibc"`
}

// An IBC is one [gateway.ibc] table.
type IBC struct {
	Path             string `toml:"path"`
	Config           string `toml:"config"`
	ConfigSource     string `toml:"config_source"`
	TWSPath          string `toml:"tws_path"`
	TWSSettingsPath  string `toml:"tws_settings_path"`
	Version          string `toml:"version"`
	Mode             string `toml:"mode"`
	TwoFactorTimeout string `toml:"two_factor_timeout"`
}

// A Duration is written "3s" or "1m30s".
type Duration time.Duration

// UnmarshalText implements [encoding.TextUnmarshaler].
func (d *Duration) UnmarshalText(b []byte) error {
	v, err := time.ParseDuration(string(b))
	if err == nil && v <= 0 {
		err = errors.New("must be longer than nothing")
	}
	*d = Duration(v)
	return err
}

// Load reads the settings file. A file that is not there is an empty one; a
// mistake in it is an error that names the file, line and key.
func Load(path string) (File, error) {
	b, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return File{}, fmt.Errorf("cannot read the settings: %w", err)
	}
	return Parse(path, b)
}

// Parse reads settings; path is for its errors.
func Parse(path string, b []byte) (File, error) {
	var f File
	d := toml.NewDecoder(strings.NewReader(string(b))).DisallowUnknownFields()
	if err := d.Decode(&f); err != nil {
		return File{}, placed(path, err)
	}
	f.fill()
	if err := f.check(); err != nil {
		return File{}, fmt.Errorf("%s: %w", path, err)
	}
	return f, nil
}

// placed puts file, line and key in front of what the decoder complains about.
func placed(path string, err error) error {
	var strict *toml.StrictMissingError
	if errors.As(err, &strict) && len(strict.Errors) > 0 {
		e := strict.Errors[0]
		line, _ := e.Position()
		return fmt.Errorf("%s:%d: there is no setting %q", path, line, strings.Join(e.Key(), "."))
	}
	var decode *toml.DecodeError
	if errors.As(err, &decode) {
		line, _ := decode.Position()
		key := strings.Join(decode.Key(), ".")
		if key != "" {
			key += ": "
		}
		return fmt.Errorf("%s:%d: %s%s", path, line, key, strings.TrimPrefix(decode.Error(), "toml: "))
	}
	return fmt.Errorf("%s: %w", path, err)
}

// fill puts the defaults where the file says nothing.
func (f *File) fill() {
	if f.Notify == nil {
		yes := true
		f.Notify = &yes
	}
	if f.ZombieAfter == 0 {
		f.ZombieAfter = Duration(supervisor.DefaultPolicy().ZombieAfter)
	}
	if len(f.Gateway) == 0 {
		f.Gateway = []Gateway{{}}
	}
	for i := range f.Gateway {
		f.Gateway[i].fill()
	}
}

func (g *Gateway) fill() {
	p := supervisor.DefaultPolicy()
	or(&g.Program, "gateway")
	or(&g.IBC.Mode, "paper")
	or(&g.Name, g.IBC.Mode)
	or(&g.ClearZombies, "ask")
	or(&g.IBC.Version, "auto")
	or(&g.IBC.TwoFactorTimeout, "exit")
	if g.Port == 0 {
		g.Port = defaultPort(g.Program, g.IBC.Mode)
	}
	if g.Monitor == nil {
		g.Monitor = &p.Monitor
	}
	if g.ClientID == nil {
		g.ClientID = &p.ClientID
	}
	if g.LoginBudget == nil {
		g.LoginBudget = &p.LoginBudget
	}
	places(&g.IBC)
}

// defaultPort is where the program's API listens unless told otherwise.
func defaultPort(program, mode string) int {
	return map[[2]string]int{
		{"gateway", "live"}: 4001, {"gateway", "paper"}: 4002,
		{"tws", "live"}: 7496, {"tws", "paper"}: 7497,
	}[[2]string{program, mode}]
}

func or(s *string, otherwise string) {
	if *s == "" {
		*s = otherwise
	}
}

// check finds the mistakes that the decoder cannot.
func (f *File) check() error {
	names, ports := map[string]bool{}, map[int]string{}
	for i, g := range f.Gateway {
		where := fmt.Sprintf("[[gateway]] number %d (%q)", i+1, g.Name)
		switch other, taken := ports[g.Port]; {
		case !oneOf(g.Program, "gateway", "tws"):
			return fmt.Errorf("%s: program is %q, not \"gateway\" or \"tws\"", where, g.Program)
		case !oneOf(g.IBC.Mode, "paper", "live"):
			return fmt.Errorf("%s: ibc.mode is %q, not \"paper\" or \"live\"", where, g.IBC.Mode)
		case !oneOf(g.ClearZombies, "ask", "auto"):
			return fmt.Errorf("%s: clear_zombies is %q, not \"ask\" or \"auto\"", where, g.ClearZombies)
		case !oneOf(g.IBC.TwoFactorTimeout, "exit", "restart"):
			return fmt.Errorf("%s: ibc.two_factor_timeout is %q, not \"exit\" or \"restart\"", where, g.IBC.TwoFactorTimeout)
		case g.Port < 1 || g.Port > 65535:
			return fmt.Errorf("%s: port is %d, not 1 to 65535", where, g.Port)
		case *g.ClientID < 0:
			return fmt.Errorf("%s: client_id is %d, less than 0", where, *g.ClientID)
		case *g.LoginBudget < 1:
			return fmt.Errorf("%s: login_budget is %d, less than 1", where, *g.LoginBudget)
		case strings.ContainsAny(g.Name, "/\\ \t\n"):
			return fmt.Errorf("%s: a name has no slashes or blanks", where)
		case names[g.Name]:
			return fmt.Errorf("%s: there are two of that name", where)
		case taken:
			return fmt.Errorf("%s: port %d is %q's already", where, g.Port, other)
		}
		names[g.Name], ports[g.Port] = true, g.Name
	}
	return nil
}

func oneOf(s string, allowed ...string) bool {
	for _, a := range allowed {
		if s == a {
			return true
		}
	}
	return false
}

// Policy is what the settings say about one Gateway's supervision.
func (f File) Policy(g Gateway) supervisor.Policy {
	p := supervisor.DefaultPolicy()
	p.Name, p.Port = g.Name, g.Port
	p.Monitor, p.ClientID = *g.Monitor, *g.ClientID
	p.KeepRunning, p.LoginBudget = g.KeepRunning, *g.LoginBudget
	p.ZombieAfter = time.Duration(f.ZombieAfter)
	return p
}

// home puts the user's folder in the place of a leading ~.
func home(path string) string {
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
