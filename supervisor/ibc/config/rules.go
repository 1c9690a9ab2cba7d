package config

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// login finds what keeps IBC from logging in by itself.
func (c *checker) login() {
	keys, demo := []string{"IbLoginId", "IbPassword"}, map[string]string{"IbLoginId": "edemo", "IbPassword": "demouser"}
	if c.yes("FIX") {
		keys = []string{"FIXLoginId", "FIXPassword"}
	}
	for _, key := range keys {
		switch c.get(key) {
		case "":
			c.addForKey(key, Warning, key+"=…", "it is empty, so that somebody has to type it in at every login")
		case demo[key]:
			c.addForKey(key, Error, key+"=…", "it is still the one of IBC's template; put in your own")
		}
	}
}

// mode compares what the file does with the account and the port of the
// settings.
func (c *checker) mode() {
	mode := strings.ToLower(c.get("TradingMode"))
	wanted, port := cmp.Or(c.place.Mode, mode), c.place.Port
	custom := DefaultAPIPorts[port]
	switch {
	case strings.Trim(c.file.Value("TradingMode"), javaTrimSet) == "":
		c.addForKey("TradingMode", Warning, line("TradingMode", wanted), "it is not set, and IBC then logs in to the live account unless it is told otherwise at its start")
	case mode != "live" && mode != "paper": // said already
	case mode != wanted:
		c.addForKey("TradingMode", Error, line("TradingMode", wanted), "it is %s, but the settings say mode = %q, and IBC is started with that", mode, wanted)
	case custom != "" && custom != mode && mode == "live":
		c.addForKey("TradingMode", Error, "", "it is live, but port %d is the paper account's by custom: what is meant for paper would trade with real money; use another port, or paper", port)
	case custom != "" && custom != mode:
		c.addForKey("TradingMode", Warning, "", "it is paper, but port %d is the live account's by custom", port)
	}
	if api := c.file.Port("OverrideTwsApiPort"); api != 0 && port != 0 && api != port {
		c.addForKey("OverrideTwsApiPort", Error, line("OverrideTwsApiPort", port), "the Gateway would listen on another port than %d, which Gatelight watches", port)
	}
	if strings.Trim(c.file.Value("ReadOnlyApi"), javaTrimSet) == "" {
		c.addForKey("ReadOnlyApi", Warning, "ReadOnlyApi=yes", "it is not set, so that whether API programs can place orders depends on what was clicked last")
	}
}

// commandServer checks the port through which the Gateway is stopped, and is
// restarted without a login.
func (c *checker) commandServer() {
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
	switch address := c.get("BindAddress"); {
	case address == "" || address == "0.0.0.0" || address == "::":
		c.addForKey("BindAddress", Warning, "BindAddress=127.0.0.1", "the command server listens on all addresses of this machine")
	case strings.EqualFold(address, "localhost") || strings.HasPrefix(address, "127."):
	default:
		c.addForKey("BindAddress", Warning, "BindAddress=127.0.0.1", "the command server does not listen on 127.0.0.1, where commands are sent to")
	}
}

// twoFactor finds settings of the second factor that contradict each other.
func (c *checker) twoFactor() {
	const relogin, exit = "ReloginAfterSecondFactorAuthenticationTimeout", "ExitAfterSecondFactorAuthenticationTimeout"
	again, old := c.file.Value(relogin), c.file.Value(exit)
	permitted := c.yes(relogin) || again == "" && c.yes(exit)
	switch {
	case old == "":
	case again == "":
		c.addForKey(exit, Hint, line(relogin, map[bool]string{true: "yes", false: "no"}[permitted]), "IBC has another name for it since 3.14, and will forget this one")
	case c.yes(relogin) != c.yes(exit):
		c.addForKey(exit, Warning, exit+"=", "it contradicts %s, and IBC goes by that", relogin)
	}
	if c.place.TwoFactorTimeout == "restart" && !permitted {
		c.addForKey(relogin, Warning, relogin+"=yes", `the settings say two_factor_timeout = "restart", but IBC gives up after one missed approval without this`)
	}
}

// dialogs finds those that would stand there until somebody clicks.
func (c *checker) dialogs() {
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
func (c *checker) restarts() {
	logoff, restart := c.get("AutoLogoffTime"), c.get("AutoRestartTime")
	switch {
	case logoff != "" && restart != "":
		c.addForKey("AutoLogoffTime", Warning, "AutoLogoffTime=", "IBC ignores it, since AutoRestartTime is set")
	case logoff == "" && restart == "":
		c.addForKey("AutoRestartTime", Hint, "AutoRestartTime=11:45 PM", "it is not set, so that a restart through the command server makes its own minute the daily restart time")
	}
}
