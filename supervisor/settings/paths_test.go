package settings

import (
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"gatelight/supervisor/testkit"
)

func TestInstallPathsAreFilledInForEachSystem(t *testing.T) {
	for _, tt := range []struct {
		goos      string
		has, want IBC
	}{
		{"linux", IBC{}, IBC{Path: "/opt/ibc", Config: "~/ibc/config.ini", TWSPath: "~/Jts", TWSSettingsPath: "~/Jts"}},
		{"darwin", IBC{}, IBC{Path: "/opt/ibc", Config: "~/ibc/config.ini", TWSPath: "~/Applications", TWSSettingsPath: "~/Jts"}},
		{"windows", IBC{}, IBC{Path: `C:\IBC`, Config: `~\Documents\IBC\config.ini`, TWSPath: `C:\Jts`, TWSSettingsPath: `C:\Jts`}},
		// IBC keeps the settings beside the program, except on macOS.
		{"linux", IBC{TWSPath: "/srv/Jts"}, IBC{Path: "/opt/ibc", Config: "~/ibc/config.ini", TWSPath: "/srv/Jts",
			TWSSettingsPath: "/srv/Jts"}},
		{"windows", IBC{TWSPath: `D:\Jts`}, IBC{Path: `C:\IBC`, Config: `~\Documents\IBC\config.ini`, TWSPath: `D:\Jts`,
			TWSSettingsPath: `D:\Jts`}},
		{"darwin", IBC{TWSPath: "/Applications"}, IBC{Path: "/opt/ibc", Config: "~/ibc/config.ini", TWSPath: "/Applications",
			TWSSettingsPath: "~/Jts"}},
		{"freebsd", IBC{Path: "a", Config: "b", ConfigSource: "c", TWSPath: "d", TWSSettingsPath: "e"},
			IBC{Path: "a", Config: "b", ConfigSource: "c", TWSPath: "d", TWSSettingsPath: "e"}},
	} {
		got := tt.has
		fillInstallPaths(&got, tt.goos)
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s, %+v: %s", tt.goos, tt.has, diff)
		}
	}
}

func TestHomeIsExpanded(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("HOME", dir)
	t.Setenv("USERPROFILE", dir)
	for path, want := range map[string]string{
		"":                   "",
		"~":                  dir,
		"~/":                 dir,
		"~/ibc/config.ini":   filepath.Join(dir, "ibc", "config.ini"),
		"~other/ibc":         "~other/ibc", // somebody else's home is not guessed
		"/srv/~/ibc":         "/srv/~/ibc",
		"/opt/ibc":           "/opt/ibc",
		"$HOME/ibc/conf.ini": "$HOME/ibc/conf.ini",
	} {
		if got := expandHome(path); got != want {
			t.Errorf("home(%q) is %q, want %q", path, got, want)
		}
	}
}

// setEnvironment sets the variables that Find reads, and clears the others.
func setEnvironment(t *testing.T, variables map[string]string) {
	t.Helper()
	for _, v := range []string{"XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_RUNTIME_DIR",
		"GATELIGHT_CONFIG", "GATELIGHT_STATE_DIR", "GATELIGHT_RUNTIME_DIR"} {
		t.Setenv(v, variables[v])
	}
}

func TestOwnFilesAreInTheUsersFolders(t *testing.T) {
	dir := testkit.ShortDir(t)
	setEnvironment(t, map[string]string{"XDG_CONFIG_HOME": filepath.Join(dir, "c"), "XDG_STATE_HOME": filepath.Join(dir, "s"),
		"XDG_RUNTIME_DIR": dir})
	p := Find(os.Getenv)
	for _, tt := range [][3]string{
		{"settings", p.Settings, filepath.Join(dir, "c", "gatelight", "config.toml")},
		{"events", p.Events(), filepath.Join(dir, "s", "gatelight", "events.jsonl")},
		{"logs", p.Logs(), filepath.Join(dir, "s", "gatelight", "log")},
		{"runs", p.Runs(), filepath.Join(dir, "s", "gatelight", "run")},
		{"socket", p.Socket(), filepath.Join(dir, "gatelight", "control.sock")},
	} {
		if tt[1] != tt[2] {
			t.Errorf("%s: %s, want %s", tt[0], tt[1], tt[2])
		}
	}
}

// The environment is empty under launchd and cron.
func TestOwnFilesAreInTheUsersFoldersWithoutAnEnvironment(t *testing.T) {
	home := testkit.ShortDir(t)
	t.Setenv("HOME", home)
	setEnvironment(t, nil)
	var want Paths
	temp := filepath.Join(os.TempDir(), "gatelight-"+strconv.Itoa(os.Getuid()))
	switch runtime.GOOS {
	case "windows":
		t.Skip("Windows asks the system, not the environment")
	case "darwin":
		own := filepath.Join(home, "Library", "Application Support", "gatelight")
		want = Paths{Settings: filepath.Join(own, "config.toml"), State: own, Runtime: own, Older: []string{temp, own}}
	default:
		want = Paths{Settings: filepath.Join(home, ".config/gatelight/config.toml"), State: filepath.Join(home, ".local/state/gatelight"), Older: []string{temp}}
		session := filepath.Join("/run/user", strconv.Itoa(os.Getuid()))
		want.Runtime = filepath.Join(session, "gatelight")
		if _, err := os.Stat(session); err != nil {
			want.Older = append(want.Older, want.Runtime)
			want.Runtime = want.State
		}
	}
	if diff := cmp.Diff(want, Find(os.Getenv)); diff != "" {
		t.Error(diff)
	}
}

// A program that is started at login has no variables of a shell.
func TestTheShellDoesNotMoveThePathsOnMacOS(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows asks the system, not the environment")
	}
	home := testkit.ShortDir(t)
	t.Setenv("HOME", home)
	own := filepath.Join(home, "Library", "Application Support", "gatelight")
	xdg := filepath.Join(home, "x")
	for _, env := range []map[string]string{nil, {"XDG_CONFIG_HOME": xdg, "XDG_STATE_HOME": xdg, "XDG_RUNTIME_DIR": xdg}} {
		setEnvironment(t, env)
		p := find("darwin", os.Getenv)
		if p.Settings != filepath.Join(own, "config.toml") || p.State != own || p.Named {
			t.Errorf("with %v: %+v", env, p)
		}
		if older := slices.Contains(p.Older, filepath.Join(xdg, "gatelight")); older != (env != nil) {
			t.Errorf("with %v an older version may be in %q", env, p.Older)
		}
	}
}

func TestSocketIsInAUsableFolder(t *testing.T) {
	dir := testkit.ShortDir(t)
	file := filepath.Join(dir, "file")
	long := filepath.Join(dir, strings.Repeat("x", MaxSocketPath))
	for _, err := range []error{os.WriteFile(file, nil, 0o600), os.Mkdir(long, 0o700)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	fits := dir + string(filepath.Separator) + strings.Repeat("y", MaxSocketPath-1-len(dir)-len("/gatelight/control.sock")-1)
	if err := os.Mkdir(fits, 0o700); err != nil {
		t.Fatal(err)
	}
	state := filepath.Join(dir, "state")
	for _, tt := range []struct {
		name      string
		xdg, ours string
		want      string
	}{
		{"the session's folder", dir, "", filepath.Join(dir, "gatelight")},
		{"as long as it may be", fits, "", filepath.Join(fits, "gatelight")},
		{"not there", filepath.Join(dir, "gone"), "", state},
		{"not a folder", file, "", state},
		{"too long for a socket", long, "", state},
		{"somebody else's", foreignFolder(t), "", state},
		{"named by the user", dir, filepath.Join(dir, "second"), filepath.Join(dir, "second")},
		{"named by the user, not there yet", filepath.Join(dir, "gone"), filepath.Join(dir, "gone", "r"), filepath.Join(dir, "gone", "r")},
		// What the user has named is never replaced by something else.
		{"named by the user, too long", dir, long, long},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if tt.name == "somebody else's" && runtime.GOOS == "windows" {
				t.Skip("a folder there has an access list, and not an owner alone")
			}
			setEnvironment(t, map[string]string{"XDG_RUNTIME_DIR": tt.xdg, "GATELIGHT_RUNTIME_DIR": tt.ours, "GATELIGHT_STATE_DIR": state})
			p := Find(os.Getenv)
			if p.Runtime != tt.want {
				t.Errorf("%s, want %s", p.Runtime, tt.want)
			}
			if tt.ours == "" && len(p.Socket()) >= MaxSocketPath {
				t.Errorf("%d bytes: %s", len(p.Socket()), p.Socket())
			}
			if want := filepath.Join(tt.xdg, "gatelight"); tt.want == state && !slices.Contains(p.Older, want) {
				t.Errorf("%s, where an older version may be, is not among %q", want, p.Older)
			}
			if p.Lock() != filepath.Join(state, "lock") {
				t.Errorf("the lock is %s", p.Lock())
			}
		})
	}
}

// foreignFolder is a folder of another user.
func foreignFolder(t *testing.T) string {
	t.Helper()
	if os.Getuid() != 0 {
		return "/" // root's
	}
	dir := filepath.Join(testkit.ShortDir(t), "foreign")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Chown(dir, 65534, 65534); err != nil {
		t.Fatal(err)
	}
	return dir
}

// A record of where the socket is has to be true in every working folder.
func TestOwnFoldersAreAbsolute(t *testing.T) {
	dir, err := filepath.EvalSymlinks(testkit.ShortDir(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(dir)
	setEnvironment(t, map[string]string{"GATELIGHT_STATE_DIR": "state", "GATELIGHT_RUNTIME_DIR": "./run"})
	p := Find(os.Getenv)
	if p.State != filepath.Join(dir, "state") || p.Runtime != filepath.Join(dir, "run") {
		t.Errorf("%+v", p)
	}
}

func TestEnvironmentMovesAllPaths(t *testing.T) {
	setEnvironment(t, map[string]string{"XDG_RUNTIME_DIR": testkit.ShortDir(t)})
	env := map[string]string{"GATELIGHT_CONFIG": "/a/b.toml", "GATELIGHT_STATE_DIR": "/c", "GATELIGHT_RUNTIME_DIR": "/d"}
	got := Find(func(v string) string { return env[v] })
	if diff := cmp.Diff(Paths{Settings: "/a/b.toml", Named: true, State: absolute("/c"), Runtime: absolute("/d")}, got); diff != "" {
		t.Error(diff)
	}
}
