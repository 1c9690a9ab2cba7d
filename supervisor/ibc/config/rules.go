package config

import (
	"cmp"
	"maps"
	"path/filepath"
	"slices"
	"strings"
)

// rules are about what the settings mean together, and for this Gateway.
type rules struct{ *checker }

// templateLogin is the login of IBC's template.
var templateLogin = map[string]string{"IbLoginId": "edemo", "IbPassword": "demouser"}

// said reports whether something was found in the line that counts for a key.
func (c *checker) said(key string) bool {
	e, _ := c.file.last(key)
	return slices.ContainsFunc(c.found, func(f Finding) bool { return f.Key == key && f.Line == e.First })
}

// login finds what keeps IBC from logging in by itself.
func (c rules) login() {
	keys := []string{"IbLoginId", "IbPassword"}
	if c.yes("FIX") {
		keys = []string{"FIXLoginId", "FIXPassword"}
	}
	for _, key := range keys {
		switch c.get(key) {
		case "":
			c.addForKey(key, Warning, key+"=…", "it is empty, so that somebody has to type it in at every login")
		case templateLogin[key]:
			c.addForKey(key, Error, key+"=…", "it is still the one of IBC's template; put in your own")
		}
	}
}

// tradingMode is the account that IBC logs in to by the file.
func (c rules) tradingMode() string { return strings.ToLower(c.get("TradingMode")) }

// mode compares what the file does with the account and the port of the
// settings. Where these say nothing of a port, the file's own is looked at.
func (c rules) mode() {
	mode, at := c.tradingMode(), "TradingMode"
	wanted, port := cmp.Or(c.place.Mode, mode), c.place.Port
	if port == 0 {
		port, at = c.file.Port("OverrideTwsApiPort"), "OverrideTwsApiPort"
	}
	custom := DefaultAPIPorts[port]
	switch {
	case strings.Trim(c.file.Value("TradingMode"), javaTrimSet) == "":
		write := "" // which of the two is the user's to say
		if c.place.Mode != "" {
			write = line("TradingMode", wanted)
		}
		c.addForKey("TradingMode", Warning, write, "it is not set, and IBC then logs in to the live account unless it is told otherwise at its start; put in live or paper")
	case mode != "live" && mode != "paper": // said already
	case mode != wanted:
		c.addForKey("TradingMode", Error, line("TradingMode", wanted), "it is %s, but Gatelight starts IBC with mode = %q", mode, wanted)
	case custom != "" && custom != mode && mode == "live":
		c.addForKey(at, Error, "", "TradingMode is live, but port %d is the paper account's by custom: what is meant for paper would trade with real money; use another port, or paper", port)
	case custom != "" && custom != mode:
		c.addForKey(at, Warning, "", "TradingMode is paper, but port %d is the live account's by custom", port)
	}
}

// port finds an API port that nobody would look at.
func (c rules) port() {
	port := c.place.Port
	if api := c.file.Port("OverrideTwsApiPort"); api != 0 && port != 0 && api != port {
		c.addForKey("OverrideTwsApiPort", Error, line("OverrideTwsApiPort", port), "the Gateway would listen on another port than %d, which Gatelight watches", port)
	}
}

// readOnly looks at whether programs can order.
func (c rules) readOnly() {
	if strings.Trim(c.file.Value("ReadOnlyApi"), javaTrimSet) == "" {
		c.addForKey("ReadOnlyApi", Warning, "ReadOnlyApi=yes", "it is not set, so that whether API programs can place orders depends on what was clicked last")
	}
	if c.yes("ReadOnlyLogin") && !c.place.TWS {
		c.addForKey("ReadOnlyLogin", Error, "ReadOnlyLogin=no", "the Gateway has no login without the second factor: IBC logs an error and logs in as usual, and programs can order as far as ReadOnlyApi lets them")
	}
}

// commandServer checks the port through which the Gateway is stopped, and is
// restarted without a login.
func (c rules) commandServer() {
	port := c.file.Port("CommandServerPort")
	if port == 0 {
		if e, _ := c.file.last("CommandServerPort"); e.Value == "" || isPort(e.Value) { // else said already
			c.addForKey("CommandServerPort", Warning, line("CommandServerPort", c.place.FreePort()), "the command server is off, so that the Gateway cannot be restarted without a new login")
		}
		return
	}
	if DefaultAPIPorts[port] != "" || port == c.place.Port || port == c.file.Port("OverrideTwsApiPort") {
		c.addForKey("CommandServerPort", Error, line("CommandServerPort", c.place.FreePort()), "it is an API port")
	}
	for _, name := range slices.Sorted(maps.Keys(c.place.CommandPorts)) {
		if c.place.CommandPorts[name] == port {
			c.addForKey("CommandServerPort", Error, line("CommandServerPort", c.place.FreePort()), "it is the command port of Gateway %q, too: only one of the two would get it, and a command for the other would go there", name)
		}
	}
	c.bindAddress()
}

// bindAddress looks at where the command server listens.
func (c rules) bindAddress() {
	const key, home = "BindAddress", "BindAddress=127.0.0.1"
	if c.said(key) {
		return
	}
	address, ok := javaAddress(c.get(key))
	switch {
	case c.get(key) == "" || address.IsUnspecified():
		c.addForKey(key, Warning, home, "the command server listens on all addresses of this machine")
	case address.Is4() && address.IsLoopback():
	case !ok:
		c.addForKey(key, Error, "", "it must be one address or host name; IBC cannot open its command server there, so that the Gateway cannot be restarted without a new login")
	case !address.IsValid():
		c.addForKey(key, Warning, home, "commands are sent to 127.0.0.1, where the command server listens only if this host name stands for it")
	default:
		c.addForKey(key, Warning, home, "the command server does not listen on 127.0.0.1, where commands are sent to")
	}
}

// controlFrom finds addresses that no client can have: IBC compares what stands
// between two commas letter by letter (CommandServer.java).
func (c rules) controlFrom() {
	const key = "ControlFrom"
	if c.said(key) || c.get(key) == "" {
		return
	}
	severity := Error
	if c.file.Port("CommandServerPort") == 0 {
		severity = Warning // it is not used
	}
	parts := strings.Split(c.get(key), ",")
	switch {
	case slices.ContainsFunc(parts, func(p string) bool { return strings.ContainsAny(p, "*?/") }):
		c.addForKey(key, severity, "", "IBC compares each of these letter by letter, and knows no wildcards and no ranges: nobody is let in by such a one; write each address, or a host name")
	case slices.ContainsFunc(parts, func(p string) bool { return p != strings.Trim(p, javaTrimSet) }):
		write := ""
		for i := range parts {
			parts[i] = strings.Trim(parts[i], javaTrimSet)
		}
		if s, _ := known(key); s.shows(strings.Join(parts, ",")) {
			write = key + "=" + strings.Join(parts, ",")
		}
		c.addForKey(key, severity, write, "IBC takes the white space between the addresses for a part of them, and lets nobody in by such a one; put commas alone between them")
	}
}

// folder looks at IbDir, where the Gateway would keep its settings.
func (c rules) folder() {
	const key = "IbDir"
	dir := c.get(key)
	if dir == "" || c.said(key) || c.file.Broken > 0 {
		return
	}
	switch {
	case dir == "~" || strings.HasPrefix(dir, "~/") || strings.HasPrefix(dir, `~\`):
		c.addForKey(key, Error, "", "Java knows no ~, and makes a folder of that name; write the whole path, or leave it empty")
	case c.place.SettingsPath != "" && filepath.Clean(dir) == filepath.Clean(c.place.SettingsPath):
	default:
		c.addForKey(key, Warning, "", "the Gateway keeps its settings there, but IBC's script looks in the folder that it is given at the start: unless both are the same, a restart needs a new login; leave it empty, and set tws_settings_path under [gateway.ibc] in Gatelight's settings")
	}
}

// twoFactor finds settings of the second factor that contradict each other, or
// leave a missed approval to somebody who clicks.
func (c rules) twoFactor() {
	const relogin, exit = "ReloginAfterSecondFactorAuthenticationTimeout", "ExitAfterSecondFactorAuthenticationTimeout"
	again, old := c.file.Value(relogin), c.file.Value(exit)
	permitted := c.yes(relogin) || again == "" && c.yes(exit)
	switch {
	case old == "" || !oneOf(strings.EqualFold, "yes", "no", "true", "false")(old): // said already
	case again == "":
		c.addForKey(exit, Hint, line(relogin, map[bool]string{true: "yes", false: "no"}[permitted]), "IBC has another name for it since 3.14, and will forget this one")
	case c.yes(exit) && !c.yes(relogin): // no is what IBC's template has there
		c.addForKey(exit, Warning, exit+"=", "it contradicts %s, and IBC goes by that", relogin)
	}
	if s, _ := known(relogin); permitted || again != "" && !s.kind.ok(again) {
		return
	}
	if c.place.TwoFactorTimeout == "restart" {
		c.addForKey(relogin, Warning, relogin+"=yes", `the settings say two_factor_timeout = "restart", but IBC gives up after one missed approval without this`)
	} else if cmp.Or(c.place.Mode, c.tradingMode()) == "live" {
		c.addForKey(relogin, Warning, relogin+"=yes", "after one missed approval of the second factor IBC does not ask again, and the login stands there until somebody comes; no is IBC's default")
	}
}

// dialogs finds those that would stand there until somebody clicks.
func (c rules) dialogs() {
	if strings.EqualFold(c.get("AcceptIncomingConnectionAction"), "manual") {
		c.addForKey("AcceptIncomingConnectionAction", Warning, "AcceptIncomingConnectionAction=accept", "a dialog asks somebody about new API connections, and they wait for the answer; reject is the careful other choice")
	}
	paper := strings.EqualFold(cmp.Or(c.place.Mode, c.get("TradingMode")), "paper")
	if paper && !c.yes("AcceptNonBrokerageAccountWarning") {
		c.addForKey("AcceptNonBrokerageAccountWarning", Warning, "AcceptNonBrokerageAccountWarning=yes", "after a login to a paper account the API stays shut until somebody clicks a warning away")
	}
	if strings.EqualFold(c.get("ExistingSessionDetectedAction"), "manual") {
		c.addForKey("ExistingSessionDetectedAction", Warning, "ExistingSessionDetectedAction=primary", "when the user is logged in elsewhere, too, the Gateway waits for somebody to choose")
	}
}

// restarts looks at the daily restart.
func (c rules) restarts() {
	logoff, restart := c.get("AutoLogoffTime"), c.get("AutoRestartTime")
	switch {
	case logoff != "" && restart != "":
		if clock12.ok(logoff) { // else said already
			c.addForKey("AutoLogoffTime", Warning, "AutoLogoffTime=", "IBC ignores it, since AutoRestartTime is set")
		}
	case logoff == "" && restart == "":
		c.addForKey("AutoRestartTime", Hint, "AutoRestartTime=11:45 PM", "it is not set, so that a restart through the command server makes its own minute the daily restart time")
	}
	for _, name := range slices.Sorted(maps.Keys(c.place.RestartTimes)) {
		if apart, ok := minutesApart(restart, c.place.RestartTimes[name]); ok && apart < leastApart {
			c.addForKey("AutoRestartTime", Error, "", "Gateway %q restarts within %d minutes of it, and keeps its settings in the same folder: IBC then finds the marks of both restarts, deletes them, and each needs a new login; set times further apart, or give each a tws_settings_path of its own", name, leastApart)
		}
	}
}

// leastApart is how many minutes two Gateways with one settings folder should
// leave between their restarts. A restart takes less than one; IBC's script
// (ibcstart.sh 3.24.1) keeps only a lone mark of one.
const leastApart = 5

// minutesApart is the distance of two times as AutoRestartTime has them.
func minutesApart(a, b string) (minutes int, ok bool) {
	if !clock12.ok(a) || !clock12.ok(b) {
		return 0, false
	}
	hourA, minuteA, okA := clock(a)
	hourB, minuteB, okB := clock(b)
	d := (hourA*60 + minuteA) - (hourB*60 + minuteB)
	if d < 0 {
		d = -d
	}
	return min(d, 24*60-d), okA && okB
}
