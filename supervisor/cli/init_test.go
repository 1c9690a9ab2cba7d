package cli

import (
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"gatelight/supervisor/ibc/find"
	"gatelight/supervisor/settings"
)

// homes are made-up machines: what stands on them, by path.
var homes = []struct {
	name, os, home string
	files          map[string]string
	want           settings.IBC
	port           int
	report         string
}{
	{
		name: "linux", os: "linux", home: "/home/trader",
		files: map[string]string{
			"home/trader/ibc-3.24.1/version": "3.24.1\n", "home/trader/ibc-3.24.1/IBC.jar": "", "home/trader/ibc-3.24.1/scripts/ibcstart.sh": "#!/bin/bash",
			"home/trader/ibc-3.24.1/config.ini": "IbLoginId=edemo\nIbPassword=demouser\nTradingMode=live\n",
			"opt/ibc/version":                   "3.18.0", "opt/ibc/IBC.jar": "", "opt/ibc/scripts/ibcstart.sh": "#!/bin/bash",
			"home/trader/Jts/ibgateway/1037/jars/x.jar": "", "home/trader/Jts/ibgateway/1045/jars/x.jar": "", "home/trader/Jts/ibgateway/978/jars/x.jar": "",
			"home/trader/Jts/ibgateway/1045/.install4j/inst_jre.cfg": "/home/trader/.i4j_jres/x/17", "home/trader/.i4j_jres/x/17/bin/java": "",
			"home/trader/ibc/config.ini": "IbLoginId=trader1\nIbPassword=canary-password\nTradingMode=paper\nOverrideTwsApiPort=4022\n",
		},
		want: settings.IBC{Path: "/home/trader/ibc-3.24.1", Config: "/home/trader/ibc/config.ini", TWSPath: "/home/trader/Jts", TWSSettingsPath: "/home/trader/Jts", Mode: "paper"},
		port: 4022,
		report: `Found IBC 3.24.1 in /home/trader/ibc-3.24.1 (3.18.0 in /opt/ibc is left alone)
Found IB Gateway 1045 in /home/trader/Jts/ibgateway/1045 (the newest; also there: 1037, 978)
Found its Java: /home/trader/.i4j_jres/x/17/bin/java
Found IBC's config in /home/trader/ibc/config.ini: paper account, API port 4022
`,
	},
	{
		name: "darwin", os: "darwin", home: "/Users/trader",
		files: map[string]string{
			"opt/ibc/version": "3.24.1\n", "opt/ibc/IBC.jar": "", "opt/ibc/scripts/ibcstart.sh": "#!/bin/bash",
			"Users/trader/Applications/Trader Workstation 10.37/jars/x.jar": "",
			"Users/trader/ibc/config.ini":                                   "IbLoginId=trader1\nIbPassword=canary-password\nTradingMode=live\n",
		},
		want: settings.IBC{Path: "/opt/ibc", Config: "/Users/trader/ibc/config.ini", TWSPath: "/Users/trader/Applications", TWSSettingsPath: "/Users/trader/Jts", Mode: "live"},
		port: 7496,
		report: `Found IBC 3.24.1 in /opt/ibc
Found Trader Workstation 10.37 in /Users/trader/Applications/Trader Workstation 10.37
Found IBC's config in /Users/trader/ibc/config.ini: live account, API port 7496
Missing the Java that comes with Trader Workstation 10.37 is missing (/Users/trader/Applications/Trader Workstation 10.37/.install4j/jre.bundle/Contents/Home/jre/bin/java, /Users/trader/Applications/Trader Workstation 10.37/.install4j/jre.bundle/Contents/Home/bin/java); install Trader Workstation 10.37 again
`,
	},
	{
		name: "windows", os: "windows", home: `C:\Users\trader`,
		files: map[string]string{
			"C:/IBC/version": "3.24.1\r\n", "C:/IBC/IBC.jar": "", "C:/IBC/scripts/StartIBC.bat": "@echo off",
			"C:/Jts/ibgateway/1045/jars/x.jar": "", "C:/Jts/ibgateway/1045/.install4j/inst_jre.cfg": `C:\Jts\jre`, "C:/Jts/jre/bin/java.exe": "",
			"C:/Users/trader/Documents/IBC/config.ini": "IbLoginId=trader1\r\nIbPassword=canary-password\r\nTradingMode=paper\r\n",
		},
		want: settings.IBC{Path: `C:\IBC`, Config: `C:\Users\trader\Documents\IBC\config.ini`, TWSPath: `C:\Jts`, TWSSettingsPath: `C:\Jts`, Mode: "paper"},
		port: 4002,
		report: `Found IBC 3.24.1 in C:\IBC
Found IB Gateway 1045 in C:\Jts\ibgateway\1045
Found its Java: C:\Jts\jre\bin\java.exe
Found IBC's config in C:\Users\trader\Documents\IBC\config.ini: paper account, API port 4002
`,
	},
	{
		name: "nothing", os: "linux", home: "/home/trader",
		want: settings.IBC{Path: "/opt/ibc", Config: "/home/trader/ibc/config.ini", TWSPath: "/home/trader/Jts", TWSSettingsPath: "/home/trader/Jts", Mode: "paper"},
		port: 4002,
		report: `Missing IBC, which logs the Gateway in: download it from https://github.com/IbcAlpha/IBC/releases, then: gatelight ibc install FILE.zip
Missing IB Gateway is not installed in /home/trader/Jts; install its offline edition from IBKR's site (IBC does not work with the one that updates itself), or set tws_path under [gateway.ibc]
Missing IBC's config, with your login: write one with: gatelight config new
`,
	},
}

func TestInitSettingsMeanWhatWasFound(t *testing.T) {
	for _, tt := range homes {
		t.Run(tt.name, func(t *testing.T) {
			files := fstest.MapFS{}
			for path, text := range tt.files {
				files[path] = &fstest.MapFile{Data: []byte(text), Mode: 0o700}
			}
			f := discover(find.Machine{OS: tt.os, Home: tt.home, Getenv: func(string) string { return "" }, Files: files})
			text := f.initialSettings()
			golden, err := os.ReadFile(filepath.Join("testdata", "init-"+tt.name+".toml"))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(golden), text); diff != "" {
				t.Errorf("the settings (-want +got):\n%s", diff)
			}
			have, missing := f.report()
			report := ""
			for _, line := range have {
				report += "Found " + line + "\n"
			}
			for _, line := range missing {
				report += "Missing " + line + "\n"
			}
			if diff := cmp.Diff(tt.report, report); diff != "" {
				t.Errorf("the report (-want +got):\n%s", diff)
			}
			if strings.Contains(text+report, "canary") || strings.Contains(text+report, "trader1") {
				t.Error("the login is in them")
			}

			// They mean what was found, also where every default is another.
			if tt.os != "windows" && runtime.GOOS == "windows" {
				return // ~ is another user's folder there
			}
			t.Setenv("HOME", tt.home)
			file, err := settings.Parse("config.toml", []byte(text))
			if err != nil {
				t.Fatal(err)
			}
			g := file.Gateway[0]
			want := tt.want
			want.Version, want.TwoFactorTimeout = "auto", "exit"
			if diff := cmp.Diff(want, g.IBC); diff != "" || g.Port != tt.port || g.Name != want.Mode || len(file.Gateway) != 1 {
				t.Errorf("they mean %+v\n%s", g, diff)
			}
		})
	}
}

// What init cannot use it says, with what to do, and leaves out of the settings.
func TestInitSaysWhatItCannotUse(t *testing.T) {
	const intel, arm = 62, 183 // e_machine
	program := func(machine byte) string {
		b := make([]byte, 64)
		copy(b, "\x7fELF\x02\x01\x01")
		b[16], b[18], b[20], b[52], b[54], b[58] = 2, machine, 1, 64, 56, 64
		return string(b)
	}
	ibc := func(version string) map[string]string {
		return map[string]string{"opt/ibc/version": version, "opt/ibc/IBC.jar": "", "opt/ibc/scripts/ibcstart.sh": "#!/bin/bash"}
	}
	gateway := map[string]string{"home/trader/Jts/ibgateway/1045/jars/x.jar": "",
		"home/trader/Jts/ibgateway/1045/.install4j/inst_jre.cfg": "/jre", "jre/bin/java": program(intel)}
	for _, tt := range []struct {
		name, arch string
		files      []map[string]string
		want       []string // in the report
		settings   []string // in the settings
	}{
		{"an IBC that is too old", "amd64", []map[string]string{ibc("3.12.0"), gateway},
			[]string{"Missing IBC 3.12.0 in /opt/ibc does not know the login window", "install IBC 3.24.0 or newer"}, []string{"# path = '/opt/ibc'"}},
		{"a little too old", "amd64", []map[string]string{ibc("3.16.2"), gateway}, []string{"Missing IBC 3.16.2 in /opt/ibc"}, []string{"# path = '/opt/ibc'"}},
		{"an IBC that says little", "amd64", []map[string]string{ibc("3.23.0"), gateway},
			[]string{"Found IBC 3.23.0 in /opt/ibc", "Missing IBC 3.23.0 works, but its log does not say why a login fails; install IBC 3.24.0"}, []string{"\npath = '/opt/ibc'"}},
		{"an IBC that needs nothing", "amd64", []map[string]string{ibc("3.24.0"), gateway}, []string{"Found IBC 3.24.0", "Found its Java: /jre/bin/java"}, []string{"# java_path = ''"}},
		{"a Java for another processor", "arm64", []map[string]string{ibc("3.24.1"), gateway},
			[]string{"Missing /jre/bin/java cannot run here: it is for amd64, and this machine is arm64", "set java_path"}, []string{"# java_path = ''"}},
		{"another Java that would do", "arm64", []map[string]string{ibc("3.24.1"), gateway,
			{"usr/lib/jvm/java-17/bin/java": program(arm), "usr/lib/jvm/java-17/release": `JAVA_VERSION="17.0.9"`}},
			[]string{"Found another Java for it, set as java_path: /usr/lib/jvm/java-17/bin/java (/jre/bin/java cannot run here"}, []string{"\njava_path = '/usr/lib/jvm/java-17/bin'"}},
		{"a Gateway by a channel's name", "amd64", []map[string]string{ibc("3.24.1"), {"home/trader/Jts/ibgateway/stable/jars/x.jar": ""}},
			[]string{"Found IB Gateway stable in /home/trader/Jts/ibgateway/stable"}, []string{"# version = 'auto'"}},
		{"an edition that updates itself", "amd64", []map[string]string{ibc("3.24.1"), {"home/trader/Jts/jars/x.jar": ""}},
			[]string{"Missing IB Gateway is not installed in /home/trader/Jts; what is in /home/trader/Jts updates itself"}, nil},
	} {
		files := fstest.MapFS{}
		for _, part := range tt.files {
			for path, text := range part {
				files[path] = &fstest.MapFile{Data: []byte(text), Mode: 0o700}
			}
		}
		f := discover(find.Machine{OS: "linux", Arch: tt.arch, Home: "/home/trader", Getenv: func(string) string { return "" }, Files: files})
		have, missing := f.report()
		report := "Found " + strings.Join(have, "\nFound ") + "\nMissing " + strings.Join(missing, "\nMissing ")
		text := f.initialSettings()
		for _, part := range tt.want {
			if !strings.Contains(report, part) {
				t.Errorf("%s: no %q in\n%s", tt.name, part, report)
			}
		}
		for _, part := range tt.settings {
			if !strings.Contains(text, part) {
				t.Errorf("%s: no %q in\n%s", tt.name, part, text)
			}
		}
	}
}

// Every setting is in it, and what is commented out is the default: uncommented,
// the file means the same.
func TestInitSettingsShowEveryDefault(t *testing.T) {
	t.Setenv("HOME", "/home/trader")
	text, err := os.ReadFile(filepath.Join("testdata", "init-nothing.toml"))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), "\n\n") // the words at its head
	all := strings.ReplaceAll(rest, "\n# ", "\n")
	all = strings.TrimPrefix(all, "# ")
	shown, err := settings.Parse("", []byte(all))
	if err != nil {
		t.Fatalf("%v\n%s", err, all)
	}
	shown.Remote = nil // an example, and no default
	empty, err := settings.Parse("", nil)
	if err != nil {
		t.Fatal(err)
	}
	if runtime.GOOS == "linux" { // the paths are Linux's
		if diff := cmp.Diff(empty, shown); diff != "" {
			t.Errorf("not the defaults (-default +shown):\n%s", diff)
		}
	}
	for _, key := range keys(reflect.TypeFor[settings.File]()) {
		if !strings.Contains("\n"+all, "\n"+key+" = ") {
			t.Errorf("there is no %s", key)
		}
	}
}

// keys are the names of all settings of a type, and of what is in it.
func keys(t reflect.Type) (names []string) {
	for i := range t.NumField() {
		field := t.Field(i)
		inner := field.Type
		for inner.Kind() == reflect.Slice || inner.Kind() == reflect.Pointer {
			inner = inner.Elem()
		}
		if inner.Kind() == reflect.Struct {
			names = append(names, keys(inner)...)
		} else {
			names = append(names, field.Tag.Get("toml"))
		}
	}
	return names
}

func TestInitReplacesSettingsOnlyIfForcedAndKeepsACopy(t *testing.T) {
	path := filepath.Join(t.TempDir(), "new", "config.toml")
	at := time.Date(2026, 11, 25, 8, 0, 0, 0, time.Local)
	text := "[[gateway]]\nname = 'paper'\n"
	if backup, err := (initCommand{}).write(path, text, at); err != nil || backup != "" {
		t.Fatal(backup, err)
	}
	wantFile(t, path, text)
	if info, err := os.Stat(filepath.Dir(path)); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o700 {
		t.Errorf("the folder: %v, %v", info.Mode(), err)
	}
	if _, err := (initCommand{}).write(path, "notify = false\n", at); err == nil || !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), "gatelight init --force") {
		t.Errorf("replaced, or without a word on how: %v", err)
	}
	wantFile(t, path, text)
	backup, err := initCommand{Force: true}.write(path, "notify = false\n", at)
	if err != nil || backup == "" {
		t.Fatal(backup, err)
	}
	wantFile(t, path, "notify = false\n")
	wantFile(t, backup, text)
}

func wantFile(t *testing.T, path, text string) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil || string(b) != text {
		t.Errorf("%s: %q, %v, want %q", path, b, err, text)
	}
	if info, err := os.Stat(path); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("%s: %v, %v", path, info.Mode(), err)
	}
}
