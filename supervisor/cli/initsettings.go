package cli

import (
	"fmt"
	"strings"

	"github.com/pelletier/go-toml/v2"

	"gatelight/supervisor"
)

// A settingLine of the first settings file.
type settingLine struct {
	key     string
	value   any
	set     bool // found, or chosen by what was found; else the default is shown
	comment string
}

// initialSettings is a settings file that means what was found. Everything else is
// shown with its default, commented out.
func (f discovery) initialSettings() string {
	var b strings.Builder
	policy := supervisor.DefaultPolicy()
	newest := ""
	if len(f.programs) > 0 {
		newest = ": " + f.programs[0].Version
	}
	b.WriteString(`# Gatelight's settings, as "gatelight init" has found things on this machine.
# Everything has a default; a line that begins with # shows it.

`)
	write(&b,
		settingLine{"notify", true, false, "desktop notifications"},
		settingLine{"alert", "bubble", false, `or "dialog": a window in front of all others as well`},
		settingLine{"sound", false, false, "with a sound"},
		settingLine{"icon", "colour", false, `or "mono": the icon in one colour`},
		settingLine{"zombie_after", policy.ZombieAfter.String(), false, "how long a socket stays in CLOSE_WAIT before it counts as stuck"},
		settingLine{"status_listen", "", false, `e.g. "127.0.0.1:7463": read-only HTTP besides the control socket`},
	)
	b.WriteString("\n[[gateway]]\n")
	write(&b,
		settingLine{"name", f.mode, true, ""},
		settingLine{"port", f.port, true, "its API port: 4001 live, 4002 paper; TWS 7496 and 7497"},
		settingLine{"program", f.program, true, `"gateway" or "tws"`},
		settingLine{"monitor", policy.Monitor, false, "false: never connect, look only"},
		settingLine{"client_id", policy.ClientID, false, "of the monitor's session; no other client may have it"},
		settingLine{"heartbeat", policy.Heartbeat.String(), false, "how often the monitor asks for the time"},
		settingLine{"keep_running", false, false, "start it again when it goes down unasked"},
		settingLine{"clear_zombies", "ask", false, `or "auto"`},
		settingLine{"login_budget", policy.LoginBudget, false, "unattended logins an hour; IBKR locks accounts"},
		settingLine{"region", string(supervisor.NorthAmerica), false, fmt.Sprintf("whose nightly reset it is: or %q, %q", supervisor.Europe, supervisor.Asia)},
	)
	b.WriteString("\n[gateway.ibc]\n")
	write(&b,
		f.path("path", f.ibc.Path, f.machine.IBCDefault(), "where IBC is unpacked"),
		f.path("config", f.config, f.machine.ConfigDefault(), "IBC's own settings, with your login"),
		settingLine{"config_source", "", false, "if set, \"gatelight config install\" copies this file to config"},
		f.path("tws_path", f.twsPath, f.machine.TWSPaths()[0], "where IBKR's installer puts Gateway and TWS"),
		f.path("tws_settings_path", map[bool]string{true: f.settingsPath()}[f.twsPath != ""], f.settingsPath(), "where the Gateway keeps its settings"),
		settingLine{"java_path", f.javaPath, f.javaPath != "", "a folder with java in it, for another Java than the Gateway's own" + f.javaPathIgnored()},
		settingLine{"version", "auto", false, "the newest that is installed" + newest},
		settingLine{"mode", f.mode, true, `"paper" or "live"`},
		settingLine{"two_factor_timeout", "exit", false, `or "restart": what IBC does when nobody approves a login in time`},
	)
	b.WriteString(`
# [[remote]]  # a Gateway on another host, where "gatelight serve" runs beside it
# name = 'vps'
# command = ['ssh', 'trader@vps', 'gatelight', 'dial-stdio']
`)
	return b.String()
}

// javaPathIgnored says where IBC does not go by java_path.
func (f discovery) javaPathIgnored() string {
	if f.machine.Javas().TakesJavaPath() {
		return ""
	}
	return "; IBC ignores it on macOS"
}

// path is a line for a folder or file that was found, or shows its default.
func (f discovery) path(key, value, otherwise, comment string) settingLine {
	if value == "" {
		return settingLine{key, f.abbreviate(otherwise), false, comment + "; not found"}
	}
	return settingLine{key, f.abbreviate(value), true, comment}
}

// abbreviate writes the user's folder as ~, as people do on Unix.
func (f discovery) abbreviate(path string) string {
	if rest, ok := strings.CutPrefix(path, f.machine.Home+"/"); ok && f.machine.OS != "windows" {
		return "~/" + rest
	}
	return path
}

// write writes lines with their comments below each other.
func write(b *strings.Builder, lines ...settingLine) {
	var texts []string
	width := 0
	for _, l := range lines {
		text := assignment(l.key, l.value)
		if !l.set {
			text = "# " + text
		}
		texts, width = append(texts, text), max(width, len(text))
	}
	for i, l := range lines {
		if l.comment == "" {
			fmt.Fprintln(b, texts[i])
			continue
		}
		fmt.Fprintf(b, "%-*s  # %s\n", width, texts[i], l.comment)
	}
}

// assignment is a key and its value in TOML.
func assignment(key string, value any) string {
	b, err := toml.Marshal(map[string]any{key: value})
	if err != nil {
		panic("[unexpected] a setting that TOML cannot hold: " + err.Error()) // texts, numbers, switches
	}
	return strings.TrimSpace(string(b))
}
