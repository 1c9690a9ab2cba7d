package settings

import (
	"errors"
	"fmt"
	"net"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/pelletier/go-toml/v2"

	"gatelight/supervisor"
)

// This file finds the mistakes in a settings file, and writes them for a person
// as "file:line: key: what is wrong".

// withPosition puts file, line and key in front of an error of the decoder.
func withPosition(path string, err error) error {
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
		return fmt.Errorf("%s:%d: %s%s", path, line, key, plainType(decode.Error()))
	}
	return fmt.Errorf("%s: %w", path, err)
}

// typeNames are Go's types in words for a person.
var typeNames = map[string]string{
	"bool": "true or false", "int": "a whole number", "string": "a text in quotes",
	"settings.Duration":  `a duration in quotes, such as "3s"`,
	"[]settings.Gateway": "tables, each under [[gateway]]",
	"settings.Gateway":   "a table", "settings.IBC": "a table",
}

// plainType is an error of the decoder, with a type in those words.
func plainType(text string) string {
	text = strings.TrimPrefix(text, "toml: ")
	if _, t, ok := strings.Cut(text, " of type "); ok && typeNames[t] != "" {
		return "must be " + typeNames[t]
	}
	return text
}

// check fills in the defaults and finds the first mistake that the decoder
// cannot find: its line and key, and what is wrong. All are zero when there is
// none.
func (f *File) check(ps positions) (line int, key, wrong string) {
	if f.StatusListen != "" && !isAddress(f.StatusListen) {
		return ps["status_listen"].line, "status_listen", fmt.Sprintf("%q is not an address and port such as \"127.0.0.1:7463\"", f.StatusListen)
	}
	if f.Alert != "" && f.Alert != "bubble" && f.Alert != "dialog" {
		return ps["alert"].line, "alert", fmt.Sprintf("%q is not %q or %q", f.Alert, "bubble", "dialog")
	}
	for i, g := range f.Gateway {
		if p, inFile := ps[fmt.Sprintf("gateway.%d.port", i+1)]; inFile && g.Port == 0 {
			return p.line, "gateway.port", badPort(0)
		}
	}
	f.setDefaults()
	for i, g := range f.Gateway {
		key, wrong := g.check()
		for _, other := range f.Gateway[:i] {
			switch {
			case wrong != "":
			case strings.EqualFold(other.Name, g.Name): // it is part of file names, and not all systems tell case apart
				key, wrong = "name", fmt.Sprintf("there are two Gateways named %q", g.Name)
			case other.Port == g.Port:
				key, wrong = "port", fmt.Sprintf("%d is %q's already", g.Port, other.Name)
			}
		}
		if wrong != "" {
			return ps.at(i+1, key), "gateway." + key, wrong
		}
	}
	return 0, "", ""
}

// check finds the first setting that is wrong without regard to other Gateways.
func (g *Gateway) check() (key, wrong string) {
	for _, choice := range []struct {
		key, value string
		of         [2]string
	}{
		{"program", g.Program, [2]string{"gateway", "tws"}},
		{"ibc.mode", g.IBC.Mode, [2]string{"paper", "live"}},
		{"clear_zombies", g.ClearZombies, [2]string{"ask", "auto"}},
		{"ibc.two_factor_timeout", g.IBC.TwoFactorTimeout, [2]string{"exit", "restart"}},
	} {
		if choice.value != choice.of[0] && choice.value != choice.of[1] {
			return choice.key, fmt.Sprintf("%q is not %q or %q", choice.value, choice.of[0], choice.of[1])
		}
	}
	switch r := supervisor.Region(g.Region); r {
	case supervisor.NorthAmerica, supervisor.Europe, supervisor.Asia:
	default:
		return "region", fmt.Sprintf("%q is not %q, %q or %q", r, supervisor.NorthAmerica, supervisor.Europe, supervisor.Asia)
	}
	switch {
	case g.Port < 1 || g.Port > 65535:
		return "port", badPort(g.Port)
	case *g.ClientID < 0:
		return "client_id", fmt.Sprintf("%d is less than 0", *g.ClientID)
	case g.Heartbeat < Duration(minHeartbeat) || g.Heartbeat > Duration(maxHeartbeat):
		return "heartbeat", fmt.Sprintf("%q is not between \"1s\" and \"1m\"", time.Duration(g.Heartbeat))
	case *g.LoginBudget < 1:
		return "login_budget", fmt.Sprintf("%d is less than 1", *g.LoginBudget)
	case !goodName.MatchString(g.Name):
		return "name", fmt.Sprintf("%q is not made of letters, digits, dots, - and _ alone, a letter or digit first", g.Name)
	}
	return "", ""
}

// The limits of the heartbeat. The Gateway feels a shorter one. With a longer
// one a Gateway that hangs would be shown as connected for minutes.
const (
	minHeartbeat = time.Second
	maxHeartbeat = time.Minute
)

// goodName is what a Gateway's name must match. It becomes part of file names
// and of the status server's paths.
var goodName = regexp.MustCompile(`^[\pL\pN][\pL\pN._-]*$`)

func badPort(port int) string { return fmt.Sprintf("%d is not 1 to 65535", port) }

// isAddress reports whether s is a port with a host, or with an empty host.
func isAddress(s string) bool {
	_, port, err := net.SplitHostPort(s)
	n, bad := strconv.ParseUint(port, 10, 16)
	return err == nil && bad == nil && n > 0
}
