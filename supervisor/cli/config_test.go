package cli

import (
	"bytes"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"gatelight/supervisor/settings"
	"gatelight/supervisor/testkit"
)

// canary stands for every secret in config.ini: no command may print it.
const canary = "canary-Zq7"

// A userFolder is a user's folder with settings, and what commands print there.
type userFolder struct {
	t   *testing.T
	dir string
	env env
	out bytes.Buffer
}

func newUserFolder(t *testing.T, text string) *userFolder {
	t.Helper()
	d := &userFolder{t: t, dir: t.TempDir()}
	t.Setenv("HOME", d.dir)
	t.Setenv("USERPROFILE", d.dir)
	d.env = env{ctx: t.Context(), stdout: &d.out, stderr: &d.out, paths: settings.Paths{
		Settings: d.path("config.toml"), State: d.path("state"), Runtime: d.path("run"),
	}}
	if text != "" {
		d.write("config.toml", text)
	}
	return d
}

func (d *userFolder) path(name string) string { return filepath.Join(d.dir, filepath.FromSlash(name)) }

func (d *userFolder) write(name, text string) {
	d.t.Helper()
	err := os.MkdirAll(filepath.Dir(d.path(name)), 0o700)
	if err == nil {
		err = os.WriteFile(d.path(name), []byte(text), 0o600)
	}
	if err != nil {
		d.t.Fatal(err)
	}
}

func (d *userFolder) read(name string) string {
	d.t.Helper()
	b, err := os.ReadFile(d.path(name))
	if err != nil {
		d.t.Fatal(err)
	}
	return string(b)
}

// want runs a command and asserts its exit status and all that it prints, in
// which ~ is the user's folder.
func (d *userFolder) want(status int, want string, args ...string) {
	d.t.Helper()
	d.out.Reset()
	got := run(args, d.env)
	out := filepath.ToSlash(strings.ReplaceAll(d.out.String(), d.dir, "~"))
	if got != status || out != want {
		d.t.Errorf("%v exits with %d and prints\n%s\nwant %d and\n%s", args, got, out, status, want)
	}
}

const twoGateways = `
[[gateway]]
ibc.config = "~/paper.ini"
ibc.config_source = "~/mine/paper.ini"

[[gateway]]
ibc.config = "~/live.ini"
ibc.mode = "live"
`

const login = "IbLoginId=somebody\nIbPassword=" + canary + "\n"

// rest is what a sound config.ini has besides a login.
const rest = `TradingMode=paper
ReadOnlyApi=yes
CommandServerPort=7462
BindAddress=127.0.0.1
AutoRestartTime=11:45 PM
AcceptIncomingConnectionAction=accept
ExistingSessionDetectedAction=primary
ReloginAfterSecondFactorAuthenticationTimeout=yes
`

func TestConfigCheckFindsNoMistakeInANewConfigWithALogin(t *testing.T) {
	d := newUserFolder(t, twoGateways)
	d.want(64, "gatelight: several Gateways are set up; say which with --gateway: paper, live\n", "config", "new")
	d.want(64, "gatelight: there is no Gateway \"demo\" in ~/config.toml; there is: paper, live\n", "config", "new", "--gateway", "demo")
	d.want(3, "gatelight: there is no ~/paper.ini; write one with: gatelight config new\n", "config", "check", "--gateway", "paper")
	d.want(0, "Wrote ~/paper.ini. Put your login into it (IbLoginId and IbPassword), then try: gatelight config check\n", "config", "new", "--gateway", "paper")
	d.want(0, "Wrote ~/live.ini. Put your login into it (IbLoginId and IbPassword), then try: gatelight config check\n", "config", "new", "--gateway", "live")
	d.want(1, "gatelight: ~/live.ini is there already, and is not overwritten; write to another file with: gatelight config new FILE\n", "config", "new", "--gateway", "live")
	if text := d.read("live.ini"); !strings.Contains(text, "TradingMode=live\n") || !strings.Contains(text, "CommandServerPort=7463\n") || !strings.Contains(text, "AutoRestartTime=11:35 PM\n") {
		t.Errorf("live.ini is\n%s", text)
	}
	for _, name := range []string{"paper.ini", "live.ini"} {
		text := d.read(name)
		d.write(name, strings.Replace(strings.Replace(text, "IbLoginId=", "IbLoginId=somebody", 1), "IbPassword=", "IbPassword="+canary, 1))
	}
	d.want(0, "~/paper.ini: nothing is wrong with it\n~/live.ini: nothing is wrong with it\n", "config", "check")

	d.write("live.ini", login+strings.NewReplacer("7462", "7462 ", "11:45", "11:35").Replace(rest))
	d.want(1, `~/live.ini:3: error: TradingMode: it is paper, but Gatelight starts IBC with mode = "live"
    TradingMode=live
~/live.ini:5: error: CommandServerPort: there is white space behind the value, which IBC does not take away here: it opens no command server then
    CommandServerPort=7462
~/live.ini: errors: 2, warnings: 0, hints: 0
`, "config", "check", "--gateway", "live")
	d.write("live.ini", login+strings.Replace(rest, "paper", "live", 1))
	d.want(1, `~/paper.ini:65: error: AutoRestartTime: Gateway "live" restarts within 5 minutes of it, and keeps its settings in the same folder: IBC then finds the marks of both restarts, deletes them, and each needs a new login; set times further apart, or give each a tws_settings_path of its own
~/paper.ini:76: error: CommandServerPort: it is the command port of Gateway "live", too: only one of the two would get it, and a command for the other would go there
    CommandServerPort=7463
~/paper.ini: errors: 2, warnings: 0, hints: 0
~/live.ini:5: error: CommandServerPort: it is the command port of Gateway "paper", too: only one of the two would get it, and a command for the other would go there
    CommandServerPort=7463
~/live.ini:7: error: AutoRestartTime: Gateway "paper" restarts within 5 minutes of it, and keeps its settings in the same folder: IBC then finds the marks of both restarts, deletes them, and each needs a new login; set times further apart, or give each a tws_settings_path of its own
~/live.ini: errors: 2, warnings: 0, hints: 0
`, "config", "check")
	d.write("config.toml", twoGateways+"ibc.tws_settings_path = \"~/Jts/live\"\n")
	d.write("live.ini", login+strings.NewReplacer("paper", "live", "7462", "7463").Replace(rest))
	d.want(0, "~/paper.ini: nothing is wrong with it\n~/live.ini: nothing is wrong with it\n", "config", "check")
}

// Where there are no settings, nothing is said to be in them.
func TestConfigCheckWithoutSettingsClaimsNothingOfThem(t *testing.T) {
	d := newUserFolder(t, "")
	for _, text := range []string{"TradingMode=live\nOverrideTwsApiPort=4001\n", "TradingMode=paper\nOverrideTwsApiPort=4010\n", "TradingMode=live\n", "TradingMode=live\nOverrideTwsApiPort=7496\n"} {
		d.write("mine.ini", login+text+strings.Replace(rest, "TradingMode=paper\n", "", 1))
		d.want(0, "~/mine.ini: nothing is wrong with it\n", "config", "check", d.path("mine.ini"))
	}
	d.write("mine.ini", login+"OverrideTwsApiPort=7497\n"+strings.Replace(rest, "paper", "live", 1))
	d.want(1, "~/mine.ini:3: error: OverrideTwsApiPort: TradingMode is live, but port 7497 is the paper account's by custom: what is meant for paper would trade with real money; use another port, or paper\n",
		"config", "check", d.path("mine.ini"))
	d.write("mine.ini", login+strings.Replace(rest, "TradingMode=paper\n", "", 1))
	d.want(0, "~/mine.ini: warning: TradingMode: it is not set, and IBC then logs in to the live account unless it is told otherwise at its start; put in live or paper\n", "config", "check", d.path("mine.ini"))
}

// What would keep a Gateway from its login, or is another file, is not installed.
func TestConfigInstallRefusesASourceWithErrors(t *testing.T) {
	d := newUserFolder(t, twoGateways)
	for text, reason := range map[string]string{
		"IbLoginId=${LOGIN}\nIbPassword=" + canary + "\n" + rest:          "line 1: IbLoginId: nobody has filled in this placeholder: IBC takes it as it stands",
		"IbLoginId=somebody\nIbPassword=\"" + canary + "\"\n" + rest:      "line 2: IbPassword: IBC takes the quotes for a part of the value; write it without them, or with a backslash in front of one that belongs to it",
		"[Logon]\nLocale=en\n[IBGateway]\nApiOnly=true\n":                 "this is the Gateway's jts.ini, and no config.ini of IBC, which reads nothing of it",
		"\xff\xfeI\x00b\x00L\x00o\x00g\x00i\x00n\x00I\x00d\x00=\x00x\x00": "line 1: the file is saved as UTF-16, which Windows calls Unicode, and IBC can read nothing of it; save it as UTF-8 without a byte order mark, or as ANSI",
	} {
		d.write("mine/paper.ini", text)
		d.want(1, "gatelight: config_source ~/mine/paper.ini has errors, and nothing was copied; "+reason+" (gatelight config check --source shows them)\n", "config", "install")
	}
	d.write("mine/paper.ini", login+rest+"[my notes]\nIbAutoClosedown=no\nIbDir=/srv/Jts\n") // warnings
	d.want(0, "Copied ~/mine/paper.ini to ~/paper.ini.\n", "config", "install")
}

// A file need not be the settings' one; it is compared with an only Gateway, or
// with the one that is named.
func TestConfigCheckTakesAFileThatTheSettingsDoNotName(t *testing.T) {
	d := newUserFolder(t, twoGateways)
	d.write("other.ini", login+rest)
	d.want(0, "~/other.ini: nothing is wrong with it\n", "config", "check", d.path("other.ini"))
	d.want(1, `~/other.ini:3: error: TradingMode: it is paper, but Gatelight starts IBC with mode = "live"
    TradingMode=live
`, "config", "check", d.path("other.ini"), "--gateway", "live")
	if runtime.GOOS != "windows" {
		if err := os.Chmod(d.path("other.ini"), 0o644); err != nil {
			t.Fatal(err)
		}
		d.want(0, "~/other.ini: warning: other users may read this file, which holds your password\n    chmod 600 ~/other.ini\n", "config", "check", d.path("other.ini"))
	}
	d.write("config.toml", "prot = 1\n")
	d.want(3, "gatelight: ~/config.toml:1: there is no setting \"prot\"; did you mean port, under [[gateway]]?\n", "config", "check")
}

func TestConfigInstallCopiesWhatDiffHasShown(t *testing.T) {
	d := newUserFolder(t, twoGateways)
	d.want(3, "gatelight: cannot read config_source, which the settings name: there is no ~/mine/paper.ini\n", "config", "diff")
	d.want(3, "gatelight: no config_source is set in ~/config.toml; under [gateway.ibc], write: config_source = \"FOLDER/config.ini\"\n", "config", "diff", "--gateway", "live")
	d.want(1, "gatelight: no config_source is set in ~/config.toml; under [gateway.ibc], write: config_source = \"FOLDER/config.ini\"\n", "config", "install", "--gateway", "live")
	d.write("mine/paper.ini", login+rest)
	d.want(0, "~/mine/paper.ini: nothing is wrong with it\n", "config", "check", "--source")
	d.want(1, `--- ~/paper.ini
+++ ~/mine/paper.ini
@@ -0,0 +1,10 @@
+IbLoginId=***
+IbPassword=***
+TradingMode=paper
+ReadOnlyApi=yes
+CommandServerPort=7462
+BindAddress=127.0.0.1
+AutoRestartTime=11:45 PM
+AcceptIncomingConnectionAction=accept
+ExistingSessionDetectedAction=primary
+ReloginAfterSecondFactorAuthenticationTimeout=yes
`, "config", "diff")
	d.want(0, "Copied ~/mine/paper.ini to ~/paper.ini.\n", "config", "install")
	d.want(0, "~/paper.ini is the same as ~/mine/paper.ini.\n", "config", "diff")
	d.want(0, "~/paper.ini is the same as ~/mine/paper.ini already.\n", "config", "install")
	d.write("paper.ini", strings.ReplaceAll(login+rest, "\n", "\r\n"))
	d.want(1, "~/paper.ini and ~/mine/paper.ini differ in the ends of their lines only.\n", "config", "diff")
	d.write("mine/paper.ini", login+strings.Replace(rest, "ReadOnlyApi=yes", "ReadOnlyApi=perhaps", 1))
	d.want(1, "gatelight: config_source ~/mine/paper.ini has errors, and nothing was copied; line 4: ReadOnlyApi: it must be yes or no; IBC takes anything else for its default, yes (gatelight config check --source shows them)\n", "config", "install")
	d.write("mine/paper.ini", login+strings.Replace(rest, "ReadOnlyApi=yes", "ReadOnlyApi=no", 1))
	d.want(1, "--- ~/paper.ini\n+++ ~/mine/paper.ini\n@@ -4 +4 @@\n-ReadOnlyApi=yes\n+ReadOnlyApi=no\n", "config", "diff")
	d.out.Reset()
	if status := run([]string{"config", "install"}, d.env); status != 0 || !strings.Contains(d.out.String(), ", and kept what was there as "+d.path("paper.ini.")) {
		t.Errorf("%d: %s", status, d.out.String())
	}
}

// Wherever a secret is hidden in config.ini, and whatever is asked about it, it
// is not printed.
func TestNoConfigCommandPrintsASecret(t *testing.T) {
	for _, text := range []string{
		login + rest,
		rest + "IbPassword:" + canary + "\nFIXLoginId " + canary + "\nFIXPassword=" + canary + "\n",
		rest + `IbPass\u0077ord=` + canary + "\nIbPassword=\\\n  " + canary + "\\\n\n",
		rest + "IbPasword=" + canary + "\nibpassword=" + canary + "\nPassword=" + canary + "\nIbPassword" + canary + "\n",
		rest + "IbPassword=\n" + canary + "\n" + canary + "=yes\nFIX" + canary + "\n",
		"CommandServerPort=\\\nIbPassword=" + canary + "\nTradingMode=paper\\\nIbPassword=" + canary + "\n" + login,
		"FIX=no\\\n" + canary + "\nIbDir=\\\n" + canary + "\nBindAddress=" + canary + "\nAutoRestartTime=" + canary + "\n",
		"# the password: " + canary + "\n#IbPassword=" + canary + "\n! " + canary + "\nCommandPrompt=" + canary + "\n",
		"IbPassword=" + canary + `\b\u12` + "\nSecondFactorDevice=" + canary + `\d` + "\nIbLoginId=\u00fc" + canary + "\nIbPassword=" + canary,
		"\ufeffIbPassword=" + canary + "\n" + rest,
		rest + `IbPassword="` + canary + `"` + "\nIbLoginId='" + canary + "' # " + canary + "\nBindAddress=\"" + canary + "\" ; " + canary + "\nIbPassword=${" + canary + "}\n",
		rest + "Password=" + canary + "\nTWS_USERID=" + canary + "\n[" + canary + "]\nTrustedIPs=" + canary + "\nApiPort=" + canary + "\nClosedownAt=16:30 " + canary + "\nColdRestartTime=" + canary + " 16:30\n",
		"[Logon]\nLocale=" + canary + "\n", "{\"" + canary + "\": 1}", "\xff\xfe" + canary,
		canary, canary + "\\", "\x00" + canary + "\x00",
	} {
		d := newUserFolder(t, twoGateways)
		d.write("mine/paper.ini", text)
		d.write("live.ini", strings.ReplaceAll(text, "\n", "\r\n"))
		for _, args := range [][]string{
			{"check"}, {"check", d.path("live.ini")}, {"check", "--source"}, {"diff"}, {"install"}, {"diff"}, {"install"},
			{"new", "--gateway", "live"}, {"new", d.path("mine/paper.ini"), "--gateway", "paper"},
		} {
			run(append([]string{"config"}, args...), d.env)
		}
		d.write("mine/paper.ini", "FIX=no\n")
		d.write("paper.ini", text)
		run([]string{"config", "diff"}, d.env)
		run([]string{"config", "install"}, d.env)
		if strings.Contains(d.out.String(), canary) {
			t.Errorf("%q is printed:\n%s", text, d.out.String())
		}
		if !strings.Contains(d.out.String(), "paper.ini") {
			t.Error("nothing was printed")
		}
	}
}

// archive writes the least that is an IBC release, for this system.
func (d *userFolder) archive(name, version string) {
	d.t.Helper()
	d.write(name, string(testkit.Zip(d.t, map[string]string{
		"version": version, "IBC.jar": "PK", "scripts/ibcstart.sh": "#!/bin/bash\n", "scripts/StartIBC.bat": "rem\r\n",
	})))
}

func TestIBCInstallUnpacksAndPointsTheSettingsAtIt(t *testing.T) {
	d := newUserFolder(t, "")
	d.archive("IBC.zip", "3.24.1")
	d.want(0, "Unpacked IBC 3.24.1 to ~/ibc-3.24.1.\nSet path in ~/config.toml, for paper.\n", "ibc", "install", d.path("IBC.zip"))
	d.want(0, "IBC 3.24.1 is in ~/ibc-3.24.1 already.\nSet path in ~/config.toml, for paper.\n", "ibc", "install", d.path("IBC.zip"))
	f, err := settings.Load(d.path("config.toml"))
	if err != nil || f.Gateway[0].IBC.Path != d.path("ibc-3.24.1") {
		t.Errorf("%+v, %v", f, err)
	}

	d.archive("newer.zip", "3.25.0")
	d.want(0, "Unpacked IBC 3.25.0 to ~/tools/ibc.\nSet path in ~/config.toml, for paper.\n", "ibc", "install", d.path("newer.zip"), "--to", d.path("tools/ibc"))
	d.want(1, "gatelight: cannot read the archive: there is no ~/nowhere.zip\n", "ibc", "install", d.path("nowhere.zip"))
	d.write("config.toml", twoGateways)
	d.want(0, "IBC 3.24.1 is in ~/ibc-3.24.1 already.\nSet path in ~/config.toml, for live.\n", "ibc", "install", d.path("IBC.zip"), "--gateway", "live")
	d.want(0, "IBC 3.25.0 is in ~/tools/ibc already.\nSet path in ~/config.toml, for paper.\n", "ibc", "install", d.path("newer.zip"), "--to", d.path("tools/ibc"))
	d.want(1, "IBC 3.24.1 is in ~/ibc-3.24.1 already.\ngatelight: every Gateway in the settings has a path of its own; say which one to change with --gateway\n", "ibc", "install", d.path("IBC.zip"))

	// A mistake in the settings is reported before anything is unpacked.
	d.archive("third.zip", "3.26.0")
	d.write("config.toml", "prot = 1")
	d.want(1, "gatelight: ~/config.toml:1: there is no setting \"prot\"; did you mean port, under [[gateway]]?\n", "ibc", "install", d.path("third.zip"))
	if _, err := os.Lstat(d.path("ibc-3.26.0")); err == nil {
		t.Error("it was unpacked")
	}
}

// The settings may be a link into a folder of dotfiles, and readable by others.
func TestIBCInstallKeepsTheSettingsLinkAndPermissions(t *testing.T) {
	d := newUserFolder(t, "")
	d.archive("IBC.zip", "3.24.1")
	d.write("dotfiles/gatelight.toml", "# mine\r\n[[gateway]]\r\n")
	testkit.Symlink(t, d.path("dotfiles/gatelight.toml"), d.path("config.toml"))
	if err := os.Chmod(d.path("dotfiles/gatelight.toml"), 0o644); err != nil {
		t.Fatal(err)
	}
	d.want(0, "Unpacked IBC 3.24.1 to ~/ibc-3.24.1.\nSet path in ~/config.toml, for paper.\n", "ibc", "install", d.path("IBC.zip"))
	if text := d.read("dotfiles/gatelight.toml"); !strings.HasPrefix(text, "# mine\r\n[[gateway]]\r\nibc.path = ") {
		t.Errorf("%q", text)
	}
	if info, err := os.Lstat(d.path("config.toml")); err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Errorf("%v, %v", info, err)
	}
	if info, err := os.Stat(d.path("config.toml")); err != nil || info.Mode().Perm() != 0o644 && runtime.GOOS != "windows" {
		t.Errorf("%v, %v", info, err)
	}
}
