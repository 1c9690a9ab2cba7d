package ibc

import (
	"cmp"
	"fmt"
	"os"
	"runtime"
	"strings"

	"gatelight/supervisor"
	"gatelight/supervisor/ibc/find"
)

// argv is the command line that starts IBC on a machine, and IBC's version. It
// fails when something that IBC needs is not installed.
func (o Options) argv(m find.Machine) (argv []string, version string, err error) {
	installed, err := m.IBC(o.Path)
	if err != nil {
		return nil, "", o.refuse(supervisor.ReasonNotInstalled, "", "%v", err)
	}
	if err := installed.Supported(); err != nil {
		return nil, "", o.refuse(supervisor.ReasonNotInstalled, "", "%v", err)
	}
	if _, err := os.Stat(o.Config); err != nil {
		return nil, "", o.refuse(supervisor.ReasonNotInstalled, "copy yours there, write one with \"gatelight config new\", or set config under [gateway.ibc]",
			"there is no IBC config at %s", o.Config)
	}
	if o.Version == "auto" || o.Version == "" { // IBC itself reports a version that is named and missing
		p, err := m.Program(o.Program, o.TWSPath, "auto")
		if err != nil {
			return nil, "", o.refuse(supervisor.ReasonNotInstalled, "", "%v", err)
		}
		o.Version = p.Version
	}
	if m.OS == "windows" {
		argv, err = batchArgv(o, installed.Script, m.Join(cmp.Or(os.Getenv("SystemRoot"), `C:\Windows`), "System32", "cmd.exe"))
		return argv, installed.Version, err
	}
	if strings.ContainsAny(o.TWSSettingsPath, " \t") {
		return nil, "", fmt.Errorf("IBC's script does not work with a space in the settings path %q; set tws_settings_path under [gateway.ibc] to a folder without one", o.TWSSettingsPath)
	}
	return shellArgv(o, installed.Script), installed.Version, nil
}

// scriptIn is the start script of the IBC in that folder, whether it is there or
// not.
func scriptIn(folder string) string { return find.Script(find.Machine{OS: runtime.GOOS}, folder) }

// shellArgv is what ibcstart.sh takes (its own comments say so). It never has
// --user or --pw: everybody could read them in ps.
func shellArgv(o Options, script string) []string {
	argv := []string{script, o.Version}
	if o.Program != "tws" {
		argv = append(argv, "-g")
	}
	if o.JavaPath != "" {
		argv = append(argv, "--java-path="+o.JavaPath)
	}
	return append(argv,
		"--tws-path="+o.TWSPath,
		"--tws-settings-path="+withoutSlash(o.TWSSettingsPath),
		"--ibc-path="+o.Path,
		"--ibc-ini="+o.Config,
		"--mode="+o.Mode,
		"--on2fatimeout="+o.TwoFactorTimeout,
	)
}

// withoutSlash takes the slashes off the end of a folder. IBC until 3.20 does
// not find the autorestart file below a settings folder with one, so that each
// restart would be a login.
func withoutSlash(folder string) string {
	if trimmed := strings.TrimRight(folder, "/"); trimmed != "" {
		return trimmed
	}
	return folder
}

// batchArgv is what StartIBC.bat takes (its own comments say so). Windows runs
// a batch file through cmd.exe, so cmd.exe is named here. "call" keeps it from
// taking the first and the last quote away, which it does where a quote comes
// first.
func batchArgv(o Options, script, shell string) ([]string, error) {
	folder := func(p string) string { return strings.TrimRight(p, `\/`) }
	argv := []string{shell, "/d", "/e:on", "/v:off", "/c", "call", script, o.Version}
	if o.Program != "tws" {
		argv = append(argv, "/G")
	}
	if o.JavaPath != "" {
		argv = append(argv, "/JavaPath:"+folder(o.JavaPath))
	}
	argv = append(argv,
		"/TwsPath:"+folder(o.TWSPath),
		"/TwsSettingsPath:"+folder(o.TWSSettingsPath),
		"/IbcPath:"+folder(o.Path),
		"/Config:"+o.Config,
		"/Mode:"+o.Mode,
		"/On2FATimeout:"+o.TwoFactorTimeout,
	)
	for _, arg := range argv {
		if bad := strings.IndexFunc(arg, isSpecialToBatch); bad >= 0 || strings.HasSuffix(arg, ":") {
			return nil, fmt.Errorf("IBC's script for Windows cannot be given %q; use folders whose names are made of letters, digits, spaces, dots, - and _ alone, such as C:\\IBC, and name them under [gateway.ibc]", arg)
		}
	}
	return argv, nil
}

// isSpecialToBatch reports the characters that cmd.exe interprets, or
// StartIBC.bat, which uses its arguments without quotes inside of ( ).
func isSpecialToBatch(r rune) bool {
	return r < ' ' || strings.ContainsRune("\"%!^&|<>()\u007f", r)
}

// batchLine is a command line for cmd.exe, which has rules of its own for
// quotes: everything after "call" is in quotes, since a batch file takes = ,
// and ; for spaces. batchArgv has refused what cannot be quoted.
func batchLine(argv []string) string {
	var b strings.Builder
	quoted := false
	for i, arg := range argv {
		if i > 0 {
			b.WriteByte(' ')
		}
		if i == 0 || quoted {
			arg = `"` + arg + `"`
		}
		quoted = quoted || arg == "call"
		b.WriteString(arg)
	}
	return b.String()
}
