package ibc

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"
)

// keptLogs is how many of IBC's logs are kept, one per start.
const keptLogs = 5

// launch starts IBC's own start script, detached: own session, nothing on
// stdin, output to a file, so that the Gateway outlives us.
func (d *Driver) launch() (*run, error) {
	version, err := readVersion(d.o.Path)
	if err != nil {
		return nil, err
	}
	argv, err := d.argv()
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(d.o.RunDir, 0o700); err != nil {
		return nil, err
	}
	log, err := d.openLog()
	if err != nil {
		return nil, fmt.Errorf("cannot open a log for IBC: %w", err)
	}
	defer log.Close()
	cmd := exec.Command(argv[0], argv[1:]...)
	cmd.Env = append(environment(os.Environ()), "IBC_VRSN="+version)
	cmd.Dir = d.o.Path
	cmd.Stdout, cmd.Stderr = log, log
	detach(cmd)
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("cannot start %s: %w", argv[0], err)
	}
	r, err := d.remember(cmd.Process.Pid, argv[1:], log.Name())
	if err != nil { // nobody would know it again, and the next start be one login more
		endGroup(cmd.Process)
		return nil, fmt.Errorf("cannot remember the Gateway, so it was not started: %w", err)
	}
	cmd.Process.Release() // its end is seen by reap
	return r, nil
}

// argv is the command line as IBC's documentation of ibcstart.sh has it. Never
// --user or --pw: everybody could read them in ps.
func (d *Driver) argv() ([]string, error) {
	if runtime.GOOS == "windows" {
		return nil, errors.New("starting the Gateway is not supported on Windows yet; start it with IBC's own script, Gatelight watches it")
	}
	script := filepath.Join(d.o.Path, "scripts", scriptName())
	if _, err := os.Stat(script); err != nil {
		return nil, fmt.Errorf("IBC is not complete: %w", err)
	}
	if _, err := os.Stat(d.o.Config); err != nil {
		return nil, fmt.Errorf("there is no IBC config at %s; copy yours there, or set config under [gateway.ibc]", d.o.Config)
	}
	version, err := gatewayVersion(d.o)
	if err != nil {
		return nil, err
	}
	argv := []string{script, version}
	if d.o.Program != "tws" {
		argv = append(argv, "-g")
	}
	return append(argv,
		"--tws-path="+d.o.TWSPath,
		"--tws-settings-path="+d.o.TWSSettingsPath,
		"--ibc-path="+d.o.Path,
		"--ibc-ini="+d.o.Config,
		"--mode="+d.o.Mode,
		"--on2fatimeout="+d.o.TwoFactorTimeout,
	), nil
}

func scriptName() string {
	if runtime.GOOS == "windows" {
		return "StartIBC.bat"
	}
	return "ibcstart.sh"
}

// environment keeps of ours what a desktop program needs and nothing else.
func environment(all []string) []string {
	allowed := []string{"PATH", "HOME", "USER", "LOGNAME", "SHELL", "TMPDIR", "LANG", "TERM", "DISPLAY", "XAUTHORITY", "JAVA_HOME",
		"SYSTEMROOT", "USERPROFILE", "APPDATA", "LOCALAPPDATA", "TEMP", "TMP"}
	var kept []string
	for _, e := range all {
		key, _, _ := strings.Cut(e, "=")
		if slices.Contains(allowed, strings.ToUpper(key)) || strings.HasPrefix(key, "LC_") {
			kept = append(kept, e)
		}
	}
	return kept
}

// logName is the log of the n-th last start.
func (d *Driver) logName(n int) string {
	if n == 0 {
		return filepath.Join(d.o.LogDir, "ibc-"+d.o.Gateway+".log")
	}
	return filepath.Join(d.o.LogDir, fmt.Sprintf("ibc-%s.%d.log", d.o.Gateway, n))
}

// openLog moves the logs of earlier starts up by one and opens a new one.
func (d *Driver) openLog() (*os.File, error) {
	if err := os.MkdirAll(d.o.LogDir, 0o700); err != nil {
		return nil, err
	}
	name := d.logName
	for n := keptLogs - 1; n > 0; n-- {
		if err := os.Rename(name(n-1), name(n)); err != nil && !errors.Is(err, os.ErrNotExist) {
			return nil, err
		}
	}
	return os.OpenFile(name(0), os.O_CREATE|os.O_EXCL|os.O_WRONLY|os.O_APPEND, 0o600)
}

// gatewayVersion is the version to start: as the settings say, or the newest
// that is installed.
func gatewayVersion(o Options) (string, error) {
	if o.Version != "auto" && o.Version != "" {
		return o.Version, nil
	}
	dir, prefix := o.TWSPath, "" // Linux and Windows: ibgateway/1037, and 1037 for TWS
	if runtime.GOOS == "darwin" {
		prefix = "IB Gateway "
		if o.Program == "tws" {
			prefix = "Trader Workstation "
		}
	} else if o.Program != "tws" {
		dir = filepath.Join(dir, "ibgateway")
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return "", fmt.Errorf("cannot look for an installed Gateway: %w; install it, or set tws_path under [gateway.ibc]", err)
	}
	newest := ""
	for _, e := range entries {
		v, ok := strings.CutPrefix(e.Name(), prefix)
		if ok && e.IsDir() && strings.Trim(v, "0123456789.") == "" && newer(v, newest) {
			newest = v
		}
	}
	if newest == "" {
		return "", fmt.Errorf("no Gateway is installed in %s; install it, or set tws_path under [gateway.ibc]", dir)
	}
	return newest, nil
}

// newer compares 1037 with 1045, and 10.37 with 10.45.
func newer(a, b string) bool {
	if len(a) != len(b) {
		return len(a) > len(b)
	}
	return a > b
}

// now is the wall clock alone, as the supervisor compares it.
func now() time.Time { return time.Now().Round(0) }
