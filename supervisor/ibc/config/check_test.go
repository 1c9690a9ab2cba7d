package config

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// canary stands for every secret: no text from this package may hold it.
const canary = "canary-Zq7"

// validConfig is a config.ini without findings.
const validConfig = `IbLoginId=somebody
IbPassword=` + canary + `
TradingMode=paper
ReadOnlyApi=yes
CommandServerPort=7462
BindAddress=127.0.0.1
AutoRestartTime=11:45 PM
ReloginAfterSecondFactorAuthenticationTimeout=yes
AcceptIncomingConnectionAction=accept
ExistingSessionDetectedAction=primary
`

var testPlace = Place{File: "config.ini", Permissions: 0o600, Port: 4002, Mode: "paper", TwoFactorTimeout: "exit",
	CommandPorts: map[string]int{"live": 7463}}

// summary is a finding without its reason: "line severity key: what to write".
func summary(f Finding) string {
	return fmt.Sprintf("%d %s %s: %s", f.Line, f.Severity, f.Key, f.Write)
}

func TestAValidFileHasNoFindings(t *testing.T) {
	for _, text := range []string{validConfig, strings.ReplaceAll(validConfig, "\n", "\r\n"), "# my notes\n\n" + validConfig + "\n! the end"} {
		if found := Check([]byte(text), testPlace); len(found) > 0 {
			t.Errorf("%q: %v", text, found)
		}
	}
}

// Each case changes the sound file, whose line it replaces or adds, and gives
// all findings and a part of the first one's reason.
func TestCheckFindsErrors(t *testing.T) {
	live := testPlace
	live.Mode, live.Port = "live", 4001
	for _, tt := range []struct {
		name     string
		old, new string // "": added as line 11
		place    func(*Place)
		want     []string
		reason   string
	}{
		{"a misspelt key", "", "ColdRestartTim=13:00", nil, []string{"11 error ColdRestartTime: ColdRestartTime=13:00"}, "misspelt: IBC ignores the line"},
		{"a key in small letters", "ReadOnlyApi=yes", "readonlyapi=yes", nil, []string{"4 error ReadOnlyApi: ReadOnlyApi=yes"}, "tells capitals from small letters"},
		{"a misspelt secret", "IbPassword=", "IbPasword=", nil, []string{"2 error IbPassword: IbPassword=…"}, "prints its value into its log"},
		{"a secret that grew onto its key", "IbPassword=" + canary, "IbPassword" + canary, nil,
			[]string{"2 warning : ", "0 warning IbPassword: IbPassword=…"}, "not shown, since it may be a part of a password"},
		{"a secret on the next line", "IbPassword=" + canary, "IbPassword=\n" + canary, nil,
			[]string{"2 warning IbPassword: IbPassword=…", "3 warning : "}, "somebody has to type it in"},
		{"a key of long ago", "CommandServerPort", "IbControllerPort", nil, []string{"5 error IbControllerPort: CommandServerPort=7462"}, "calls it CommandServerPort now"},
		{"a key that is gone", "", "IbAutoClosedown=no", nil, []string{"11 warning IbAutoClosedown: "}, "take the line out"},
		{"an unknown key", "", "Something=1", nil, []string{"11 warning : "}, "knows no setting of this name"},
		{"no key", "", "=1", nil, []string{"11 warning : "}, "knows no setting of this name"},

		{"twice the same", "", "FIX=no\nFIX=no", nil, []string{"11 warning FIX: "}, "set again in line 12"},
		{"twice something else", "", "CommandServerPort=7464", nil, []string{"5 error CommandServerPort: "}, "set again in line 11, and the last one wins"},
		{"the mode twice", "", "TradingMode=paper", nil, []string{"3 error TradingMode: "}, "set again in line 11"},
		{"the password twice", "", "IbPassword=" + canary + "2", nil, []string{"2 error IbPassword: "}, "set again"},

		{"yes or no", "", "MinimizeMainWindow=maybe", nil, []string{"11 error MinimizeMainWindow: "}, "must be yes or no; IBC takes anything else for its default, no"},
		{"another word for yes", "ReadOnlyApi=yes", "ReadOnlyApi=on", nil, []string{"4 error ReadOnlyApi: ReadOnlyApi=yes"}, "must be yes or no"},
		{"true is yes", "ReadOnlyApi=yes", "ReadOnlyApi=TRUE", nil, nil, ""},
		{"but not in a precaution", "", "BypassBondWarning=true", nil, []string{"11 error BypassBondWarning: BypassBondWarning=yes"}, "IBC ends at anything else, once it is logged in"},
		{"white space behind a yes", "ReadOnlyApi=yes", "ReadOnlyApi=no ", nil, []string{"4 error ReadOnlyApi: ReadOnlyApi=no"}, "white space behind the value, which IBC does not take away here: it takes anything else for its default, yes"},
		{"white space behind a port", "Port=7462", "Port=7462\t", nil, []string{"5 error CommandServerPort: CommandServerPort=7462"}, "it opens no command server then"},
		{"white space behind a text does no harm", "BindAddress=127.0.0.1", "BindAddress=127.0.0.1  ", nil, nil, ""},
		{"a number", "", "LoginDialogDisplayTimeout=1m", nil, []string{"11 error LoginDialogDisplayTimeout: "}, "whole number of seconds; IBC takes anything else for its default, 60"},
		{"no port", "CommandServerPort=7462", "CommandServerPort=74620", nil, []string{"5 error CommandServerPort: "}, "port number"},
		{"a choice", "", "LogStructureWhen=always", nil, []string{"11 error LogStructureWhen: "}, "never, open, openclose or activate"},
		{"a choice with a capital", "=accept", "=Accept", nil, nil, ""},
		{"a choice that must have none", "", "ConfirmCryptoCurrencyOrders=Manual", nil, []string{"11 error ConfirmCryptoCurrencyOrders: ConfirmCryptoCurrencyOrders=manual"}, "must be manual, transmit or cancel"},
		{"an order id reset", "", "ConfirmOrderIdReset=confirm", nil, []string{"11 error ConfirmOrderIdReset: "}, "two of"},

		{"24 hours for 12", "11:45 PM", "23:45", nil, []string{"7 error AutoRestartTime: AutoRestartTime=11:45 PM"}, `a time such as "09:30 AM"`},
		{"one digit", "11:45 PM", "9:30 AM", nil, []string{"7 error AutoRestartTime: AutoRestartTime=09:30 AM"}, ""},
		{"small letters", "11:45 PM", "11:45 pm", nil, []string{"7 warning AutoRestartTime: AutoRestartTime=11:45 PM"}, "as in British English"},
		{"no space", "11:45 PM", "11:45PM", nil, []string{"7 error AutoRestartTime: AutoRestartTime=11:45 PM"}, ""},
		{"a quarter past midnight", "11:45 PM", "00:15 AM", nil, nil, ""},
		{"midnight", "11:45 PM", "00:05", nil, []string{"7 error AutoRestartTime: AutoRestartTime=12:05 AM"}, ""},
		{"no time", "11:45 PM", "never", nil, []string{"7 error AutoRestartTime: "}, "the time stays what it was"},
		{"12 hours for 24", "", "ColdRestartTime=07:05 PM", nil, []string{"11 error ColdRestartTime: ColdRestartTime=19:05"}, "IBC reads 07:05"},
		{"25 o'clock", "", "ColdRestartTime=25:00", nil, []string{"11 error ColdRestartTime: "}, "00:00 to 23:59"},
		{"a cold restart", "", "ColdRestartTime=7:05", nil, nil, ""},
		{"a day and a time", "", "ClosedownAt=Friday 22:00", nil, nil, ""},
		{"with room between them", "", "ClosedownAt=Fri   22:00", nil, nil, ""},
		{"a day elsewhere", "", `ClosedownAt=\u661F\u671F\u516D 12:00`, nil, []string{"11 warning ClosedownAt: "}, "in the language of the system"},
		{"a time and a day", "", "ClosedownAt=22:00 Friday", nil, []string{"11 error ClosedownAt: ClosedownAt=Friday 22:00"}, "a day and a time"},
		{"saving at times", "", "SaveTwsSettingsAt=08:00   12:30 17:30", nil, nil, ""},
		{"saving every so often", "", "SaveTwsSettingsAt=Every 1 hours 08:00 00:00", nil, nil, ""},
		{"saving every day", "", "SaveTwsSettingsAt=Every day", nil, []string{"11 error SaveTwsSettingsAt: "}, "Every 30 mins"},
		{"both a logoff and a restart", "", "AutoLogoffTime=10:00 PM", nil, []string{"11 warning AutoLogoffTime: AutoLogoffTime="}, "ignores it"},
		{"neither", "AutoRestartTime=11:45 PM", "AutoRestartTime=", nil, []string{"7 hint AutoRestartTime: AutoRestartTime=11:45 PM"}, "its own minute the daily restart time"},

		{"live in the file", "=paper", "=live", nil, []string{`3 error TradingMode: TradingMode=paper`}, `Gatelight starts IBC with mode = "paper"`},
		{"paper in the file", "", "", func(p *Place) { *p = live }, []string{"3 error TradingMode: TradingMode=live"}, `it is paper, but Gatelight starts IBC with mode = "live"`},
		{"live on the paper port", "=paper", "=live", func(p *Place) { p.Mode = "live" }, []string{"3 error TradingMode: "}, "real money"},
		{"paper on the live port", "", "", func(p *Place) { p.Port = 4001 }, []string{"3 warning TradingMode: "}, "port 4001 is the live account's by custom"},
		{"live on TWS's paper port", "=paper", "=Live", func(p *Place) { p.Mode, p.Port = "live", 7497 }, []string{"3 error TradingMode: "}, "port 7497"},
		{"live on its own", "=paper", "=live", func(p *Place) { *p = live }, nil, ""},
		{"another port", "", "", func(p *Place) { p.Port = 5000 }, nil, ""},
		{"neither live nor paper", "=paper", "=demo", nil, []string{"3 error TradingMode: "}, "live or paper; IBC ends"},
		{"no mode", "TradingMode=paper\n", "", nil, []string{"0 warning TradingMode: TradingMode=paper"}, "logs in to the live account"},
		{"another API port", "", "OverrideTwsApiPort=4003", nil, []string{"11 error OverrideTwsApiPort: OverrideTwsApiPort=4002"}, "4002, which Gatelight watches"},
		{"ReadOnlyApi left empty", "ReadOnlyApi=yes", "ReadOnlyApi=", nil, []string{"4 warning ReadOnlyApi: ReadOnlyApi=yes"}, "what was clicked last"},

		{"the command server off", "Port=7462", "Port=0", nil, []string{"5 warning CommandServerPort: CommandServerPort=7462"}, "cannot be restarted without a new login"},
		{"or not there", "CommandServerPort=7462\n", "", nil, []string{"0 warning CommandServerPort: CommandServerPort=7462"}, "off"},
		{"on all addresses", "BindAddress=127.0.0.1", "BindAddress=", nil, []string{"6 warning BindAddress: BindAddress=127.0.0.1"}, "all addresses"},
		{"said so", "=127.0.0.1", "=0.0.0.0", nil, []string{"6 warning BindAddress: BindAddress=127.0.0.1"}, "all addresses"},
		{"on IPv6", "=127.0.0.1", "=\\:\\:1", nil, []string{"6 warning BindAddress: BindAddress=127.0.0.1"}, "does not listen on 127.0.0.1"},
		{"on the network", "=127.0.0.1", "=192.168.1.2", nil, []string{"6 warning BindAddress: BindAddress=127.0.0.1"}, "does not listen on 127.0.0.1"},
		{"on the API port", "Port=7462", "Port=4002", nil, []string{"5 error CommandServerPort: CommandServerPort=7462"}, "API port"},
		{"on another one's API port", "Port=7462", "Port=7496", nil, []string{"5 error CommandServerPort: CommandServerPort=7462"}, "API port"},
		{"shared with another Gateway", "Port=7462", "Port=7463", nil, []string{"5 error CommandServerPort: CommandServerPort=7462"}, `Gateway "live", too`},
		{"and the customary one is taken", "", "", func(p *Place) { p.CommandPorts = map[string]int{"live": 7462} }, []string{"5 error CommandServerPort: CommandServerPort=7463"}, "only one of the two would get it"},

		{"the template's no", "", "ExitAfterSecondFactorAuthenticationTimeout=no", nil, nil, ""},
		{"a contradiction", "Timeout=yes", "Timeout=no\nExitAfterSecondFactorAuthenticationTimeout=yes", nil,
			[]string{"9 warning ExitAfterSecondFactorAuthenticationTimeout: ExitAfterSecondFactorAuthenticationTimeout="}, "contradicts Relogin"},
		{"the old name", "ReloginAfter", "ExitAfter", nil,
			[]string{"8 hint ExitAfterSecondFactorAuthenticationTimeout: ReloginAfterSecondFactorAuthenticationTimeout=yes"}, "another name"},
		{"a restart that will not come", "Timeout=yes", "Timeout=no", func(p *Place) { p.TwoFactorTimeout = "restart" },
			[]string{"8 warning ReloginAfterSecondFactorAuthenticationTimeout: ReloginAfterSecondFactorAuthenticationTimeout=yes"}, "one missed approval"},

		{"connections by hand", "=accept", "=manual", nil, []string{"9 warning AcceptIncomingConnectionAction: AcceptIncomingConnectionAction=accept"}, "wait for the answer"},
		{"connections refused", "=accept", "=reject", nil, nil, ""},
		{"the paper warning", "", "AcceptNonBrokerageAccountWarning=no", nil, []string{"11 warning AcceptNonBrokerageAccountWarning: AcceptNonBrokerageAccountWarning=yes"}, "API stays shut"},
		{"is no matter when live", "TradingMode=paper", "TradingMode=live\nAcceptNonBrokerageAccountWarning=no", func(p *Place) { *p = live }, nil, ""},
		{"sessions by hand", "=primary", "=manual", nil, []string{"10 warning ExistingSessionDetectedAction: ExistingSessionDetectedAction=primary"}, "waits for somebody to choose"},
		{"sessions left out", "ExistingSessionDetectedAction=primary\n", "", nil, []string{"0 warning ExistingSessionDetectedAction: ExistingSessionDetectedAction=primary"}, ""},

		{"no password", "=" + canary, "=", nil, []string{"2 warning IbPassword: IbPassword=…"}, "type it in"},
		{"the template's login", "=somebody", "=edemo", nil, []string{"1 error IbLoginId: IbLoginId=…"}, "IBC's template"},
		{"the template's password", "=" + canary, "=demouser ", nil, []string{"2 error IbPassword: IbPassword=…"}, "IBC's template"},
		{"a FIX login", "", "FIX=yes", nil, []string{"0 warning FIXLoginId: FIXLoginId=…", "0 warning FIXPassword: FIXPassword=…"}, ""},
		{"open to others", "", "", func(p *Place) { p.Permissions = 0o640 }, []string{"0 warning : chmod 600 config.ini"}, "other users"},
		{"open to nobody else", "", "", func(p *Place) { p.Permissions = 0o400 }, nil, ""},

		{"a backslash that swallows the password", "IbLoginId=somebody", "IbLoginId=somebody\\", nil,
			[]string{"1 error IbLoginId: IbLoginId=…", "0 warning IbPassword: IbPassword=…"}, "line 2 a part of this value, so that IbPassword is not set there"},
		{"a port that swallows it", "IbPassword=", "CommandPrompt=\\\nIbPassword=", nil,
			[]string{"2 error CommandPrompt: CommandPrompt=…", "0 warning IbPassword: IbPassword=…"}, "IbPassword is not set there"},
		{"a yes that swallows it", "IbPassword=", "FIX=no\\\nIbPassword=", nil,
			[]string{"2 error FIX: FIX=no", "2 error FIX: ", "0 warning IbPassword: IbPassword=…"}, "IbPassword is not set there"},
		{"a password that goes on", "=" + canary, "=" + canary + "\\\n" + canary, nil, []string{"2 warning IbPassword: IbPassword=…"}, "a part of this value"},
		{"a password with a backslash at its end", "=" + canary + "\n", "=" + canary + "\\\n\n", nil, []string{"2 warning IbPassword: IbPassword=…"}, `write \\ where it belongs`},
		{"at the end of the file", "ExistingSessionDetectedAction=primary\n", "ExistingSessionDetectedAction=primary\\", nil,
			[]string{"10 warning ExistingSessionDetectedAction: ExistingSessionDetectedAction=primary"}, "the file ends in a backslash"},
		{"a backslash in a password", "=" + canary, `=a\b` + canary, nil, []string{"2 error IbPassword: IbPassword=…"}, "takes a single backslash away"},
		{"two in a password", "=" + canary, `=a\\b\=` + canary, nil, nil, ""},
		{"a folder", "", `IbDir=C:\Jts\\tws`, nil, []string{`11 error IbDir: IbDir=C:\\Jts\\tws`}, "single backslash"},
		{"a folder with an escape in it", "", `IbDir=C:\users`, nil, []string{"11 error : "}, `\u without four hexadecimal digits`},
		{"a password in UTF-8", "=" + canary, "=\u00fc" + canary, nil, []string{"2 error IbPassword: IbPassword=…"}, "Latin-1"},
		{"a password in Latin-1", "=" + canary, "=\xfc" + canary, nil, nil, ""},
		{"a byte order mark", "IbLoginId", "\ufeffIbLoginId", nil,
			[]string{"1 error IbLoginId: "}, "byte order mark"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			text, place := validConfig+tt.new, testPlace
			if tt.old != "" {
				if text = strings.Replace(validConfig, tt.old, tt.new, 1); text == validConfig {
					t.Fatal("nothing was changed")
				}
			}
			if tt.place != nil {
				tt.place(&place)
			}
			found := Check([]byte(text), place)
			var got []string
			for _, f := range found {
				got = append(got, summary(f))
				if said := fmt.Sprint(f); strings.Contains(said, canary) {
					t.Errorf("the secret is in %q", said)
				}
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("got\n%q, want\n%q", got, tt.want)
			}
			if len(found) > 0 && !strings.Contains(found[0].Reason, tt.reason) {
				t.Errorf("%q does not say %q", found[0].Reason, tt.reason)
			}
		})
	}
}

// What is to be written instead mends what it is written for, and says what the
// line said. Nothing is proposed where that cannot be understood.
func TestTheProposedLineKeepsWhatIsMeant(t *testing.T) {
	good := map[string]string{"yes or no": "no", "a whole number": "7", clock12.expected: "09:30 PM", clock24.expected: "06:40",
		dayAndClock.expected: "Tue 06:40", orderIDReset.expected: "reject/confirm", commandPort.expected: "7499", number.expected: "90", saveTimes.expected: "09:15"}
	for _, s := range settings {
		if s.kind.expected == "" {
			continue
		}
		value := good[s.kind.expected]
		if value == "" { // a choice
			value, _, _ = strings.Cut(s.kind.expected, ",")
			value, _, _ = strings.Cut(value, " ")
		}
		place := testPlace
		place.Port, place.Mode = 0, ""
		for _, as := range []string{"%s", "\"%s\"", "'%s'", "%s # why", "\"%s\"  ; why", "%s // why", "%s\u00a0", canary, "${" + canary + "}", "<" + canary + ">", canary + " # " + canary} {
			text := strings.Replace(validConfig, s.key+"=", "#", 1) + s.key + "=" + strings.Replace(as, "%s", value, 1) + "\n"
			lines, at := strings.Split(text, "\n"), strings.Count(text, "\n")
			for _, f := range Check([]byte(text), place) {
				if f.Key == s.key && f.Line == at && f.Severity != Warning {
					lines[at-1] = f.Write
				}
			}
			want := s.key + "=" + value
			if strings.Contains(as, canary) {
				want = ""
			}
			if lines[at-1] != want {
				t.Errorf("%s: %q is to become %q, want %q", s.key, as, lines[at-1], want)
			}
			for _, f := range Check([]byte(strings.Join(lines, "\n")), place) {
				if f.Key == s.key && f.Severity == Error {
					t.Errorf("%s: %v is left", s.key, f)
				}
			}
		}
	}
}

func TestKeysAreSortedAndSecretsKnown(t *testing.T) {
	for i, s := range settings[1:] {
		if settings[i].key >= s.key {
			t.Errorf("%s stands behind %s", s.key, settings[i].key)
		}
		if len(s.key) > longestKey {
			t.Errorf("%s is %d long", s.key, len(s.key))
		}
	}
	if !isSecret("ibpassword") || isSecret("IbDir") {
		t.Error("secrets are not told")
	}
}
