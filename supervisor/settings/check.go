package settings

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/pelletier/go-toml/v2"

	"gatelight/supervisor"
	"gatelight/supervisor/lazyregexp"
)

// This file finds the mistakes in a settings file, and writes them for a person
// as "file:line: key: what is wrong".

// withPosition puts file, line and key in front of an error of the decoder about b.
func withPosition(path string, b []byte, err error) error {
	if bytes.Contains(b, []byte("\nIbLoginId=")) || bytes.HasPrefix(b, []byte("IbLoginId=")) {
		return fmt.Errorf("%s: this is IBC's config.ini, and not Gatelight's settings; those name it under [gateway.ibc]: config = %q", path, path)
	}
	var decode *toml.DecodeError
	if !errors.As(err, &decode) {
		return fmt.Errorf("%s: %w", path, err)
	}
	line, _ := decode.Position()
	key := strings.Join(decode.Key(), ".")
	var missing *toml.StrictMissingError
	switch {
	case errors.As(err, &missing):
		return fmt.Errorf("%s:%d: there is no setting %q%s", path, line, key, suggestion(key))
	case key == "":
		lines := strings.Split(string(b), "\n")
		return fmt.Errorf("%s:%d: %s", path, line, syntaxText(lines[min(line, len(lines))-1]))
	}
	return fmt.Errorf("%s:%d: %s: %s", path, line, key, plainType(decode.Error()))
}

// typeNames are Go's types in words for a person.
var typeNames = map[string]string{
	"bool": "true or false", "int": "a whole number", "string": "a text in quotes",
	"settings.Duration":  `a duration in quotes, such as "3s"`,
	"[]settings.Gateway": "tables, each under [[gateway]]",
	"settings.Gateway":   "a table", "settings.IBC": "a table", "settings.Remote": "a table",
	"[]settings.Remote": "tables, each under [[remote]]", "[]string": "texts in quotes, in [ ]",
}

// plainType is an error of the decoder about the value of a setting, in those words.
func plainType(text string) string {
	_, t, _ := strings.Cut(text, " of type ")
	switch {
	case typeNames[t] != "":
		return "must be " + typeNames[t]
	case strings.Contains(text, "already defined"):
		return "it is set twice; take one of the lines out"
	case strings.Contains(text, "already exists"):
		return "write each table once, and [[gateway]] above its [gateway.ibc]"
	case strings.Contains(text, "array table"):
		return "must be a single table, in [ ]"
	case strings.Contains(text, "number is too large"):
		return "the number is too large"
	}
	return strings.TrimPrefix(text, "toml: ")
}

// check finds the first mistake that the decoder cannot find: the table of its
// Gateway ("" for none), its key, and what is wrong. All are empty when there is
// none.
func (f *File) check() (table, key, wrong string) {
	const alerts, icons = `"bubble" or "dialog"`, `"colour" or "mono"`
	switch {
	case f.StatusListen != "" && !isAddress(f.StatusListen):
		return "", "status_listen", fmt.Sprintf("%q is not an address and port such as \"127.0.0.1:7463\"", f.StatusListen)
	case !isOneOf(f.Alert, alerts):
		return "", "alert", fmt.Sprintf("%q is not %s", f.Alert, alerts)
	case !isOneOf(f.Icon, icons):
		return "", "icon", fmt.Sprintf("%q is not %s", f.Icon, icons)
	}
	for i, g := range f.Gateway {
		table = tableOf(i)
		if key, wrong = g.check(); wrong != "" {
			return table, key, wrong
		}
		for _, other := range f.Gateway[:i] {
			switch {
			case strings.EqualFold(other.Name, g.Name): // it is part of file names, and not all systems tell case apart
				return table, "name", fmt.Sprintf("there are two Gateways named %q; give one of them another name", g.Name)
			case other.Port == g.Port:
				return table, "port", fmt.Sprintf("%d is the port of %q already; give each Gateway its own", g.Port, other.Name)
			}
		}
		if portOf(f.StatusListen) == g.Port { // Gatelight would take it from the Gateway
			return "", "status_listen", fmt.Sprintf("%d is the API port of Gateway %q; choose another one", g.Port, g.Name)
		}
	}
	for i := range f.Remote {
		if key, wrong = f.checkRemote(i); wrong != "" {
			return remoteTable(i), key, wrong
		}
	}
	return "", "", ""
}

func (f *File) checkRemote(i int) (key, wrong string) {
	r := f.Remote[i]
	switch {
	case badName(r.Name) != "":
		return "name", badName(r.Name)
	case len(r.Command) == 0 || r.Command[0] == "":
		return "command", `it is missing, such as ["ssh", "trader@vps", "gatelight", "dial-stdio"]`
	}
	for _, g := range f.Gateway {
		if strings.EqualFold(g.Name, r.Name) {
			return "name", fmt.Sprintf("%q is a Gateway's already; choose another name", r.Name)
		}
	}
	for _, other := range f.Remote[:i] {
		if strings.EqualFold(other.Name, r.Name) {
			return "name", fmt.Sprintf("there are two remotes named %q; give one of them another name", r.Name)
		}
	}
	return "", ""
}

// check finds the first setting that is wrong without regard to other Gateways.
func (g *Gateway) check() (key, wrong string) {
	for _, setting := range []struct{ key, value, choices string }{
		{"program", g.Program, `"gateway" or "tws"`},
		{"ibc.mode", g.IBC.Mode, `"paper" or "live"`},
		{"clear_zombies", g.ClearZombies, `"ask" or "auto"`},
		{"ibc.two_factor_timeout", g.IBC.TwoFactorTimeout, `"exit" or "restart"`},
		{"region", g.Region, fmt.Sprintf("%q, %q or %q", supervisor.NorthAmerica, supervisor.Europe, supervisor.Asia)},
	} {
		if !isOneOf(setting.value, setting.choices) {
			return setting.key, fmt.Sprintf("%q is not %s", setting.value, setting.choices)
		}
	}
	switch {
	case g.Port < 1 || g.Port > 65535:
		return "port", fmt.Sprintf("%d is not 1 to 65535", g.Port)
	case *g.ClientID < 0:
		return "client_id", fmt.Sprintf("%d is less than 0", *g.ClientID)
	case g.Heartbeat < Duration(minHeartbeat) || g.Heartbeat > Duration(maxHeartbeat):
		return "heartbeat", fmt.Sprintf("%q is not between \"1s\" and \"1m\"", time.Duration(g.Heartbeat))
	case *g.LoginBudget < 1:
		return "login_budget", fmt.Sprintf("%d is less than 1", *g.LoginBudget)
	}
	return "name", badName(g.Name)
}

// badName says what is wrong with a name, "" for nothing.
func badName(name string) string {
	switch {
	case utf8.RuneCountInString(name) > maxName:
		return fmt.Sprintf("%.20q… has more than %d characters", name, maxName)
	case !goodName.MatchString(name):
		return fmt.Sprintf("%q is not made of letters, digits, dots, - and _ alone, a letter or digit first", name)
	}
	return ""
}

// isOneOf reports whether a value is one of those in quotes: `"paper" or "live"`.
func isOneOf(value, choices string) bool { return strings.Contains(choices, strconv.Quote(value)) }

// The limits of the heartbeat. The Gateway feels a shorter one. With a longer
// one a Gateway that hangs would be shown as connected for minutes.
const (
	minHeartbeat = time.Second
	maxHeartbeat = time.Minute
)

// maxName is how many characters a Gateway's name may have. It becomes part of file
// names, which most systems limit to 255 bytes.
const maxName = 50

// goodName is what a Gateway's name must match. It becomes part of file names
// and of the status server's paths.
var goodName = lazyregexp.New(`^[\pL\pN][\pL\pN._-]*$`)

// isAddress reports whether s is a port with a host, or with an empty host.
func isAddress(s string) bool { return portOf(s) > 0 }

// portOf is the port of an address, 0 if it has none.
func portOf(address string) int {
	_, text, err := net.SplitHostPort(address)
	port, bad := strconv.ParseUint(text, 10, 16)
	if err != nil || bad != nil {
		return 0
	}
	return int(port)
}
