package cli

import (
	"fmt"
	"strings"

	"github.com/pelletier/go-toml/v2"

	"gatelight/supervisor"
)

// A line of the first settings file.
type line struct {
	key     string
	value   any
	said    bool // found, or chosen by what was found; else the default is shown
	comment string
}

// firstSettings is a settings file that means what was found. Everything else is
// shown with its default, commented out.
func (f found) firstSettings() string {
	var b strings.Builder
	policy := supervisor.DefaultPolicy()
	b.WriteString(`# Gatelight's settings, as "gatelight init" has found things on this machine.
# Everything has a default; a line that begins with # shows it.

`)
	write(&b,
		line{"notify", true, false, "desktop notifications"},
		line{"alert", "bubble", false, `or "dialog": a window in your face as well`},
		line{"sound", false, false, "with a sound"},
		line{"zombie_after", policy.ZombieAfter.String(), false, "how long a socket stays in CLOSE_WAIT before it counts as stuck"},
		line{"status_listen", "", false, `e.g. "127.0.0.1:7463": read-only HTTP besides the control socket`},
	)
	b.WriteString("\n[[gateway]]\n")
	write(&b,
		line{"name", f.mode, true, ""},
		line{"port", f.port, true, "its API port: 4001 live, 4002 paper; TWS 7496 and 7497"},
		line{"program", f.program, true, `"gateway" or "tws"`},
		line{"monitor", policy.Monitor, false, "false: never connect, look only"},
		line{"client_id", policy.ClientID, false, "of the monitor's session; no other client may have it"},
		line{"heartbeat", policy.Heartbeat.String(), false, "how often the monitor asks for the time"},
		line{"keep_running", false, false, "start it again when it goes down unasked"},
		line{"clear_zombies", "ask", false, `or "auto"`},
		line{"login_budget", policy.LoginBudget, false, "unattended logins an hour; IBKR locks accounts"},
		line{"region", string(supervisor.NorthAmerica), false, fmt.Sprintf("whose nightly reset it is: or %q, %q", supervisor.Europe, supervisor.Asia)},
	)
	b.WriteString("\n[gateway.ibc]\n")
	write(&b,
		f.path("path", f.ibc.Path, f.machine.IBCDefault(), "where IBC is unpacked"),
		f.path("config", f.config, f.machine.ConfigDefault(), "IBC's own settings, with your login"),
		line{"config_source", "", false, "if set, \"gatelight config install\" copies this file to config"},
		f.path("tws_path", f.twsPath, f.machine.TWSPaths()[0], "where IBKR's installer puts Gateway and TWS"),
		f.path("tws_settings_path", map[bool]string{true: f.settingsPath()}[f.twsPath != ""], f.settingsPath(), "where the Gateway keeps its settings"),
		line{"version", "auto", false, "the newest that is installed" + f.newest()},
		line{"mode", f.mode, true, `"paper" or "live"`},
		line{"two_factor_timeout", "exit", false, `or "restart": what IBC does when nobody approves a login in time`},
	)
	return b.String()
}

// path is a line for a folder or file that was found, or shows its default.
func (f found) path(key, value, otherwise, comment string) line {
	if value == "" {
		return line{key, f.short(otherwise), false, comment + "; not found"}
	}
	return line{key, f.short(value), true, comment}
}

// short writes the user's folder as ~, as people do on Unix.
func (f found) short(path string) string {
	if rest, ok := strings.CutPrefix(path, f.machine.Home+"/"); ok && f.machine.OS != "windows" {
		return "~/" + rest
	}
	return path
}

func (f found) newest() string {
	if len(f.programs) == 0 {
		return ""
	}
	return ": " + f.programs[0].Version
}

// write writes lines with their comments below each other.
func write(b *strings.Builder, lines ...line) {
	var texts []string
	width := 0
	for _, l := range lines {
		text := assignment(l.key, l.value)
		if !l.said {
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
