package settings

import (
	"strings"
	"testing"
)

// mistakes are settings files, each with its error.
var mistakes = []struct {
	name, text, want string
}{
	// A setting that does not exist.
	{"at the top", "notify = true\ncolour = 'red'\n",
		`config.toml:2: there is no setting "colour"; there are: notify, alert, sound, icon, zombie_after, status_listen`},
	{"in a Gateway", "[[gateway]]\nname = 'a'\nprot = 4002\n",
		`config.toml:3: there is no setting "gateway.prot"; did you mean port?`},
	{"in ibc", "[[gateway]]\n\n[gateway.ibc]\npath = '/opt/ibc'\npassword = 'x'\n",
		`config.toml:5: there is no setting "gateway.ibc.password"; there are: path, config, config_source, tws_path, tws_settings_path, java_path, version, mode, two_factor_timeout`},
	{"a table", "notify = true\n\n[ibc]\npath = '/opt/ibc'\n",
		`config.toml:3: there is no setting "ibc"; write it as [gateway.ibc]`},

	// Not TOML.
	{"nothing behind =", "notify = # soon\n",
		`config.toml:1: there is no value behind the =`},
	{"a colon", "notify: true\n",
		`config.toml:1: this is no setting; write it as: key = value`},
	{"JSON", "{\"notify\": true}\n",
		`config.toml:1: this is no setting; write it as: key = value`},
	{"no key", "= 3\n",
		`config.toml:1: this is no setting; write it as: key = value`},
	{"a table that is not closed", "[[gateway\n",
		`config.toml:1: a table begins with a line such as [[gateway]], [gateway.ibc] or [[remote]]`},
	{"yes", "notify = yes\n",
		`config.toml:1: write true or false, in small letters`},
	{"True", "notify = True\n",
		`config.toml:1: write true or false, in small letters`},
	{"no quotes", "[[gateway]]\nname = paper\n",
		`config.toml:2: a text stands in quotes, such as "text"`},
	{"no quote at the end", "alert = \"bubble\n",
		`config.toml:1: the quote at the end of the text is missing`},
	{"a path of Windows", "[[gateway]]\nibc.path = \"C:\\IBC\"\n",
		"config.toml:2: in \" \" a \\ is written as \\\\; or put the text in ' '"},
	{"two values", "notify = true false\n",
		`config.toml:1: there is something behind the value; write a setting in a line of its own, and # before a comment`},
	{"a text and a comment", "alert = 'bubble' // loud\n",
		`config.toml:1: there is something behind the value; write a setting in a line of its own, and # before a comment`},
	{"two numbers", "[[gateway]]\nport = 4001 4002\n",
		`config.toml:2: there is something behind the value; write a setting in a line of its own, and # before a comment`},
	{"no number", "[[gateway]]\nport = 4002x\n",
		`config.toml:2: this is no number; put it in quotes if it is a text`},
	{"a list that is not closed", "[[remote]]\ncommand = ['ssh'\n",
		`config.toml:2: a comma, a quote, or the ] or } at the end is missing`},
	{"a table twice", "[[gateway]]\n[gateway.ibc]\n[gateway.ibc]\n",
		`config.toml:3: gateway.ibc: write each table once, and [[gateway]] above its [gateway.ibc]`},
	{"a table above its own", "[gateway.ibc]\n[[gateway]]\n",
		`config.toml:2: gateway: write each table once, and [[gateway]] above its [gateway.ibc]`},
	{"unknown table", "[a.b]\n",
		`config.toml:1: there is no setting "a.b"; the tables are [[gateway]], [gateway.ibc] and [[remote]]`},

	// Another file.
	{"Latin-1", "notify = true\n# \xfcber\n",
		`config.toml:2: this is no text in UTF-8; save the file as UTF-8, or name another one`},
	{"UTF-16", "\xff\xfen\x00o\x00",
		`config.toml:1: this is no text in UTF-8; save the file as UTF-8, or name another one`},
	{"a program", "\x7fELF\x00",
		`config.toml:1: this is no text in UTF-8; save the file as UTF-8, or name another one`},
	{"IBC's", "# mine\nIbLoginId=secret\nIbPassword=secret\n",
		`config.toml: this is IBC's config.ini, and not Gatelight's settings; those name it under [gateway.ibc]: config = "config.toml"`},

	{"no value", "notify = true\nzombie_after\n",
		`config.toml:2: this is no setting; write it as: key = value`},
	{"twice", "notify = true\nnotify = false\n",
		`config.toml:2: notify: it is set twice; take one of the lines out`},

	// A value of the wrong kind.
	{"another alert", "notify = true\nalert = 'loud'\n",
		`config.toml:2: alert: "loud" is not "bubble" or "dialog"`},
	{"another icon", "notify = true\n\nicon = 'grey'\n",
		`config.toml:3: icon: "grey" is not "colour" or "mono"`},
	{"text for a switch", "notify = 'yes'\n",
		`config.toml:1: notify: must be true or false`},
	{"text for a number", "[[gateway]]\nport = '4002'\n",
		`config.toml:2: gateway.port: must be a whole number`},
	{"fraction for a number", "[[gateway]]\nclient_id = 1.5\n",
		`config.toml:2: gateway.client_id: must be a whole number`},
	{"number for text", "[[gateway]]\nname = 'a'\n[gateway.ibc]\nversion = 10.37\n",
		`config.toml:4: gateway.ibc.version: must be a text in quotes`},
	{"date for a switch", "[[gateway]]\nkeep_running = 2026-11-23\n",
		`config.toml:2: gateway.keep_running: must be true or false`},
	{"number for a table", "gateway = 3\n",
		`config.toml:1: gateway: must be tables, each under [[gateway]]`},
	{"text for a table", "[[gateway]]\nibc = '/opt/ibc'\n",
		`config.toml:2: gateway.ibc: must be a table`},
	{"tables for a table", "[[gateway]]\n[[gateway.ibc]]\n",
		`config.toml:2: gateway.ibc: must be a single table, in [ ]`},
	{"huge", "[[gateway]]\nport = 99999999999999999999\n",
		`config.toml:2: gateway.port: the number is too large`},

	// Durations. A bare number must not be taken for nanoseconds.
	{"no unit", "\nzombie_after = '3'\n",
		`config.toml:2: zombie_after: "3" is not a duration such as "3s" or "1m30s"`},
	{"no duration", "zombie_after = 'soon'\n",
		`config.toml:1: zombie_after: "soon" is not a duration such as "3s" or "1m30s"`},
	{"empty duration", "zombie_after = ''\n",
		`config.toml:1: zombie_after: "" is not a duration such as "3s" or "1m30s"`},
	{"negative", "zombie_after = '-3s'\n",
		`config.toml:1: zombie_after: "-3s" is not longer than nothing`},
	{"zero", "zombie_after = '0s'\n",
		`config.toml:1: zombie_after: "0s" is not longer than nothing`},
	{"bare number", "notify = true\nzombie_after = 3\n",
		`config.toml:2: zombie_after: must be a duration in quotes, such as "3s"`},
	{"bare negative number", "zombie_after = -3\n",
		`config.toml:1: zombie_after: must be a duration in quotes, such as "3s"`},
	{"bare zero", "zombie_after = 0\n",
		`config.toml:1: zombie_after: must be a duration in quotes, such as "3s"`},
	{"bare fraction", "ZOMBIE_AFTER = 3.5\n",
		`config.toml:1: zombie_after: must be a duration in quotes, such as "3s"`},

	{"bare heartbeat", "[[gateway]]\n\n[[gateway]]\nname = 'b'\nheartbeat = 5\n",
		`config.toml:5: gateway.heartbeat: must be a duration in quotes, such as "3s"`},
	{"bare heartbeat, inline", "gateway = [\n  { name = 'a' },\n  { port = 1, heartbeat = 5 } ]\n",
		`config.toml:3: gateway.heartbeat: must be a duration in quotes, such as "3s"`},
	{"heartbeat too short", "[[gateway]]\nheartbeat = '200ms'\n",
		`config.toml:2: gateway.heartbeat: "200ms" is not between "1s" and "1m"`},
	{"heartbeat too long", "[[gateway]]\nheartbeat = '1m1s'\n",
		`config.toml:2: gateway.heartbeat: "1m1s" is not between "1s" and "1m"`},

	// One of two words.
	{"program", "[[gateway]]\nprogram = 'gw'\n",
		`config.toml:2: gateway.program: "gw" is not "gateway" or "tws"`},
	{"region", "[[gateway]]\nregion = 'mars'\n",
		`config.toml:2: gateway.region: "mars" is not "north-america", "europe" or "asia"`},
	{"clear_zombies", "[[gateway]]\nclear_zombies = 'always'\n",
		`config.toml:2: gateway.clear_zombies: "always" is not "ask" or "auto"`},
	{"mode", "[[gateway]]\n[gateway.ibc]\nmode = 'demo'\n",
		`config.toml:3: gateway.ibc.mode: "demo" is not "paper" or "live"`},
	{"mode, dotted", "[[gateway]]\nname = 'a'\nibc.mode = 'Live'\n",
		`config.toml:3: gateway.ibc.mode: "Live" is not "paper" or "live"`},
	{"mode, inline", "[[gateway]]\nibc = { path = '/opt/ibc', mode = 'x' }\n",
		`config.toml:2: gateway.ibc.mode: "x" is not "paper" or "live"`},
	{"mode, all inline", "gateway = [\n  { name = 'a' },\n  { port = 1,\n    ibc = {\n      mode = 'x' } },\n]\n",
		`config.toml:5: gateway.ibc.mode: "x" is not "paper" or "live"`},
	{"mode, plain table", "[gateway]\nport = 1\n[gateway.ibc]\nmode = 'x'\n",
		`config.toml:4: gateway.ibc.mode: "x" is not "paper" or "live"`},
	{"mode, at the top", "gateway.port = 1\ngateway.ibc.mode = 'x'\n",
		`config.toml:2: gateway.ibc.mode: "x" is not "paper" or "live"`},
	{"two_factor_timeout", "[[gateway]]\n[gateway.ibc]\ntwo_factor_timeout = 'wait'\n",
		`config.toml:3: gateway.ibc.two_factor_timeout: "wait" is not "exit" or "restart"`},

	// Numbers out of range.
	{"port 0", "[[gateway]]\nport = 0\n",
		`config.toml:2: gateway.port: 0 is not 1 to 65535`},
	{"port too high", "[[gateway]]\nport = 65536\n",
		`config.toml:2: gateway.port: 65536 is not 1 to 65535`},
	{"port negative", "[[gateway]]\nport = -4002\n",
		`config.toml:2: gateway.port: -4002 is not 1 to 65535`},
	{"in the second Gateway", "[[gateway]]\nname = 'a'\nport = 1\n\n[[gateway]]\nname = 'b'\nport = 70000\n",
		`config.toml:7: gateway.port: 70000 is not 1 to 65535`},
	{"client_id", "[[gateway]]\nclient_id = -1\n",
		`config.toml:2: gateway.client_id: -1 is less than 0`},
	{"login_budget", "[[gateway]]\nlogin_budget = 0\n",
		`config.toml:2: gateway.login_budget: 0 is less than 1`},
	{"status_listen without a port", "status_listen = '127.0.0.1'\n",
		`config.toml:1: status_listen: "127.0.0.1" is not an address and port such as "127.0.0.1:7463"`},
	{"status_listen, a port too high", "status_listen = 'localhost:70000'\n",
		`config.toml:1: status_listen: "localhost:70000" is not an address and port such as "127.0.0.1:7463"`},
	{"status_listen, an API port", "status_listen = '127.0.0.1:4002'\n",
		`config.toml:1: status_listen: 4002 is the API port of Gateway "paper"; choose another one`},
	{"status_listen, the API port of the second Gateway", "notify = true\nstatus_listen = ':7496'\n[[gateway]]\nname = 'a'\n[[gateway]]\nname = 'b'\nport = 7496\n",
		`config.toml:2: status_listen: 7496 is the API port of Gateway "b"; choose another one`},

	// Other hosts.
	{"remote without a command", "[[remote]]\nname = 'vps'\n",
		`config.toml:1: remote.command: it is missing, such as ["ssh", "trader@vps", "gatelight", "dial-stdio"]`},
	{"remote in one pair of brackets", "\n[remote]\nname = 'vps'\n",
		`config.toml:2: remote.command: it is missing, such as ["ssh", "trader@vps", "gatelight", "dial-stdio"]`},
	{"remote with a text for a command", "[[remote]]\nname = 'vps'\ncommand = 'ssh vps'\n",
		`config.toml:3: remote.command: must be texts in quotes, in [ ]`},
	{"remote with a slash", "notify = true\n[[remote]]\nname = 'a/b'\ncommand = ['ssh']\n",
		`config.toml:3: remote.name: "a/b" is not made of letters, digits, dots, - and _ alone, a letter or digit first`},
	{"remote with a Gateway's name", "[[gateway]]\nname = 'vps'\n[[remote]]\nname = 'VPS'\ncommand = ['ssh']\n",
		`config.toml:4: remote.name: "VPS" is a Gateway's already; choose another name`},
	{"two remotes of one name", "[[remote]]\nname = 'a'\ncommand = ['ssh']\n[[remote]]\nname = 'a'\ncommand = ['ssh']\n",
		`config.toml:5: remote.name: there are two remotes named "a"; give one of them another name`},
	{"remote with another setting", "[[remote]]\nname = 'a'\nhost = 'vps'\n",
		`config.toml:3: there is no setting "remote.host"; there are: name, command`},

	// Names.
	{"name with a blank", "[[gateway]]\nname = 'my paper'\n",
		`config.toml:2: gateway.name: "my paper" is not made of letters, digits, dots, - and _ alone, a letter or digit first`},
	{"name with a slash", "[[gateway]]\nname = 'a/b'\n",
		`config.toml:2: gateway.name: "a/b" is not made of letters, digits, dots, - and _ alone, a letter or digit first`},
	{"name that is a folder", "[[gateway]]\nname = '..'\n",
		`config.toml:2: gateway.name: ".." is not made of letters, digits, dots, - and _ alone, a letter or digit first`},
	{"name with a line break", "[[gateway]]\nname = \"a\\rb\"\n",
		`config.toml:2: gateway.name: "a\rb" is not made of letters, digits, dots, - and _ alone, a letter or digit first`},
	{"long name", "[[gateway]]\nname = '" + strings.Repeat("é", 51) + "'\n",
		`config.toml:2: gateway.name: "` + strings.Repeat("é", 20) + `"… has more than 50 characters`},
	{"same name", "[[gateway]]\nname = 'a'\n[[gateway]]\nport = 1\nname = 'a'\n",
		`config.toml:5: gateway.name: there are two Gateways named "a"; give one of them another name`},
	{"same name but for case", "[[gateway]]\nname = 'a'\n[[gateway]]\nport = 1\nname = 'A'\n",
		`config.toml:5: gateway.name: there are two Gateways named "A"; give one of them another name`},
	{"same name by default", "[[gateway]]\n\n[[gateway]]\nport = 1\n",
		`config.toml:3: gateway.name: there are two Gateways named "paper"; give one of them another name`},

	// Ports.
	{"same port", "[[gateway]]\nname = 'a'\nport = 4001\n[[gateway]]\nname = 'b'\nport = 4001\n",
		`config.toml:6: gateway.port: 4001 is the port of "a" already; give each Gateway its own`},
	{"same port by default", "[[gateway]]\n[[gateway]]\n# on 4002, too\nname = 'b'\n",
		`config.toml:2: gateway.port: 4002 is the port of "paper" already; give each Gateway its own`},
}

func TestAMistakeIsNamedByFileLineAndKey(t *testing.T) {
	for _, m := range mistakes {
		t.Run(m.name, func(t *testing.T) {
			f, err := Parse("config.toml", []byte(m.text))
			if err == nil {
				t.Fatalf("accepted: %+v", f)
			}
			if err.Error() != m.want {
				t.Errorf("\n got %s\nwant %s", err, m.want)
			}
		})
	}
}
