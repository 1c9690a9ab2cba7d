package config

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf16"
)

// wantFile asserts all that is said about a file, and a part of the first
// reason.
func wantFile(t *testing.T, text string, place Place, want []string, reason string) {
	t.Helper()
	found := Check([]byte(text), place)
	var got []string
	said := ""
	for _, f := range found {
		got = append(got, summary(f))
		said += f.Reason + f.Write + f.Key + "\n"
	}
	if !slices.Equal(got, want) || !strings.Contains(said, reason) || strings.Contains(said, canary) {
		t.Errorf("%.60q: got\n\t%q\n%s\nwant\n\t%q, %q", text, got, said, want, reason)
	}
}

func utf16File(text, mark string, bigEndian bool) string {
	b := []byte(mark)
	for _, u := range utf16.Encode([]rune(text)) {
		if bigEndian {
			b = append(b, byte(u>>8), byte(u))
		} else {
			b = append(b, byte(u), byte(u>>8))
		}
	}
	return string(b)
}

func TestAnEncodingThatIBCCannotReadIsSaid(t *testing.T) {
	for _, text := range []string{
		utf16File(validConfig, "\xff\xfe", false), utf16File(validConfig, "\xfe\xff", true), utf16File(validConfig, "", false),
		utf16File(strings.ReplaceAll(validConfig, "\n", "\r\n"), "\xff\xfe", false), utf16File("", "\xff\xfe", false),
	} {
		wantFile(t, text, testPlace, []string{"1 error : "}, "UTF-16")
	}
	const mark = "\ufeff"
	wantFile(t, mark+validConfig, testPlace, []string{"1 error IbLoginId: "}, "so IbLoginId is not set there")
	wantFile(t, mark+"\r\n"+validConfig, testPlace, []string{"1 warning : "}, "nothing is lost")
	wantFile(t, mark+"# mine\n"+validConfig, testPlace, []string{"1 warning : "}, "nothing is lost")
	wantFile(t, mark+"[mine]\n"+validConfig, testPlace, []string{"1 warning : "}, "nothing is lost")
	for _, letters := range []string{"\u00fc", "\u20ac", "\u540d", "na\u00efve", "\xc3\xa4\xc3\xb6"} { // saved as UTF-8
		wantFile(t, strings.Replace(validConfig, "=somebody", "="+letters, 1), testPlace, []string{"1 error IbLoginId: IbLoginId=…"}, "letters saved as UTF-8 come out as others")
	}
	wantFile(t, strings.Replace(validConfig, "="+canary, "=\x80"+canary, 1), testPlace, []string{"2 error IbPassword: IbPassword=…"}, "as Windows puts into it")
	wantFile(t, validConfig+"IbDir=/srv/\x93Jts\x94\n", testPlace, []string{"11 error IbDir: IbDir=…"}, "as Windows puts into it")
	wantFile(t, strings.Replace(validConfig, "="+canary, "=\xe9\xfc"+canary, 1), testPlace, nil, "") // Latin-1, as IBC reads it
	wantFile(t, strings.Replace(validConfig, "="+canary, `=\u20ac`+canary, 1), testPlace, nil, "")
	wantFile(t, "# \u00fcber alles \x80\n"+validConfig, testPlace, nil, "") // a comment may hold anything
}

func TestAFileThatIsNoConfigIsSaidToBeNone(t *testing.T) {
	const jts = "[IBGateway]\nWriteDebug=false\nTrustedIPs=127.0.0.1\nApiOnly=true\n\n[Logon]\nuseRemoteSettings=false\nLocale=en\n"
	wantFile(t, jts, testPlace, []string{"1 warning : ", "2 warning WriteDebug: ", "3 error TrustedIPs: TrustedTwsApiClientIPs=127.0.0.1", "4 warning ApiOnly: ", "6 warning : ",
		"7 warning useRemoteSettings: ", "8 warning Locale: ", "0 error : "}, "this is the Gateway's jts.ini, and no config.ini of IBC")
	wantFile(t, validConfig+"[Logon]\ns3store=true\n", testPlace, []string{"11 warning : ", "12 warning s3store: ", "0 error : "}, "from line 11 on there are parts of the Gateway's jts.ini")
	for text, what := range map[string]string{
		"[[gateway]]\nport = 4002\nibc.mode = \"live\"\n":           "Gatelight's own settings",
		"#!/bin/sh\nexport TWOFA=" + canary + "\n":                  "a script",
		"<?xml version=\"1.0\"?>\n<plist>" + canary + "</plist>\n":  "an XML or HTML file",
		"{\n  \"password\": \"" + canary + "\"\n}\n":                "a JSON file",
		"[Unit]\nDescription=IBC\n[Service]\nExecStart=/bin/true\n": "a systemd unit",
		"[supervisord]\nnodaemon=true\n":                            "supervisord's configuration",
		"services:\n  ibc:\n    image: x\n":                         "a Compose file",
		"FROM debian:12\nRUN apt-get update\n":                      "a Dockerfile",
		"-----BEGIN PRIVATE KEY-----\n" + canary + "\n":             "a key or certificate",
		"# heap\n-Xmx768m\n-XX:+UseG1GC\n":                          "a file of Java's options",
		"listen_addr = 0.0.0.0\nretries = 3\n":                      "has not one of IBC's settings",
		canary + "\n":                                               "has not one of IBC's settings",
		"Dear all,\nplease find the settings below.\nRegards\n":     "has not one of IBC's settings",
	} {
		wantFile(t, text, testPlace, []string{"0 error : "}, what)
	}
	// What says something of IBC is looked at line by line.
	if found := Check([]byte("User=me7\nPassword="+canary+"\nMode=paper\n"), testPlace); len(found) < 3 || found[0].Write != "IbLoginId=…" {
		t.Errorf("%v", found)
	}
	if found := Check([]byte("# nothing yet\n"), Place{}); Count(found, Error) != 0 || len(found) == 0 {
		t.Errorf("%v", found)
	}
}

// A crash of the machine can leave the right length, and NUL bytes in it.
func TestAFileWithNULBytesIsRefused(t *testing.T) {
	for name, tt := range map[string]struct {
		text string
		line int
	}{
		"full of them":        {strings.Repeat("\x00", 5000), 1},
		"its end is":          {validConfig + strings.Repeat("\x00", 5000), strings.Count(validConfig, "\n") + 1},
		"a block in it is":    {validConfig + strings.Repeat("\x00", 512) + "\nAllowBlindTrading=no\n", strings.Count(validConfig, "\n") + 1},
		"one in a value":      {strings.Replace(validConfig, "TradingMode=", "TradingMode=\x00", 1), 1 + strings.Count(validConfig[:strings.Index(validConfig, "TradingMode=")], "\n")},
		"one at its very end": {validConfig + "\x00", strings.Count(validConfig, "\n") + 1},
	} {
		t.Run(name, func(t *testing.T) {
			wantFile(t, tt.text, testPlace, []string{fmt.Sprint(tt.line, " error : ")}, "NUL byte")
			dir := t.TempDir()
			source := filepath.Join(dir, "source.ini")
			write(t, source, tt.text)
			err := installAnywhere(source, filepath.Join(dir, "config.ini"), installedAt)
			if err == nil || !strings.Contains(err.Error(), "NUL byte") {
				t.Error(err)
			}
			wantFiles(t, dir, map[string]string{"source.ini": tt.text})
		})
	}
}

// IBC does not ask again after a missed approval unless it is told to.
func TestALiveConfigThatWouldStandAtAMissedApprovalIsSaid(t *testing.T) {
	const relogin, exit = "ReloginAfterSecondFactorAuthenticationTimeout", "ExitAfterSecondFactorAuthenticationTimeout"
	live := testPlace
	live.Mode, live.Port = "live", 4001
	for _, tt := range []struct {
		lines string // instead of relogin=yes
		place Place
		want  []string
	}{
		{"", live, []string{"0 warning " + relogin + ": " + relogin + "=yes"}},
		{relogin + "=\n", live, []string{"8 warning " + relogin + ": " + relogin + "=yes"}},
		{relogin + "=no\n", live, []string{"8 warning " + relogin + ": " + relogin + "=yes"}},
		{relogin + "=no\n", Place{}, []string{"8 warning " + relogin + ": " + relogin + "=yes"}}, // live by the file alone
		{exit + "=no\n", live, []string{"8 hint " + exit + ": " + relogin + "=no", "0 warning " + relogin + ": " + relogin + "=yes"}},
		{exit + "=yes\n", live, []string{"8 hint " + exit + ": " + relogin + "=yes"}},
		{relogin + "=${RELOGIN}\n", live, []string{"8 error " + relogin + ": "}},
		{relogin + "=yes\n", live, nil},
	} {
		text := strings.Replace(strings.Replace(validConfig, relogin+"=yes\n", tt.lines, 1), "=paper", "=live", 1)
		wantFile(t, text, tt.place, tt.want, "")
	}
	wantFile(t, strings.Replace(validConfig, relogin+"=yes\n", "", 1), testPlace, nil, "") // paper asks for no approval
}

// Gateways that share a settings folder must not restart at the same time.
func TestRestartsOfTwoGatewaysInOneFolderAreKeptApart(t *testing.T) {
	dir := t.TempDir()
	settings := dir + "/Jts"
	other := func(name, lines string) string {
		write(t, dir+"/"+name, "FIX=no\n"+lines)
		return dir + "/" + name
	}
	for _, tt := range []struct {
		lines, folder string
		apart         bool
	}{
		{"AutoRestartTime=11:45 PM\n", settings, false}, {"AutoRestartTime=11:41 PM\n", settings, false}, {"AutoRestartTime=11:49 PM\n", settings + "/", false},
		{"AutoRestartTime=11:45 PM\nIbDir=" + escaped(settings) + "\n", settings + "/other", false},
		{"AutoRestartTime=11:50 PM\n", settings, true}, {"AutoRestartTime=11:45 AM\n", settings, true}, {"AutoRestartTime=\n", settings, true}, {"AutoRestartTime=soon\n", settings, true},
		{"AutoRestartTime=11:45 PM\n", settings + "/other", true}, {"AutoRestartTime=11:45 PM\nIbDir=" + escaped(dir) + "\n", settings, true},
	} {
		place := testPlace
		place.SettingsPath = settings
		place.Beside("two", other("two.ini", tt.lines), tt.folder)
		place.Beside("gone", dir+"/gone.ini", settings)
		want := []string{"7 error AutoRestartTime: "}
		if tt.apart {
			want = nil
		}
		wantFile(t, validConfig, place, want, "")
		if text := string(New(place)); !tt.apart && (!strings.Contains(text, "AutoRestartTime=11:35 PM\n") || Count(Check([]byte(text), place), Error) > 0) {
			t.Errorf("%q: a new config has\n%s", tt.lines, text)
		}
	}
	if apart, ok := minutesApart("11:58 PM", "12:01 AM"); !ok || apart != 3 {
		t.Errorf("%d, %v", apart, ok)
	}
}

// escaped is a path as Java's properties have it.
func escaped(path string) string { return strings.ReplaceAll(path, `\`, `\\`) }

// A file that is eight times as long takes about eight times as long, whatever is
// in it.
func TestTheTimeOfACheckGrowsWithItsFile(t *testing.T) {
	for _, line := range []string{"IbPassword=" + canary, "IbPassworf=" + canary, "x", "[x]", "ClosedownAt=1:" + strings.Repeat("1", 40), "IbDir=" + strings.Repeat(`\x`, 300),
		"IbPassword=" + strings.Repeat("your-", 300), "=\\", "AutoRestartTime=${" + strings.Repeat("${", 100), "SecondFactorDevice=" + strings.Repeat(" #\"'", 100)} {
		took := func(size int) time.Duration {
			text := []byte(validConfig + strings.Repeat(line+"\n", size/len(line)))
			begun := time.Now()
			Check(text, testPlace)
			return time.Since(begun)
		}
		for try := 1; ; try++ { // a busy machine can make one measurement long
			small, large := took(maxSize/128), took(maxSize/16)
			if large <= 3*time.Second || large <= 30*small {
				break
			}
			if try == 3 {
				t.Errorf("%.30q: %v, and %v for eight times as much", line, small, large)
				break
			}
		}
	}
}
