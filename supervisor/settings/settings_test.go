package settings

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"gatelight/supervisor"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// example has every setting, none of them at its default.
const example = `
notify = false
alert = "dialog"
sound = true
icon = "mono"
zombie_after = "1m30s"
status_listen = "127.0.0.1:7463"

[[gateway]]
name = "live"
port = 7000
program = "tws"
monitor = false
client_id = 0
heartbeat = "20s"
keep_running = true
clear_zombies = "auto"
login_budget = 1
region = "asia"

[gateway.ibc]
path = "/srv/ibc"
config = "~/ibc/live.ini"
config_source = "~/trader/config.ini"
tws_path = "/srv/Jts"
tws_settings_path = "~/Jts/live"
java_path = "~/jre/bin"
version = "10.37"
mode = "live"
two_factor_timeout = "restart"
`

// documentedDefaults is the file in the manual: every setting at its default.
const documentedDefaults = `
# Everything has a default; an empty file supervises a paper Gateway on 4002.
notify = true                 # desktop notifications
alert = "bubble"              # or "dialog": a window in your face as well
sound = false                 # with a sound
icon = "colour"               # or "mono": in one colour, as the other icons of a menu bar
zombie_after = "3s"
status_listen = ""            # e.g. "127.0.0.1:7463": read-only HTTP besides the control socket

[[gateway]]
name = "paper"
port = 4002
program = "gateway"           # or "tws"
monitor = true                # false: never connect, look only
client_id = 7461
heartbeat = "5s"              # between two questions of the monitor; 1s to 1m
keep_running = false          # start again when it goes down unasked
clear_zombies = "ask"         # or "auto"
login_budget = 3              # unattended logins an hour
region = "north-america"      # or "europe", "asia": whose nightly resets are no alarm

[gateway.ibc]
path = "/opt/ibc"
config = "~/ibc/config.ini"
config_source = ""            # e.g. "~/robo_trader/config/ibc/config.ini"; copied to config by ` + "`config install`" + `
tws_path = ""                 # ~/Applications, ~/Jts or C:\Jts
tws_settings_path = ""        # ~/Jts
java_path = ""                # e.g. "/opt/jre/bin"; otherwise the Java that came with the Gateway; not on macOS
version = "auto"              # newest installed; "10.37" on macOS, "1037" elsewhere
mode = "paper"
two_factor_timeout = "exit"   # or "restart"
`

// parse calls Parse for a file without mistakes. The home folder is
// /home/trader.
func parse(t *testing.T, text string) File {
	t.Helper()
	t.Setenv("HOME", "/home/trader")
	t.Setenv("USERPROFILE", "/home/trader")
	f, err := Parse("config.toml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// standard is what an empty file means, without what depends on the system.
func standard() File {
	yes, id, budget := true, 7461, 3
	return File{Notify: &yes, Alert: "bubble", Icon: "colour", ZombieAfter: Duration(3 * time.Second), Gateway: []Gateway{{
		Name: "paper", Port: 4002, Program: "gateway", Monitor: &yes, ClientID: &id, Heartbeat: Duration(5 * time.Second),
		ClearZombies: "ask", LoginBudget: &budget, Region: "north-america",
		IBC: IBC{Version: "auto", Mode: "paper", TwoFactorTimeout: "exit"},
	}}}
}

func TestEverySettingIsRead(t *testing.T) {
	no, id, budget := false, 0, 1
	want := File{Notify: &no, Alert: "dialog", Sound: true, Icon: "mono", ZombieAfter: Duration(90 * time.Second),
		StatusListen: "127.0.0.1:7463", Gateway: []Gateway{{
			Name: "live", Port: 7000, Program: "tws", Monitor: &no, ClientID: &id, Heartbeat: Duration(20 * time.Second), KeepRunning: true,
			ClearZombies: "auto", LoginBudget: &budget, Region: "asia",
			IBC: IBC{
				Path: filepath.FromSlash("/srv/ibc"), Config: filepath.FromSlash("/home/trader/ibc/live.ini"),
				ConfigSource: filepath.FromSlash("/home/trader/trader/config.ini"),
				TWSPath:      filepath.FromSlash("/srv/Jts"), TWSSettingsPath: filepath.FromSlash("/home/trader/Jts/live"),
				JavaPath: filepath.FromSlash("/home/trader/jre/bin"),
				Version:  "10.37", Mode: "live", TwoFactorTimeout: "restart",
			},
		}}}
	if runtime.GOOS == "windows" { // only what is expanded is cleaned
		want.Gateway[0].IBC.Path, want.Gateway[0].IBC.TWSPath = "/srv/ibc", "/srv/Jts"
	}
	got := parse(t, example)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	p := supervisor.DefaultPolicy()
	p.Name, p.Port, p.Monitor, p.ClientID, p.KeepRunning, p.LoginBudget = "live", 7000, false, 0, true, 1
	p.ZombieAfter, p.HasConfigSource, p.Live = 90*time.Second, true, true
	p.Heartbeat, p.HeartbeatLate = 20*time.Second, 40*time.Second
	p.ClearAuto, p.Region = true, supervisor.Asia
	if diff := cmp.Diff(p, got.Policy(got.Gateway[0])); diff != "" {
		t.Error("policy:", diff)
	}
}

// The file in the manual, an empty file and no file mean the same.
func TestDefaultsAreThoseOfTheManual(t *testing.T) {
	want := standard()
	fillInstallPaths(&want.Gateway[0].IBC, runtime.GOOS)
	for _, p := range []*string{&want.Gateway[0].IBC.Config, &want.Gateway[0].IBC.TWSPath, &want.Gateway[0].IBC.TWSSettingsPath} {
		*p = replaceHome("/home/trader", *p)
	}
	for name, text := range map[string]string{
		"empty": "", "a comment": "# nothing", "no Gateway": "gateway = []", "an empty Gateway": "[[gateway]]",
		"a byte order mark": "\ufeff# from Windows",
	} {
		t.Run(name, func(t *testing.T) {
			got := parse(t, text)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(supervisor.DefaultPolicy(), got.Policy(got.Gateway[0])); diff != "" {
				t.Error("policy:", diff)
			}
		})
	}
	t.Run("not there", func(t *testing.T) {
		parse(t, "") // for its home
		got, err := Load(filepath.Join(t.TempDir(), "config.toml"))
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Error(err, diff)
		}
	})
	t.Run("documented", func(t *testing.T) {
		want.Gateway[0].IBC.Path, want.Gateway[0].IBC.Config = "/opt/ibc", filepath.FromSlash("/home/trader/ibc/config.ini")
		if diff := cmp.Diff(want, parse(t, documentedDefaults)); diff != "" {
			t.Error(diff)
		}
	})
}

// replaceHome replaces a leading ~ without the code under test.
func replaceHome(dir, path string) string {
	if path[0] == '~' {
		return filepath.Join(dir, path[1:])
	}
	return path
}

func TestNameAndPortFollowFromProgramAndMode(t *testing.T) {
	for _, tt := range []struct {
		program, mode string
		name          string
		port          int
	}{
		{"gateway", "paper", "paper", 4002},
		{"gateway", "live", "live", 4001},
		{"tws", "paper", "paper", 7497},
		{"tws", "live", "live", 7496},
	} {
		f := parse(t, "[[gateway]]\nprogram = '"+tt.program+"'\nibc.mode = '"+tt.mode+"'\n")
		if g := f.Gateway[0]; g.Name != tt.name || g.Port != tt.port {
			t.Errorf("%s, %s: %q on %d, want %q on %d", tt.program, tt.mode, g.Name, g.Port, tt.name, tt.port)
		}
	}
}

func TestEachOfSeveralGatewaysHasItsOwnDefaults(t *testing.T) {
	f := parse(t, `
[[gateway]]

[[gateway]]
client_id = 9
[gateway.ibc]
mode = "live"

[[gateway]]
name = "tws-2.b"
program = "tws"
`)
	type brief struct {
		Name     string
		Port, ID int
	}
	var got []brief
	for _, g := range f.Gateway {
		got = append(got, brief{g.Name, g.Port, *g.ClientID})
	}
	if diff := cmp.Diff([]brief{{"paper", 4002, 7461}, {"live", 4001, 9}, {"tws-2.b", 7497, 7461}}, got); diff != "" {
		t.Error(diff)
	}
}

func TestLoadReportsAMistakeAndAFileThatCannotBeRead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "config.toml")
	if err := os.WriteFile(path, []byte("notify = 1"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(path); err == nil || err.Error() != path+":1: notify: must be true or false" {
		t.Error(err)
	}
	// A file that is there and cannot be read is not an empty one.
	dir := t.TempDir()
	if _, err := Load(dir); err == nil {
		t.Errorf("a folder was read as settings")
	}
}

func FuzzParse(f *testing.F) {
	f.Add(example)
	f.Add(documentedDefaults)
	for _, m := range mistakes {
		f.Add(m.text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		file, err := Parse("config.toml", []byte(text))
		if err != nil {
			if len(file.Gateway) > 0 {
				t.Error("settings with a mistake are handed out")
			}
			return
		}
		for _, g := range file.Gateway {
			p := file.Policy(g)
			if p.Port < 1 || p.Port > 65535 || p.Name == "" || p.ZombieAfter <= 0 || p.LoginBudget < 1 || p.ClientID < 0 ||
				p.Heartbeat < time.Second || p.HeartbeatLate < 10*time.Second || p.HeartbeatLate < 2*p.Heartbeat || p.HeartbeatLate > 2*time.Minute {
				t.Errorf("accepted: %+v", p)
			}
		}
	})
}
