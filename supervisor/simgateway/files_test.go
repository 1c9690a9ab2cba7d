package simgateway

import (
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"

	"gatelight/supervisor/testkit"
)

func TestPropertiesAreReadAsJavaReadsThem(t *testing.T) {
	got := parseProperties(strings.Join([]string{
		"# comment = no", "! neither=this", "", "  Leading = space kept after  ",
		"Twice=first", "Twice=last", "Colon: x", "Blank y", "Empty=", "Alone",
		`Path=C:\\Jts\tx`, `Long=a\`, `   b`, `Uni=\u00e9\ud83d\ude00`, `Key\=with=v`, "CRLF=1\r", `End=x\\`,
	}, "\n"))
	want := properties{
		"Leading": "space kept after  ", "Twice": "last", "Colon": "x", "Blank": "y", "Empty": "", "Alone": "",
		"Path": `C:\Jts` + "\tx", "Long": "ab", "Uni": "é😀", "Key=with": "v", "CRLF": "1", "End": `x\`,
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	if v := got.get("Leading", ""); v != "space kept after" {
		t.Errorf("not trimmed: %q", v)
	}
	if got.getInt("Empty", 7) != 7 || got.getInt("Twice", 7) != 7 || got.getInt("CRLF", 7) != 1 {
		t.Error("numbers do not fall back")
	}
}

func TestSecretsAreMasked(t *testing.T) {
	got := strings.Join(properties{"IbPassword": "x", "ibloginid": "y", "FIXPassword": "", "Port": "1"}.masked(), " ")
	if want := "FIXPassword= IbPassword=*** Port=1 ibloginid=***"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestScenesSurviveTheFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "scenes")
	o := Options{IBC: "3.17.0", ServerVersion: 213, LaunchDelay: time.Second, TwoFactor: Never, LoginResult: LoginFailed,
		APIAddress: "127.0.0.1", EarlyPort: true, RestartDelay: time.Minute, IgnoreStop: true, Account: "DU7", Control: "c"}
	if err := writeScenes(file, o); err != nil {
		t.Fatal(err)
	}
	s, err := readScenes(file)
	want := scenes{IBC: "3.17.0", ServerVersion: 213, LaunchDelay: duration(time.Second), TwoFactor: approval(Never), LoginResult: LoginFailed,
		APIAddress: "127.0.0.1", EarlyPort: true, RestartDelay: duration(time.Minute), IgnoreStop: true, Account: "DU7", Control: "c"}
	if err != nil || s != want {
		t.Errorf("got %+v, %v", s, err)
	}
	if s, err := readScenes(""); err != nil || s.ServerVersion != 187 || s.LoginResult != LoginOK || s.IBC != newestIBC {
		t.Errorf("without a file: %+v, %v", s, err)
	}
}

func TestBadScenesAreErrors(t *testing.T) {
	file := filepath.Join(t.TempDir(), "scenes")
	if _, err := readScenes(file); err == nil {
		t.Error("a missing file passed")
	}
	for _, text := range []string{`{"lunch_delay":"1s"}`, `{"launch_delay":"soon"}`, `{"launch_delay":"-1s"}`, `{"two_factor":"maybe"}`, `{"login_result":"good"}`, `{`} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := readScenes(file); err == nil {
			t.Errorf("%s passed", text)
		}
	}
}

func TestInstallQuotesAndProtects(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("a path there cannot hold a quote")
	}
	dir := filepath.Join(testkit.ShortDir(t), "it's a $HOME")
	l, err := Install(dir, "/opt/o'clock/gate light", Options{LoginID: "canary-id", Password: `canary\pw`, APIPort: 4999, CommandServerPort: 7463})
	if err != nil {
		t.Fatal(err)
	}
	script, err := os.ReadFile(filepath.Join(l.IBCPath, "scripts", "ibcstart.sh"))
	if err != nil || !strings.Contains(string(script), `exec '/opt/o'\''clock/gate light' simgateway launch --scenes '`) {
		t.Errorf("script: %v\n%s", err, script)
	}
	ini, err := os.ReadFile(l.Config)
	if err != nil {
		t.Fatal(err)
	}
	p := parseProperties(string(ini))
	for key, want := range map[string]string{"IbLoginId": "canary-id", "IbPassword": `canary\pw`, "TradingMode": "paper",
		"ReadOnlyApi": "yes", "OverrideTwsApiPort": "4999", "CommandServerPort": "7463", "BindAddress": "127.0.0.1", "AutoRestartTime": "11:45 PM"} {
		if p[key] != want || strings.Count(string(ini), "\n"+key+"=") != 1 {
			t.Errorf("%s is %q, want %q once", key, p[key], want)
		}
	}
	if info, err := os.Stat(l.Config); err != nil || info.Mode().Perm()&0o077 != 0 && filepath.Separator == '/' {
		t.Errorf("config.ini: %v, %v", info.Mode(), err)
	}
}

func TestInstallRefusesALongSocketPath(t *testing.T) {
	if _, err := Install(filepath.Join(t.TempDir(), strings.Repeat("x", 120)), "/x", Options{}); err == nil {
		t.Error("a control socket that cannot be opened passed")
	}
}

func TestLaunchArgumentsAreParsed(t *testing.T) {
	a, err := parseLaunchArgs([]string{"--scenes", "s", "1045", "-g", "--tws-path=/t", "--tws-settings-path=/s//", "--ibc-ini=/i", "--mode=Paper", "--on2fatimeout=exit", "--pw=secret"})
	if err != nil || a.scenes != "s" || a.version != "1045" || a.program != "Gateway" || a.settingsPath != "/s" || a.mode != "Paper" || !a.hasUser {
		t.Errorf("%+v, %v", a, err)
	}
}
