package ibc

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"gatelight/supervisor/ibc/find"
)

// keptLogs is how many of IBC's logs are kept, one per start.
const keptLogs = 5

// launch starts IBC's own start script, detached: own session, nothing on
// stdin, output to a file, so that the Gateway outlives us.
func (d *Driver) launch(unattended bool) (*run, error) {
	version, err := readVersion(d.o.Path)
	if err != nil {
		return nil, err
	}
	here, err := find.Here()
	if err != nil {
		return nil, err
	}
	argv, err := d.argv(here)
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
	if _, err := log.WriteString(startedBy(unattended)); err != nil {
		return nil, fmt.Errorf("cannot write IBC's log: %w", err)
	}
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

// environment keeps of ours what a desktop program needs and nothing else.
func environment(all []string) []string {
	allowed := []string{"PATH", "HOME", "USER", "LOGNAME", "SHELL", "TMPDIR", "LANG", "TERM", "TZ", "DISPLAY", "XAUTHORITY", "JAVA_HOME",
		"SYSTEMROOT", "SYSTEMDRIVE", "WINDIR", "COMSPEC", "PATHEXT", "PROGRAMDATA", "USERPROFILE", "USERNAME", "APPDATA", "LOCALAPPDATA", "TEMP", "TMP"}
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

// now is the wall clock alone, as the supervisor compares it.
func now() time.Time { return time.Now().Round(0) }
