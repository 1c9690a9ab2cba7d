package simgateway

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
)

const (
	newestIBC    = "3.24.1"
	ibcVersion   = newestIBC + "-simulated"
	simulatedJar = "simulated.jar"
	// maxSocketPath is what fits into a sockaddr_un on every system (macOS:
	// 104).
	maxSocketPath = 100
)

// A Layout tells where [Install] has put things. The first five are what IBC's
// start script wants to be told.
type Layout struct {
	IBCPath         string
	Config          string // config.ini
	TWSPath         string
	TWSSettingsPath string
	Version         string // of the Gateway: 1045, or 10.45 on macOS
	Control         string // for [Control]
	Scenes          string // see [Layout.SetScenes]
}

// Install writes a complete IBC release and a Gateway below dir, both
// simulated. exe is the program that answers to "simgateway launch".
func Install(dir, exe string, o Options) (Layout, error) {
	l, err := layout(dir, exe, &o)
	if err != nil {
		return Layout{}, fmt.Errorf("cannot install the simulated Gateway: %w", err)
	}
	folder := gatewayFolder(runtime.GOOS, l.TWSPath, l.Version)
	files := []struct {
		path, text string
		mode       os.FileMode
	}{
		{filepath.Join(l.IBCPath, "version"), ibcVersion, 0o600},
		{filepath.Join(l.IBCPath, "IBC.jar"), "simulated\n", 0o600},
		{filepath.Join(l.IBCPath, "scripts", "ibcstart.sh"), startScript(exe, l.Scenes), 0o700},
		{l.Config, o.configIni(), 0o600},
		{filepath.Join(l.TWSSettingsPath, "jts.ini"), jtsIni(), 0o600},
		{filepath.Join(folder, "jars", simulatedJar), "simulated\n", 0o600},
		{filepath.Join(folder, "ibgateway.vmoptions"), "-Xmx768m\n", 0o600},
	}
	if runtime.GOOS == "windows" {
		files = append(files, files[0])
		files[len(files)-1].path = filepath.Join(l.IBCPath, "scripts", "StartIBC.bat")
		files[len(files)-1].text = startBatch(exe, l.Scenes)
	}
	for _, f := range files {
		err := os.MkdirAll(filepath.Dir(f.path), 0o700)
		if err == nil {
			err = os.WriteFile(f.path, []byte(f.text), f.mode)
		}
		if err != nil {
			return Layout{}, fmt.Errorf("cannot install the simulated Gateway: %w", err)
		}
	}
	return l, l.SetScenes(o)
}

func layout(dir, exe string, o *Options) (Layout, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return Layout{}, err
	}
	if !filepath.IsAbs(exe) {
		return Layout{}, fmt.Errorf("executable %q is not an absolute path", exe)
	}
	l := Layout{
		IBCPath: filepath.Join(dir, "ibc"),
		Config:  filepath.Join(dir, "home-ibc", "config.ini"),
		TWSPath: filepath.Join(dir, "Jts"), TWSSettingsPath: filepath.Join(dir, "Jts"), Version: "1045",
		Control: cmp.Or(o.Control, filepath.Join(dir, "control")),
		Scenes:  filepath.Join(dir, "scenes.json"),
	}
	if runtime.GOOS == "darwin" {
		l.TWSPath, l.Version = filepath.Join(dir, "Applications"), "10.45"
	}
	if len(l.Control) > maxSocketPath {
		return Layout{}, fmt.Errorf("control socket %s: a path longer than %d bytes is not portable; choose a shorter one with Options.Control", l.Control, maxSocketPath)
	}
	o.Control = l.Control
	return l, nil
}

// startScript hands its name and its arguments on, quoted, whatever is in the
// paths. The name is on the command line of a real script, too.
func startScript(exe, scenes string) string {
	return fmt.Sprintf("#!/bin/sh\n# IBC, simulated: no connection to IBKR.\nexec %s %s launch --scenes %s --script \"$0\" \"$@\"\n", shellQuote(exe), Command, shellQuote(scenes))
}

func shellQuote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

// startBatch is the same for Windows, whose paths cannot hold a quote.
func startBatch(exe, scenes string) string {
	quote := func(s string) string { return `"` + strings.ReplaceAll(s, "%", "%%") + `"` }
	return fmt.Sprintf("@echo off\r\nrem IBC, simulated: no connection to IBKR.\r\n%s %s launch --scenes %s %%*\r\nexit /b %%ERRORLEVEL%%\r\n", quote(exe), Command, quote(scenes))
}

// jtsIni has the lines that IBC looks for.
func jtsIni() string {
	var b strings.Builder
	section := ""
	for _, s := range jtsSettings {
		if s.section != section {
			section = s.section
			fmt.Fprintf(&b, "[%s]\n", section)
		}
		fmt.Fprintf(&b, "%s=%s\n", s.key, s.value)
	}
	return b.String()
}

// template lists the keys of IBC's config.ini and the values that its template
// ships with, for those that the options below do not set.
const template = `AcceptBidAskLastSizeDisplayUpdateNotification=
AcceptIncomingConnectionAction=manual
AcceptNonBrokerageAccountWarning=no
AllowBlindTrading=no
AutoLogoffTime=
ClosedownAt=
ColdRestartTime=
CommandPrompt=
ConfirmCryptoCurrencyOrders=manual
ConfirmOrderIdReset=
ControlFrom=
DismissNSEComplianceNotice=yes
DismissPasswordExpiryWarning=no
ExistingSessionDetectedAction=manual
FIX=no
FIXLoginId=
FIXPassword=
IbDir=
IncludeStackTraceForExceptions=
LogStructureScope=known
LogStructureWhen=never
LoginDialogDisplayTimeout=60
MinimizeMainWindow=no
OverrideTwsMasterClientID=
ReadOnlyLogin=no
ReloginAfterSecondFactorAuthenticationTimeout=no
ResetOrderIdsAtStart=
SaveTwsSettingsAt=
SecondFactorAuthenticationExitInterval=
SecondFactorAuthenticationTimeout=180
SecondFactorDevice=
SendMarketDataInLotsForUSstocks=
StoreSettingsOnServer=
SuppressInfoMessages=yes
TrustedTwsApiClientIPs=
`

// configIni is the template with what matters here in front of it. Escaping of
// backslashes is needed where a canary has one.
func (o Options) configIni() string {
	value := strings.NewReplacer(`\`, `\\`, "\n", `\n`, "\r", `\r`).Replace
	var b strings.Builder
	b.WriteString("# IBC configuration of a simulated Gateway: it never connects to IBKR.\n")
	for _, s := range [][2]string{
		{"IbLoginId", o.LoginID},
		{"IbPassword", o.Password},
		{"TradingMode", cmp.Or(o.TradingMode, "paper")},
		{"OverrideTwsApiPort", strconv.Itoa(cmp.Or(o.APIPort, 4002))},
		{"CommandServerPort", strconv.Itoa(o.CommandServerPort)},
		{"BindAddress", "127.0.0.1"},
		{"ReadOnlyApi", "yes"},
		{"AutoRestartTime", "11:45 PM"},
	} {
		fmt.Fprintf(&b, "%s=%s\n", s[0], value(s[1]))
	}
	b.WriteString(template)
	return b.String()
}
