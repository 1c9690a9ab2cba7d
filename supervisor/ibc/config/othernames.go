package config

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"gatelight/supervisor/spelling"
)

// An origin is where people have a key from that IBC does not know.
type origin int

const (
	former    origin = iota // an earlier IBC, or IBController
	elsewhere               // another program, or nowhere
	jtsIni                  // the Gateway's own file of settings
	script                  // a variable of IBC's start script
)

// An otherName is what people call a setting that IBC calls something else, or
// does not have.
type otherName struct {
	name   string
	origin origin
	key    string // what IBC calls it; "": there is none
	set    string // what to do instead, where that is not in config.ini
}

const (
	ourTimeout  = "set two_factor_timeout under [gateway.ibc] in Gatelight's settings, with ReloginAfterSecondFactorAuthenticationTimeout here"
	ourSettings = "set tws_settings_path under [gateway.ibc] in Gatelight's settings"
	ourTWSPath  = "set tws_path under [gateway.ibc] in Gatelight's settings"
	ourIBCPath  = "set path under [gateway.ibc] in Gatelight's settings"
	ourConfig   = "set config under [gateway.ibc] in Gatelight's settings"
)

// otherNames are keys of earlier IBCs and of IBController (the history of IBC's
// resources/config.ini), of jts.ini (IBC's JtsIniManager.java and files that the
// Gateway writes), of IBC's start scripts, of container images, and what
// published files have.
var otherNames = []otherName{
	{"ForceTwsApiPort", former, "OverrideTwsApiPort", ""}, {"ForceSocketPort", former, "OverrideTwsApiPort", ""},
	{"OverrideMasterClientID", former, "OverrideTwsMasterClientID", ""}, {"IbControllerPort", former, "CommandServerPort", ""},
	{"IbBindAddress", former, "BindAddress", ""}, {"IbControlFrom", former, "ControlFrom", ""},
	{"IbAutoClosedown", former, "", ""}, {"LogToConsole", former, "", ""}, {"PasswordEncrypted", former, "", ""},
	{"FIXPasswordEncrypted", former, "", ""}, {"AllowConnectionsFromLocalhostOnly", former, "", ""},
	{"TwsDiagnosticsUploadAction", former, "", ""}, {"UploadIBDiagnosticsBundleIfAsked", former, "", ""},

	{"User", elsewhere, "IbLoginId", ""}, {"UserId", elsewhere, "IbLoginId", ""}, {"UserName", elsewhere, "IbLoginId", ""},
	{"Login", elsewhere, "IbLoginId", ""}, {"LoginId", elsewhere, "IbLoginId", ""}, {"IbUser", elsewhere, "IbLoginId", ""},
	{"IbUserId", elsewhere, "IbLoginId", ""}, {"IbUsername", elsewhere, "IbLoginId", ""}, {"IbLogin", elsewhere, "IbLoginId", ""},
	{"IbLoginName", elsewhere, "IbLoginId", ""}, {"IbkrUser", elsewhere, "IbLoginId", ""}, {"IbkrUsername", elsewhere, "IbLoginId", ""},
	{"TWSUSERID", elsewhere, "IbLoginId", ""}, {"TwsUsername", elsewhere, "IbLoginId", ""},
	{"Password", elsewhere, "IbPassword", ""}, {"Pass", elsewhere, "IbPassword", ""}, {"PW", elsewhere, "IbPassword", ""},
	{"IbPass", elsewhere, "IbPassword", ""}, {"IbkrPassword", elsewhere, "IbPassword", ""}, {"TWSPASSWORD", elsewhere, "IbPassword", ""},
	{"FIXUser", elsewhere, "FIXLoginId", ""}, {"FIXUsername", elsewhere, "FIXLoginId", ""},
	{"Mode", elsewhere, "TradingMode", ""}, {"AccountType", elsewhere, "TradingMode", ""}, {"IbTradingMode", elsewhere, "TradingMode", ""},
	{"Port", elsewhere, "OverrideTwsApiPort", ""}, {"ApiPort", elsewhere, "OverrideTwsApiPort", ""}, {"IbPort", elsewhere, "OverrideTwsApiPort", ""},
	{"IbApiPort", elsewhere, "OverrideTwsApiPort", ""}, {"TwsApiPort", elsewhere, "OverrideTwsApiPort", ""}, {"TwsPort", elsewhere, "OverrideTwsApiPort", ""},
	{"GatewayPort", elsewhere, "OverrideTwsApiPort", ""}, {"SocketPort", elsewhere, "OverrideTwsApiPort", ""}, {"PortNumber", elsewhere, "OverrideTwsApiPort", ""},
	{"MasterClientID", elsewhere, "OverrideTwsMasterClientID", ""}, {"TwsMasterClientID", elsewhere, "OverrideTwsMasterClientID", ""},
	{"TrustedTwsIPs", elsewhere, "TrustedTwsApiClientIPs", ""}, {"TrustedApiClientIPs", elsewhere, "TrustedTwsApiClientIPs", ""},
	{"CommandPort", elsewhere, "CommandServerPort", ""}, {"IbcPort", elsewhere, "CommandServerPort", ""}, {"ControllerPort", elsewhere, "CommandServerPort", ""},
	{"AutoRestart", elsewhere, "AutoRestartTime", ""}, {"EnableAutoRestart", elsewhere, "AutoRestartTime", ""}, {"GatewayAutoRestart", elsewhere, "AutoRestartTime", ""},
	{"IbAutoRestartTime", elsewhere, "AutoRestartTime", ""}, {"DailyRestartTime", elsewhere, "AutoRestartTime", ""}, {"RestartTime", elsewhere, "AutoRestartTime", ""},
	{"AutoLogoffAction", elsewhere, "AutoRestartTime", ""}, {"TwsColdRestart", elsewhere, "ColdRestartTime", ""},
	{"CloseAt", elsewhere, "ClosedownAt", ""}, {"ShutdownAt", elsewhere, "ClosedownAt", ""}, {"ShutdownTime", elsewhere, "ClosedownAt", ""},
	{"AcceptIncomingConnection", elsewhere, "AcceptIncomingConnectionAction", ""}, {"AcceptIncomingConnections", elsewhere, "AcceptIncomingConnectionAction", ""},
	{"TwsAcceptIncoming", elsewhere, "AcceptIncomingConnectionAction", ""}, {"AcceptNonBrokerageSessions", elsewhere, "AcceptNonBrokerageAccountWarning", ""},
	{"ExistingSessionAction", elsewhere, "ExistingSessionDetectedAction", ""}, {"ResetOrderIdsAtOpen", elsewhere, "ResetOrderIdsAtStart", ""},
	{"LoginDialogTimeout", elsewhere, "LoginDialogDisplayTimeout", ""}, {"SaveTwsSettings", elsewhere, "SaveTwsSettingsAt", ""},
	{"TwofaDevice", elsewhere, "SecondFactorDevice", ""}, {"TwoFactorDevice", elsewhere, "SecondFactorDevice", ""},
	{"TwofaTimeout", elsewhere, "SecondFactorAuthenticationTimeout", ""}, {"TwofaTimeoutSecs", elsewhere, "SecondFactorAuthenticationTimeout", ""},
	{"TwoFactorTimeout", elsewhere, "SecondFactorAuthenticationTimeout", ""}, {"TwofaExitInterval", elsewhere, "SecondFactorAuthenticationExitInterval", ""},
	{"ReloginAfterTwofaTimeout", elsewhere, "ReloginAfterSecondFactorAuthenticationTimeout", ""}, {"ReadOnly", elsewhere, "ReadOnlyApi", ""},

	{"TrustedIPs", jtsIni, "TrustedTwsApiClientIPs", ""}, {"LocalServerPort", jtsIni, "OverrideTwsApiPort", ""},
	{"ApiOnly", jtsIni, "", ""}, {"WriteDebug", jtsIni, "", ""}, {"UseSSL", jtsIni, "", ""}, {"s3store", jtsIni, "", ""},
	{"Locale", jtsIni, "", ""}, {"displayedproxymsg", jtsIni, "", ""}, {"MainWindow.Height", jtsIni, "", ""}, {"MainWindow.Width", jtsIni, "", ""},
	{"RemoteHostOrderRouting", jtsIni, "", ""}, {"RemotePortOrderRouting", jtsIni, "", ""}, {"Steps", jtsIni, "", ""},
	{"colorPalletName", jtsIni, "", ""}, {"SupportsSSL", jtsIni, "", ""}, {"useRemoteSettings", jtsIni, "", ""}, {"MaxSocketClients", jtsIni, "", ""},

	{"TwoFactorTimeoutAction", script, "", ourTimeout}, {"TwofaTimeoutAction", script, "", ourTimeout},
	{"TwoFactorAuthenticationTimeoutAction", script, "", ourTimeout}, {"SecondFactorAuthenticationTimeoutAction", script, "", ourTimeout},
	{"TwsSettingsPath", script, "", ourSettings}, {"TwsPath", script, "", ourTWSPath}, {"GatewayPath", script, "", ourTWSPath},
	{"TwsMajorVrsn", script, "", "set version under [gateway.ibc] in Gatelight's settings"},
	{"IbcPath", script, "", ourIBCPath}, {"IbcIni", script, "", ourConfig}, {"JavaPath", script, "", "leave it to IBC's script, which finds the Gateway's own Java"},
	{"LogPath", script, "", "leave it to Gatelight, which keeps IBC's log in its state folder"},
}

// otherNameOf finds a name without regard to case and to the signs between words.
func otherNameOf(key string) (otherName, bool) {
	o, ok := otherNameByLetters[letters(key)]
	return o, ok
}

var otherNameByLetters = func() map[string]otherName {
	all := map[string]otherName{}
	for _, o := range otherNames {
		all[letters(o.name)] = o
	}
	return all
}()

var betweenWords = strings.NewReplacer("_", "", "-", "", ".", "")

// letters are what is left of a key for comparing it.
func letters(key string) string {
	if len(key) > 2*longestKey {
		return key
	}
	return strings.ToLower(betweenWords.Replace(key))
}

// spelling finds keys that IBC does not know. One that is in no table is not
// shown: a password that was put onto a line of its own is read as a key.
func (c *checker) spelling(e Entry) {
	if _, ok := known(e.Key); ok {
		return
	}
	if c.isSection(e) {
		c.add(e.First, "", Warning, "", "IBC's config has no sections: this line does nothing, and every setting counts wherever it stands; take the line out")
		return
	}
	if o, ok := otherNameOf(e.Key); ok {
		c.otherName(o, e)
		return
	}
	near := nearest(e.Key)
	if near == "" || !c.plausible(near, e) {
		c.unknown(e)
		return
	}
	reason := "the key is misspelt: IBC ignores the line"
	if strings.EqualFold(near, e.Key) {
		reason = "IBC tells capitals from small letters, and ignores this line"
	}
	c.lost(near, e, near, reason)
}

// plausible reports whether a key is surely a misspelling of that one: by a letter
// or two, or with a value that the key takes.
func (c *checker) plausible(near string, e Entry) bool {
	s, _ := known(near)
	return spelling.Distance(letters(e.Key), letters(near), 3) <= 2 || s.kind.secret || s.kind.expected != "" && s.fitting(e.Value) != ""
}

func (c *checker) otherName(o otherName, e Entry) {
	switch {
	case o.set != "":
		severity := Warning
		if e.Value != "" && (o.set == ourTimeout || o.set == ourSettings) { // the others have a good default
			severity = Error
		}
		c.add(e.First, o.name, severity, "", "IBC reads no such setting here; take the line out, and %s", o.set)
	case o.key == "" && o.origin == jtsIni:
		c.add(e.First, o.name, Warning, "", "this is a setting of the Gateway's jts.ini, and does nothing here; take the line out")
	case o.key == "" && e.Value == "":
		c.add(e.First, o.name, Hint, "", "IBC has no such setting any more; take the line out")
	case o.key == "":
		c.add(e.First, o.name, Warning, "", "IBC has no such setting any more; take the line out")
	case o.origin == former:
		c.lost(o.key, e, o.name, "IBC calls it "+o.key+" now, and ignores this line")
	case o.origin == jtsIni:
		c.lost(o.key, e, o.name, "this is a setting of the Gateway's jts.ini, which IBC calls "+o.key+"; it ignores this line")
	default:
		c.lost(o.key, e, o.name, "IBC calls it "+o.key+", and ignores this line")
	}
}

// lost adds a finding about a line that sets nothing, although the key is meant.
func (c *checker) lost(key string, e Entry, shown, reason string) {
	s, _ := known(key)
	real, _ := c.file.last(key)
	isSet, same := real.Value != "", !s.kind.secret && c.saysTheSame(s, e.Value)
	write, severity := "", Error
	switch {
	case e.Value == "":
		severity, reason = Hint, reason+"; take it out"
	case s.kind.secret:
		write, reason = key+"=…", reason+", and prints its value into its log"
	case same && isSet:
		severity, reason = Warning, fmt.Sprintf("%s; line %d says the same, so take it out", reason, real.First)
	case same:
		severity, reason = Warning, reason+"; what it says is so by default, so take it out"
	case isSet:
		reason = fmt.Sprintf("%s; what counts is line %d", reason, real.First)
	default:
		write = c.proposal(s, e)
	}
	if e.Value != "" {
		c.meant[key] = true
	}
	c.add(e.First, shown, severity, write, "%s", reason)
}

// proposal is the line of a setting with its value as it stands elsewhere, or ""
// where IBC would not take it.
func (c *checker) proposal(s setting, e Entry) string {
	f, _ := flawOf(c.file.rawValue(e))
	switch {
	case f == placeholder || e.First != e.Last:
		return ""
	case s.kind.expected == "" && s.fitting(e.Value) == "":
		return s.key + "=…"
	case s.fitting(e.Value) == "":
		return ""
	}
	return s.key + "=" + s.fitting(e.Value)
}

// fitting is a value as the key takes it, if it can be understood and may be
// seen by everybody; otherwise "".
func (s setting) fitting(value string) string {
	_, rest := flawOf(value)
	switch {
	case s.shows(rest):
		return rest
	case s.kind.suggest != nil:
		return s.kind.suggest(rest)
	}
	return ""
}

// leftAlone are keys without which IBC does nothing, whatever it takes a wrong
// value for.
var leftAlone = []string{"ReadOnlyApi", "SendMarketDataInLotsForUSstocks", "StoreSettingsOnServer"}

// saysTheSame reports whether IBC does what a lost line says in any case.
func (c *checker) saysTheSame(s setting, value string) bool {
	_, value = flawOf(value)
	effective := c.get(s.key)
	switch {
	case s.key == "AutoRestartTime" && effective == "":
		return suggestYesNo(value) == "no"
	case effective == "" || c.file.Value(s.key) == "" && slices.Contains(leftAlone, s.key):
		return false
	case s.key == "CommandServerPort":
		return c.file.Port(s.key) != 0 && strconv.Itoa(c.file.Port(s.key)) == value
	}
	same := s.fitting(value)
	return strings.EqualFold(cmp.Or(same, value), effective) || suggestYesNo(value) != "" && suggestYesNo(value) == suggestYesNo(effective)
}

// isSection reports a line such as [Login].
func (c *checker) isSection(e Entry) bool {
	text := strings.Trim(c.file.lines[e.First-1], blanks)
	if text == "" || text[0] != '[' {
		return false
	}
	if at := commentAt(text); at > 0 {
		text = strings.TrimRight(text[:at], blanks)
	}
	return e.First == e.Last && len(text) > 2 && text[len(text)-1] == ']' && !strings.ContainsAny(text[1:len(text)-1], "[]=")
}

// unknown adds a finding about a line that is nothing.
func (c *checker) unknown(e Entry) {
	raw := strings.Trim(c.file.lines[e.First-1], blanks)
	switch {
	case strings.ContainsAny(raw, "=:"):
		c.add(e.First, "", Warning, "", "IBC knows no setting of this name, and ignores the line; take it out, or look for the name in IBC's user guide")
	case c.behindSecret(e) || strings.HasPrefix(strings.ToLower(e.Key), "ib") && isSecretPrefix(e.Key):
		c.add(e.First, "", Warning, "", "IBC knows no such key; take the line out (it is not shown, since it may be a part of a password)")
	default:
		c.add(e.First, "", Warning, "", "there is no = in this line, and it is no setting of IBC; take it out, or put a # in front of it")
	}
}

// behindSecret reports whether a line follows on one of a secret.
func (c *checker) behindSecret(e Entry) bool {
	return e.First > 1 && c.secretLines[e.First-1]
}

// isSecretPrefix reports a secret's key with something grown onto it.
func isSecretPrefix(key string) bool {
	for _, s := range settings {
		if s.kind.secret && len(key) > len(s.key) && strings.EqualFold(key[:len(s.key)], s.key) {
			return true
		}
	}
	return false
}
