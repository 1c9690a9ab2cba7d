package simgateway

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// The exit statuses of ibcstart.sh 3.24.1.
const (
	exitNoVersion      = 2
	exitInvalidArg     = 3
	exitNotInstalled   = 4
	exitPathMissing    = 5
	exitIniMissing     = 6
	exitNoVMOptions    = 7
	exitNoDialogStatus = exitNoDialog % 256
	exitTwoFactorGone  = exitTwoFactor % 256
)

// launchArgs are the arguments of ibcstart.sh, and ours.
type launchArgs struct {
	version, program              string
	twsPath, settingsPath         string // as given
	ibcPath, ini, mode, onTimeout string
	javaPath                      string
	hasUser, hasFIX               bool
	scenes                        string

	settings string // where the Gateway keeps its settings, after the defaults
	folder   string // where the Gateway is installed
}

// A scriptError ends the script with a status of its own.
type scriptError struct {
	code int
	text string
}

func (e *scriptError) Error() string { return e.text }

func (e *scriptError) print(w io.Writer) {
	fmt.Fprintf(w, "\n=========================== An error has occurred =============================\n\n\n\nError: %s\n", e.text)
}

// parseLaunchArgs takes the arguments of ibcstart.sh and, for Windows, those of
// StartIBC.bat, in any order.
func parseLaunchArgs(args []string) (launchArgs, error) {
	a := launchArgs{program: "TWS"}
	var secret string // of no use here, and never kept
	options := map[string]*string{
		"--tws-path": &a.twsPath, "--tws-settings-path": &a.settingsPath, "--ibc-path": &a.ibcPath,
		"--ibc-ini": &a.ini, "--java-path": &a.javaPath, "--mode": &a.mode, "--on2fatimeout": &a.onTimeout,
		"--user": &secret, "--pw": &secret, "--fix-user": &secret, "--fix-pw": &secret,
		"/twspath": &a.twsPath, "/twssettingspath": &a.settingsPath, "/ibcpath": &a.ibcPath, "/config": &a.ini,
		"/javapath": &a.javaPath, "/mode": &a.mode, "/on2fatimeout": &a.onTimeout,
	}
	for i := 0; i < len(args); i++ {
		arg := args[i]
		name, value := splitOption(arg)
		switch to := options[name]; {
		case to != nil:
			*to = value
			a.hasUser = a.hasUser || value != "" && (name == "--user" || name == "--pw")
			a.hasFIX = a.hasFIX || value != "" && strings.HasPrefix(name, "--fix-")
		case name == "-g" || name == "--gateway" || runtime.GOOS == "windows" && (name == "/g" || name == "/gateway"):
			a.program = "Gateway"
		case name == "--script" && i+1 < len(args): // for those who read the command line
			i++
		case name == "--scenes" && i+1 < len(args):
			i++
			a.scenes = args[i]
		case strings.HasPrefix(arg, "-") || a.version != "":
			return a, &scriptError{exitInvalidArg, fmt.Sprintf("Invalid parameter '%s'", arg)}
		default:
			a.version = arg
		}
	}
	a.settingsPath = strings.TrimRight(a.settingsPath, "/")
	return a, a.checkChoices()
}

// splitOption cuts --name=value and, on Windows, /Name:value.
func splitOption(arg string) (name, value string) {
	if runtime.GOOS == "windows" && strings.HasPrefix(arg, "/") {
		name, value, _ = strings.Cut(arg, ":")
		return strings.ToLower(name), value
	}
	name, value, _ = strings.Cut(arg, "=")
	return name, value
}

func (a *launchArgs) checkChoices() error {
	if !isOneOf(a.mode, "", "live", "paper") {
		return &scriptError{exitInvalidArg, fmt.Sprintf("Trading mode set to %s but must be either 'live' or 'paper' (case-insensitive)", a.mode)}
	}
	if !isOneOf(a.onTimeout, "", "restart", "exit") {
		return &scriptError{exitInvalidArg, fmt.Sprintf("2FA timeout action set to %s but must be either 'restart' or 'exit' (case-insensitive)", a.onTimeout)}
	}
	return nil
}

func isOneOf(s string, choices ...string) bool {
	for _, c := range choices {
		if strings.EqualFold(s, c) {
			return true
		}
	}
	return false
}

// resolve fills in the script's defaults and checks what must exist, in the
// script's order.
func (a *launchArgs) resolve() error {
	if a.version == "" {
		return &scriptError{exitNoVersion, "TWS major version number has not been supplied"}
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return &scriptError{exitPathMissing, err.Error()}
	}
	twsPath := orElse(a.twsPath, defaultTWSPath(runtime.GOOS, home))
	a.settings = orElse(a.settingsPath, twsPath)
	if runtime.GOOS == "darwin" {
		a.settings = orElse(a.settingsPath, filepath.Join(home, "Jts"))
	}
	a.folder = gatewayFolder(runtime.GOOS, twsPath, a.version)
	if !exists(a.settings) {
		return &scriptError{exitPathMissing, fmt.Sprintf("TWS settings path: %s does not exist", a.settings)}
	}
	if !exists(filepath.Join(a.folder, "jars")) {
		return &scriptError{exitNotInstalled, fmt.Sprintf("Offline TWS/Gateway version %s is not installed: can't find jars folder", a.version)}
	}
	if path := orElse(a.ibcPath, "/opt/ibc"); !exists(path) {
		return &scriptError{exitPathMissing, fmt.Sprintf("IBC path: %s does not exist", path)}
	}
	a.ini = orElse(a.ini, filepath.Join(home, "ibc", "config.ini"))
	if !exists(a.ini) {
		return &scriptError{exitIniMissing, fmt.Sprintf("IBC configuration file: %s  does not exist", a.ini)}
	}
	if !exists(filepath.Join(a.folder, "ibgateway.vmoptions")) {
		return &scriptError{exitNoVMOptions, "Neither tws.vmoptions nor ibgateway.vmoptions could be found"}
	}
	return nil
}

// gatewayFolder is where an offline Gateway of that version is installed.
func gatewayFolder(goos, twsPath, version string) string {
	if goos == "darwin" {
		return filepath.Join(twsPath, "IB Gateway "+version)
	}
	return filepath.Join(twsPath, "ibgateway", version)
}

func defaultTWSPath(goos, home string) string {
	switch goos {
	case "darwin":
		return filepath.Join(home, "Applications")
	case "windows":
		return `C:\Jts`
	}
	return filepath.Join(home, "Jts")
}

func orElse(s, byDefault string) string {
	if s == "" {
		return byDefault
	}
	return s
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
