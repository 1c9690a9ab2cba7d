package ibc

import (
	"runtime"
	"slices"
	"strings"
	"testing"
)

func TestShellArgv(t *testing.T) {
	o := Options{Program: "gateway", Path: "/opt/ibc", Config: "/home/trader/ibc/config.ini", TWSPath: "/home/trader/Jts", TWSSettingsPath: "/home/trader/My Jts",
		Version: "1045", Mode: "paper", TwoFactorTimeout: "exit"}
	script := "/opt/ibc/scripts/ibcstart.sh"
	options := []string{"--tws-path=/home/trader/Jts", "--tws-settings-path=/home/trader/My Jts", "--ibc-path=/opt/ibc", "--ibc-ini=/home/trader/ibc/config.ini"}
	for _, tt := range []struct {
		name string
		set  func(*Options)
		want []string
	}{
		{"Gateway", func(*Options) {}, slices.Concat([]string{script, "1045", "-g"}, options, []string{"--mode=paper", "--on2fatimeout=exit"})},
		{"TWS", func(o *Options) { o.Program = "tws" }, slices.Concat([]string{script, "1045"}, options, []string{"--mode=paper", "--on2fatimeout=exit"})},
		{"a live one that asks again", func(o *Options) { o.Mode, o.TwoFactorTimeout, o.Version = "live", "restart", "10.37" },
			slices.Concat([]string{script, "10.37", "-g"}, options, []string{"--mode=live", "--on2fatimeout=restart"})},
		{"a Java of its own", func(o *Options) { o.JavaPath = "/opt/jre/bin" },
			slices.Concat([]string{script, "1045", "-g", "--java-path=/opt/jre/bin"}, options, []string{"--mode=paper", "--on2fatimeout=exit"})},
		{"a settings folder with slashes at its end", func(o *Options) { o.TWSSettingsPath += "//" },
			slices.Concat([]string{script, "1045", "-g"}, options, []string{"--mode=paper", "--on2fatimeout=exit"})},
	} {
		set := o
		tt.set(&set)
		if got := shellArgv(set, script); !slices.Equal(got, tt.want) {
			t.Errorf("%s:\n%q, want\n%q", tt.name, got, tt.want)
		}
	}
}

// windowsOptions are a usual installation there.
func windowsOptions() Options {
	return Options{Program: "gateway", Path: `C:\IBC`, Config: `C:\Users\My Self\Documents\IBC\config.ini`, TWSPath: `C:\Jts`, TWSSettingsPath: `C:\Jts\`,
		Version: "1045", Mode: "paper", TwoFactorTimeout: "exit"}
}

const (
	windowsScript = `C:\IBC\scripts\StartIBC.bat`
	windowsShell  = `C:\Windows\System32\cmd.exe`
)

// What Windows is given is one line, and cmd.exe takes it apart by its own
// rules.
func TestBatchLine(t *testing.T) {
	const (
		begin = `"C:\Windows\System32\cmd.exe" /d /e:on /v:off /c call "C:\IBC\scripts\StartIBC.bat" "1045" `
		paths = `"/TwsPath:C:\Jts" "/TwsSettingsPath:C:\Jts" "/IbcPath:C:\IBC" "/Config:C:\Users\My Self\Documents\IBC\config.ini" `
	)
	for _, tt := range []struct {
		name string
		set  func(*Options)
		want string
	}{
		{"Gateway", func(*Options) {}, begin + `"/G" ` + paths + `"/Mode:paper" "/On2FATimeout:exit"`},
		{"TWS", func(o *Options) { o.Program = "tws" }, begin + paths + `"/Mode:paper" "/On2FATimeout:exit"`},
		{"a Java of its own", func(o *Options) { o.JavaPath = `C:\my jre\bin\` },
			begin + `"/G" "/JavaPath:C:\my jre\bin" ` + paths + `"/Mode:paper" "/On2FATimeout:exit"`},
		{"live", func(o *Options) { o.Mode, o.TwoFactorTimeout = "live", "restart" }, begin + `"/G" ` + paths + `"/Mode:live" "/On2FATimeout:restart"`},
		{"what a batch file splits at", func(o *Options) { o.TWSPath = `D:\a=b,c;d` },
			begin + `"/G" ` + strings.Replace(paths, `"/TwsPath:C:\Jts"`, `"/TwsPath:D:\a=b,c;d"`, 1) + `"/Mode:paper" "/On2FATimeout:exit"`},
	} {
		o := windowsOptions()
		tt.set(&o)
		argv, err := batchArgv(o, windowsScript, windowsShell)
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		line := batchLine(argv)
		if line != tt.want {
			t.Errorf("%s:\n%s, want\n%s", tt.name, line, tt.want)
		}
		// The Gateway is identified by its arguments, as Windows takes the line
		// apart.
		if got := split(line); !slices.Equal(got, argv) {
			t.Errorf("%s: taken apart\n%q, want\n%q", tt.name, got, argv)
		}
	}
}

// split takes a line apart as CommandLineToArgvW does, where no quote is
// escaped.
func split(line string) (argv []string) {
	quoted, word := false, ""
	for _, r := range strings.ReplaceAll(line, `\"`, "an escaped quote") + " " {
		switch {
		case r == '"':
			quoted = !quoted
		case r == ' ' && !quoted:
			argv, word = append(argv, word), ""
		default:
			word += string(r)
		}
	}
	return argv
}

// A batch file would run what such a name holds, or stumble over it.
func TestBatchArgvRefusesSpecialCharacters(t *testing.T) {
	for _, bad := range []string{`C:\Program Files (x86)\Jts`, `C:\a&calc`, `C:\%USERNAME%`, `C:\a!b`, `C:\a^b`, `C:\a"b`, `C:\a|b`, `C:\a>b`, "C:\\a\nb", `C:\`} {
		for name, set := range map[string]func(*Options){
			"tws_path":          func(o *Options) { o.TWSPath = bad },
			"tws_settings_path": func(o *Options) { o.TWSSettingsPath = bad },
			"path":              func(o *Options) { o.Path = bad },
			"java_path":         func(o *Options) { o.JavaPath = bad },
		} {
			o := windowsOptions()
			set(&o)
			if argv, err := batchArgv(o, windowsScript, windowsShell); err == nil || !strings.Contains(err.Error(), "name them under [gateway.ibc]") {
				t.Errorf("%s = %q: %q, %v", name, bad, argv, err)
			}
		}
	}
	o := windowsOptions()
	o.Version = "1045 & calc"
	if _, err := batchArgv(o, windowsScript, windowsShell); err == nil {
		t.Error("a version that is a command is passed on")
	}
}

// On this machine, with what is installed on it.
func TestArgvNamesTheVersionAndNoSecret(t *testing.T) {
	versions := []string{"978", "1037", "1045"}
	if runtime.GOOS == "darwin" {
		versions = []string{"9.78", "10.37", "10.45"}
	}
	for _, tt := range []struct{ program, setting, want string }{
		{"gateway", "auto", versions[2]}, {"tws", "auto", versions[2]}, {"gateway", "", versions[2]},
		{"gateway", versions[1], versions[1]},
		{"gateway", "1019", "1019"}, // IBC will tell that it is missing
	} {
		o := fakeInstallation(t, versions...)
		o.Program, o.Version = tt.program, tt.setting
		argv, _, err := o.argv(thisMachine(t))
		if err != nil || !slices.Contains(argv, tt.want) {
			t.Errorf("%s %q: %q, %v, want %s", tt.program, tt.setting, argv, err, tt.want)
		}
		for _, arg := range argv {
			lower := strings.ToLower(arg)
			for _, option := range []string{"--user", "--pw", "--fix", "/user", "/pw", "/fix"} {
				if strings.Contains(arg, canary) || strings.HasPrefix(lower, option) {
					t.Errorf("%q is for everybody to read", arg)
				}
			}
		}
	}
}
