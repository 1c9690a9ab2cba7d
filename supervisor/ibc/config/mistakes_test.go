package config

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// A mistake is a line of a config.ini that says something else to IBC than to
// its author.
type mistake struct {
	line   string   // put in the place of the sound file's line of that key, or behind the others
	want   []string // "severity key: what to write", of findings at that line
	reason string   // a part of the first one's
}

// findMistakes asserts what is said about a line, that nothing else is, and that
// no secret is.
func findMistakes(t *testing.T, place Place, of []mistake) {
	t.Helper()
	for _, m := range of {
		lines := strings.Split(strings.TrimSuffix(validConfig, "\n"), "\n")
		key, _, _ := strings.Cut(m.line, "=")
		at := slices.IndexFunc(lines, func(l string) bool { return strings.HasPrefix(l, key+"=") })
		if at < 0 {
			at = len(lines)
			lines = append(lines, "")
		}
		lines[at] = m.line
		var got []string
		reason := ""
		for _, f := range Check([]byte(strings.Join(lines, "\n")+"\n"), place) {
			if f.Line == at+1 {
				got = append(got, fmt.Sprintf("%s %s: %s", f.Severity, f.Key, f.Write))
			} else {
				got = append(got, "elsewhere: "+summary(f))
			}
			if reason == "" {
				reason = f.Reason
			}
			if said := fmt.Sprint(f); strings.Contains(said, canary) {
				t.Errorf("%q: the secret is in %q", m.line, said)
			}
		}
		if !slices.Equal(got, m.want) || !strings.Contains(reason, m.reason) {
			t.Errorf("%q: got\n\t%q: %s\nwant\n\t%q: %s", m.line, got, reason, m.want, m.reason)
		}
	}
}

// without is for lines with which nothing is wrong.
func without(lines ...string) (m []mistake) {
	for _, l := range lines {
		m = append(m, mistake{line: l})
	}
	return m
}

func TestAPlaceholderIsAnErrorAndGetsNoInventedValue(t *testing.T) {
	const reason = "nobody has filled in this placeholder"
	var all []mistake
	for _, value := range []string{"${IB_PW}", "$IB_PW", "<the password>", "{{ vault.pw }}", "{pw}", "@PW@", "%PW%", "__PW__", "xxxxxx", "XXX", "****", "...",
		"YOUR_PASSWORD", "yourpassword", "your own password", "change-me", "CHANGEME", "put_it_here", "password", "Passwort", "VOTRE_MOT_DE_PASSE", "placeholder", "PASSWORD_HERE", "TODO", "$(cat /run/secrets/pw)"} {
		all = append(all, mistake{"IbPassword=" + value, []string{"error IbPassword: IbPassword=…"}, reason})
	}
	for _, value := range []string{"${MY_LOGIN:-}", "your-username", "username", "ib_user", "xxx-xxx", "<user>", "%(user)s", "REPLACE_ME"} {
		all = append(all, mistake{"IbLoginId=" + value, []string{"error IbLoginId: IbLoginId=…"}, reason})
	}
	for line, key := range map[string]string{"SecondFactorDevice=${DEVICE}": "SecondFactorDevice", "BindAddress=<address>": "BindAddress", "IbDir=${HOME}/Jts": "IbDir", "IbDir=%USERPROFILE%": "IbDir",
		"CommandPrompt=${PROMPT}": "CommandPrompt", "TrustedTwsApiClientIPs={{ ips }}": "TrustedTwsApiClientIPs", "ControlFrom=YOUR_IP": "ControlFrom",
		"ReadOnlyApi=${RO:-no}": "ReadOnlyApi", "CommandServerPort=@PORT@": "CommandServerPort", "TradingMode=<live or paper>": "TradingMode", "ColdRestartTime=${COLD:-06:00}": "ColdRestartTime",
		"ClosedownAt=xxxxx": "ClosedownAt", "AutoRestartTime=$RESTART_TIME": "AutoRestartTime", "BypassBondWarning=${BYPASS:-yes}": "BypassBondWarning"} {
		all = append(all, mistake{line, []string{"error " + key + ": "}, reason})
	}
	all = append(all, mistake{"FIXPassword=${FIX_PW}", []string{"warning FIXPassword: FIXPassword=…"}, reason}) // FIX is off
	findMistakes(t, testPlace, all)
	findMistakes(t, testPlace, without(`IbPassword=\${IB_PW}`, `IbPassword=\<the password>`, "IbPassword=a$b{c}", "IbPassword=x7x7", "IbLoginId=paperuser7", "IbLoginId=yourik42", "CommandPrompt=<ibc>", `CommandPrompt=">"`, "SecondFactorDevice=IB Key"))
}

func TestQuotesAndCommentsAreSaidToBeAPartOfTheValue(t *testing.T) {
	const quotes, comment = "IBC takes the quotes for a part of the value", "IBC takes the comment behind the value for a part of it"
	findMistakes(t, testPlace, []mistake{
		{`IbLoginId="` + canary + `"`, []string{"error IbLoginId: IbLoginId=…"}, quotes},
		{`IbPassword='` + canary + `'`, []string{"error IbPassword: IbPassword=…"}, quotes},
		{"IbPassword=\u201c" + canary + "\u201d", []string{"error IbPassword: IbPassword=…", "error IbPassword: IbPassword=…"}, quotes},
		{`SecondFactorDevice="IB Key"`, []string{"error SecondFactorDevice: SecondFactorDevice=…"}, quotes},
		{`IbDir="/srv/jts"`, []string{"error IbDir: IbDir=/srv/jts"}, quotes},
		{`IbDir="D:\Jts\gw"`, []string{`error IbDir: IbDir=D:\\Jts\\gw`}, quotes},
		{`BindAddress="127.0.0.1"`, []string{"error BindAddress: BindAddress=127.0.0.1"}, quotes},
		{`ControlFrom='10.1.1.7'`, []string{"error ControlFrom: ControlFrom=10.1.1.7"}, quotes},
		{`AutoRestartTime="08:30 PM"`, []string{"error AutoRestartTime: AutoRestartTime=08:30 PM"}, quotes},
		{`ReadOnlyApi='No'`, []string{"error ReadOnlyApi: ReadOnlyApi=No"}, quotes},
		{`ClosedownAt="Saturday 22:15"`, []string{"error ClosedownAt: ClosedownAt=Saturday 22:15"}, quotes},

		{"IbLoginId=" + canary + " # mine", []string{"error IbLoginId: IbLoginId=…"}, comment},
		{"IbPassword=" + canary + "\t#old one", []string{"error IbPassword: IbPassword=…"}, comment},
		{"IbPassword= # put " + canary + " here", []string{"error IbPassword: IbPassword=…"}, comment},
		{"SecondFactorDevice=IB Key  ; phone", []string{"error SecondFactorDevice: SecondFactorDevice=…"}, comment},
		{`IbDir=D:\Jts  # here`, []string{`error IbDir: IbDir=D:\\Jts`}, comment},
		{"BindAddress=127.0.0.1 // here", []string{"error BindAddress: BindAddress=127.0.0.1"}, comment},
		{`BindAddress="127.0.0.1" # here`, []string{"error BindAddress: BindAddress=127.0.0.1"}, comment},
		{"TradingMode=Paper   # or live", []string{"error TradingMode: TradingMode=Paper"}, comment},
		{"CommandServerPort=7462 # IBC", []string{"error CommandServerPort: CommandServerPort=7462"}, comment},
		{"AutoRestartTime=21:10 # each evening", []string{"error AutoRestartTime: AutoRestartTime=09:10 PM"}, comment},
		{"AutoRestartTime=soon # each evening", []string{"error AutoRestartTime: "}, comment},
	})
	findMistakes(t, testPlace, without(`IbPassword=\"`+canary+`\"`, `IbPassword=`+canary+` \#1`, "IbPassword="+canary+"#1", "IbPassword=#1"+canary, `IbPassword="`+canary, "IbPassword=it's", "IbPassword=a;b//c"))
}

// What Java's lenient SimpleDateFormat makes of a time is said, and no more.
func TestATimeIsJudgedByWhatJavaReads(t *testing.T) {
	findMistakes(t, testPlace, []mistake{
		{"ColdRestartTime=06:20 AM", []string{"hint ColdRestartTime: ColdRestartTime=06:20"}, "IBC reads 06:20, and ignores what stands behind it"},
		{"ColdRestartTime=12:40pm", []string{"hint ColdRestartTime: ColdRestartTime=12:40"}, "IBC reads 12:40"},
		{"ColdRestartTime=06:20 # New York", []string{"hint ColdRestartTime: ColdRestartTime=06:20"}, "IBC reads 06:20"},
		{"ColdRestartTime=06:20:30", []string{"warning ColdRestartTime: "}, "IBC reads 06:20"},
		{"ColdRestartTime=06:20 PM", []string{"error ColdRestartTime: ColdRestartTime=18:20"}, "IBC reads 06:20; it must be"},
		{"ColdRestartTime=26:00", []string{"error ColdRestartTime: "}, "IBC reads 02:00"},
		{"ColdRestartTime=12:75", []string{"error ColdRestartTime: "}, "IBC reads 13:15"},
		{"ColdRestartTime=0620", []string{"error ColdRestartTime: "}, "IBC ends when it reads this"},
		{"ColdRestartTime=06.20", []string{"error ColdRestartTime: ColdRestartTime=06:20"}, "IBC ends when it reads this"},
		{"ColdRestartTime=Sunday 06:20", []string{"error ColdRestartTime: "}, "IBC ends when it reads this"},
		{"ClosedownAt=16:30 # the close", []string{"hint ClosedownAt: ClosedownAt=16:30"}, "IBC reads 16:30 every day"},
		{"ClosedownAt=Fri 16:30 # the close", []string{"hint ClosedownAt: ClosedownAt=Fri 16:30"}, "IBC reads Fri 16:30, and"},
		{"ClosedownAt=16:30 Friday", []string{"error ClosedownAt: ClosedownAt=Friday 16:30"}, "IBC reads 16:30 every day"},
		{"ClosedownAt=Friday 04:30 PM", []string{"error ClosedownAt: ClosedownAt=Friday 16:30"}, "IBC reads Friday 04:30"},
		{"ClosedownAt=Friday, 16:30", []string{"error ClosedownAt: ClosedownAt=Friday 16:30"}, "IBC ends when it reads this"},
		{"ClosedownAt=163000 # the close", []string{"error ClosedownAt: "}, "IBC takes the comment behind"},
		{"ClosedownAt=daily 16:30", []string{"error ClosedownAt: "}, "IBC ends when it reads this"},
		{"ClosedownAt=Thurs 16:30", []string{"error ClosedownAt: "}, "IBC ends when it reads this"},
		{"ClosedownAt=Freitag 16:30", []string{"warning ClosedownAt: "}, "in the language of the system"},
		{"ClosedownAt=ven. 16:30", []string{"warning ClosedownAt: "}, "in the language of the system"},
		{"SaveTwsSettingsAt=8:00am 12:15pm", []string{"hint SaveTwsSettingsAt: SaveTwsSettingsAt=08:00 12:15"}, "IBC reads 08:00 12:15"},
		{"SaveTwsSettingsAt=8:00am 5:00pm", []string{"error SaveTwsSettingsAt: SaveTwsSettingsAt=08:00 17:00"}, "IBC reads 08:00 05:00"},
		{"SaveTwsSettingsAt=8:00 AM", []string{"error SaveTwsSettingsAt: "}, "saves nothing by itself"},
		{"SaveTwsSettingsAt=hourly", []string{"error SaveTwsSettingsAt: "}, "saves nothing by itself"},
		{"AutoRestartTime=23:59 PM", []string{"error AutoRestartTime: AutoRestartTime=11:59 PM"}, "the time stays what it was"},
		{"AutoRestartTime=11:45  PM", []string{"error AutoRestartTime: AutoRestartTime=11:45 PM"}, "the time stays what it was"},
	})
	findMistakes(t, testPlace, without("ClosedownAt=friday 9:05", "ClosedownAt=SAT  16:30", "ClosedownAt=7:5", "ColdRestartTime=6:20"))
}

func TestAWrongValueIsSaidToDoWhatItDoes(t *testing.T) {
	findMistakes(t, testPlace, []mistake{
		{"ExistingSessionDetectedAction=first", []string{"error ExistingSessionDetectedAction: "}, "takes anything else for secondary, and gives way"},
		{"ExistingSessionDetectedAction=primary override", []string{"error ExistingSessionDetectedAction: "}, "takes anything else for secondary"},
		{"OverrideTwsMasterClientID=any", []string{"error OverrideTwsMasterClientID: "}, "types anything else into the Gateway's field"},
		{"ConfirmOrderIdReset=ignore", []string{"error ConfirmOrderIdReset: "}, "cannot answer the Gateway's question"},
		{"AcceptIncomingConnectionAction=yes", []string{"error AcceptIncomingConnectionAction: "}, "to somebody who clicks"},
		{"TradingMode=simulated", []string{"error TradingMode: "}, "unless it is started with a mode"},
		{"ReadOnlyLogin=yes", []string{"error ReadOnlyLogin: ReadOnlyLogin=no"}, "the Gateway has no login without the second factor"},
		{"ReadOnlyLogin=TRUE", []string{"error ReadOnlyLogin: ReadOnlyLogin=no"}, "the Gateway has no login without the second factor"},
		{"AutoLogoffTime=${LOGOFF}", []string{"error AutoLogoffTime: "}, "nobody has filled in"},
		{"LogComponents=sometimes", []string{"error LogComponents: "}, "ignore"},
	})
	tws := testPlace
	tws.TWS = true
	findMistakes(t, tws, without("ReadOnlyLogin=yes"))
}

func TestAddressesAreReadInFull(t *testing.T) {
	findMistakes(t, testPlace, []mistake{
		{"BindAddress=127.0.0.1/8", []string{"error BindAddress: "}, "one address or host name"},
		{"BindAddress=127.0.0.1,10.0.0.5", []string{"error BindAddress: "}, "one address or host name"},
		{"BindAddress=127.0.0.256", []string{"error BindAddress: "}, "one address or host name"},
		{"BindAddress=127.0.0.1:7462", []string{"error BindAddress: "}, "one address or host name"},
		{"BindAddress=127.example.org", []string{"warning BindAddress: BindAddress=127.0.0.1"}, "host name"},
		{"BindAddress=0", []string{"warning BindAddress: BindAddress=127.0.0.1"}, "all addresses"},
		{"BindAddress=0:0:0:0:0:0:0:0", []string{"warning BindAddress: BindAddress=127.0.0.1"}, "all addresses"},
		{"BindAddress=[::1]", []string{"warning BindAddress: BindAddress=127.0.0.1"}, "does not listen on 127.0.0.1"},
		{"BindAddress=10.1", []string{"warning BindAddress: BindAddress=127.0.0.1"}, "does not listen on 127.0.0.1"},
		{"ControlFrom=10.1.*", []string{"error ControlFrom: "}, "no wildcards and no ranges"},
		{"ControlFrom=10.1.0.0/16,box", []string{"error ControlFrom: "}, "no wildcards and no ranges"},
		{"ControlFrom=10.1.1.7, 10.1.1.8", []string{"error ControlFrom: ControlFrom=10.1.1.7,10.1.1.8"}, "white space between"},
		{"ControlFrom=10.1.1.7 ,box", []string{"error ControlFrom: "}, "white space between"},
	})
	findMistakes(t, testPlace, without("BindAddress=127.1", "BindAddress=127.3.2.1", "BindAddress=LocalHost", "BindAddress=\\:\\:ffff\\:127.0.0.1", "ControlFrom=10.1.1.7,box,10.1.1.9"))
}

func TestAFolderThatTheGatewayDoesNotUseIsSaid(t *testing.T) {
	place := testPlace
	place.SettingsPath = "/home/me/Jts"
	findMistakes(t, place, []mistake{
		{"IbDir=~/Jts", []string{"error IbDir: "}, "Java knows no ~"},
		{"IbDir=~", []string{"error IbDir: "}, "Java knows no ~"},
		{"IbDir=/srv/logs", []string{"warning IbDir: "}, "a restart needs a new login"},
		{"IbDir=/home/me/jts", []string{"warning IbDir: "}, "a restart needs a new login"},
		{`IbDir=D:\Jts`, []string{`error IbDir: IbDir=D:\\Jts`}, "single backslash"},
	})
	findMistakes(t, place, without("IbDir=/home/me/Jts/", "IbDir="))
}

func TestAKeyOfAnotherProgramLeadsToIBCs(t *testing.T) {
	findMistakes(t, testPlace, []mistake{
		{"ForceTwsApiPort=4002", []string{"error ForceTwsApiPort: OverrideTwsApiPort=4002"}, "IBC calls it OverrideTwsApiPort now"},
		{"ForceTwsApiPort=", []string{"hint ForceTwsApiPort: "}, "take it out"},
		{"IbControlFrom=10.1.1.7", []string{"error IbControlFrom: ControlFrom=10.1.1.7"}, "IBC calls it ControlFrom now"},
		{"IbControllerPort=7462", []string{"warning IbControllerPort: "}, "line 5 says the same"},
		{"IbControllerPort=7470", []string{"error IbControllerPort: "}, "what counts is line 5"},
		{"LogToConsole=yes", []string{"warning LogToConsole: "}, "IBC has no such setting any more"},
		{"FIXPasswordEncrypted=no", []string{"warning FIXPasswordEncrypted: "}, "IBC has no such setting any more"},
		{"ApiPort=4002", []string{"error ApiPort: OverrideTwsApiPort=4002"}, "IBC calls it OverrideTwsApiPort"},
		{"TWS_PORT=4002", []string{"error TwsPort: OverrideTwsApiPort=4002"}, "IBC calls it OverrideTwsApiPort"},
		{"TrustedIPs=10.1.1.7", []string{"error TrustedIPs: TrustedTwsApiClientIPs=10.1.1.7"}, "jts.ini"},
		{"LocalServerPort=${PORT}", []string{"error LocalServerPort: "}, "jts.ini"},
		{"ApiOnly=true", []string{"warning ApiOnly: "}, "jts.ini"},
		{"IbUsername=" + canary, []string{"error IbUsername: IbLoginId=…"}, "prints its value into its log"},
		{"PASSWORD=" + canary, []string{"error Password: IbPassword=…"}, "prints its value into its log"},
		{"Mode=paper", []string{"warning Mode: "}, "line 3 says the same"},
		{"TRADING_MODE=live", []string{"error TradingMode: "}, "what counts is line 3"},
		{"ResetOrderIdsAtOpen=no", []string{"warning ResetOrderIdsAtOpen: "}, "so by default"},
		{"ResetOrderIdsAtOpen=yes", []string{"error ResetOrderIdsAtOpen: ResetOrderIdsAtStart=yes"}, "IBC calls it ResetOrderIdsAtStart"},
		{"TwoFactorTimeoutAction=exit", []string{"error TwoFactorTimeoutAction: "}, "two_factor_timeout under [gateway.ibc]"},
		{"TWS_SETTINGS_PATH=/srv/Jts", []string{"error TwsSettingsPath: "}, "tws_settings_path under [gateway.ibc]"},
		{"JavaPath=/usr/bin", []string{"warning JavaPath: "}, "leave it to IBC's script"},
		{"FixTradingMode=yes", []string{"warning : "}, "knows no setting of this name"},
		{"AutoLogoffAction=restart", []string{"error AutoLogoffAction: "}, "what counts is line 7"},
		{"ReadOnlyAPI=true", []string{"warning ReadOnlyApi: "}, "line 4 says the same"},
		{"EXISTING_SESSION_DETECTED_ACTION=secondary", []string{"error ExistingSessionDetectedAction: "}, "what counts is line 10"},
		{"MinimiseMainWindow=", []string{"hint MinimizeMainWindow: "}, "misspelt"},
	})
	// What a line offers is not said to be missing as well.
	found := Check([]byte(strings.Replace(validConfig, "ReadOnlyApi=yes", "ReadOnlyAPI=false", 1)), testPlace)
	if len(found) != 1 || found[0].Write != "ReadOnlyApi=false" {
		t.Errorf("%v", found)
	}
	found = Check([]byte(strings.Replace(validConfig, "AutoRestartTime=11:45 PM", "DailyRestartTime=23:50", 1)), testPlace)
	if len(found) != 1 || found[0].Write != "AutoRestartTime=11:50 PM" {
		t.Errorf("%v", found)
	}
}

func TestALineThatIsNoSettingIsSaidToBeWhatItIs(t *testing.T) {
	findMistakes(t, testPlace, []mistake{
		{"[Login]", []string{"warning : "}, "IBC's config has no sections"},
		{"[IB Gateway]  # mine", []string{"warning : "}, "IBC's config has no sections"},
		{"the restart is in the evening", []string{"warning : "}, "there is no = in this line"},
		{"root@box$ ls", []string{"warning : "}, "there is no = in this line"},
		{"MyOwnIdea=yes", []string{"warning : "}, "knows no setting of this name"},
		{"Telegram: on", []string{"warning : "}, "knows no setting of this name"},
		{"IbPassword" + canary, []string{"warning : "}, "may be a part of a password"},
	})
	found := Check([]byte(strings.Replace(validConfig, "IbPassword="+canary, "IbPassword=half\n"+canary, 1)), testPlace)
	if len(found) != 1 || !strings.Contains(found[0].Reason, "may be a part of a password") {
		t.Errorf("%v", found)
	}
}

func TestADayIsReadInTheLanguageOfTheSystem(t *testing.T) {
	for locale, want := range map[string]string{"de_AT.UTF-8": "de", "fr": "fr", "sr@latin": "sr", "C.UTF-8": "en", "POSIX": "en", "en_GB": "en", "": ""} {
		env := map[string]string{"LC_CTYPE": locale, "LC_TIME": "it_IT.UTF-8"}
		if got := Language(func(name string) string { return env[name] }); got != want {
			t.Errorf("%q: %q, want %q", locale, got, want)
		}
		env["LANG"], env["LC_ALL"] = "es_ES", "pl_PL"
		if got := Language(func(name string) string { return env[name] }); got != "pl" {
			t.Errorf("%q, want pl", got)
		}
	}
	place := testPlace
	place.Language = "de"
	findMistakes(t, place, []mistake{
		{"ClosedownAt=Friday 22:10", []string{"warning ClosedownAt: "}, `the language here is "de"`},
		{"ClosedownAt=sat 7:10", []string{"warning ClosedownAt: "}, `the language here is "de"`},
		{"ClosedownAt=Samstag 7:10", []string{"warning ClosedownAt: "}, "in the language of the system"},
	})
	findMistakes(t, place, without("ClosedownAt=22:10", "AutoRestartTime=11:40 PM"))
	place.Language = "en"
	findMistakes(t, place, without("ClosedownAt=Friday 22:10"))
}
