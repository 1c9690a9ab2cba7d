package ibc

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"gatelight/supervisor/atomicfile"
	"gatelight/supervisor/ibc/find"
	"gatelight/supervisor/regularfile"
)

// keptLogs is how many of IBC's logs are kept, one per start.
const keptLogs = 5

// launch starts IBC's own start script, detached: in a session of its own,
// without stdin, and with its output in a file, so that the Gateway outlives
// us.
func (o Options) launch(unattended bool) (*run, error) {
	machine, err := find.Here()
	if err != nil {
		return nil, err
	}
	argv, version, err := o.argv(machine)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(o.RunDir, 0o700); err != nil {
		return nil, fmt.Errorf("cannot make the folder that says what runs: %w; %s", err, mendFolder)
	}
	log, err := o.openLog()
	if err != nil {
		return nil, fmt.Errorf("cannot open a log for IBC: %w; %s", err, mendFolder)
	}
	defer log.Close()
	first := attendedStart
	if unattended {
		first = unattendedStart
	}
	if _, err := fmt.Fprintln(log, first); err != nil {
		return nil, fmt.Errorf("cannot write IBC's log: %w; %s", err, mendFolder)
	}
	cmd := exec.Command(argv[0], argv[1:]...)
	cmd.Env = append(environment(os.Environ()), "IBC_VRSN="+version)
	cmd.Dir = o.Path
	cmd.Stdout, cmd.Stderr = log, log
	r := o.newRun()
	r.Args, r.Log = argv[1:], log.Name()
	if err := r.spawn(cmd); err != nil {
		return nil, err
	}
	return r, nil
}

// mendFolder is what to do when the state folder cannot be written to.
const mendFolder = "make room on its disk, or make the folder writable; gatelight doctor checks it"

// environment keeps of our environment what a desktop program needs, and
// nothing else.
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

// LogName is the log of a Gateway's newest start in the folder of the logs.
func LogName(gateway string) string { return "ibc-" + gateway + ".log" }

// logName is the log of the n-th last start. No Gateway's newest log has such a
// name, whatever the Gateway is called: it ends in a number.
func (o Options) logName(n int) string {
	path := filepath.Join(o.LogDir, LogName(o.Gateway))
	if n > 0 {
		path += fmt.Sprintf(".%d", n)
	}
	return path
}

// openLog moves the logs of earlier starts up by one and opens a new one.
func (o Options) openLog() (*os.File, error) {
	if err := os.MkdirAll(o.LogDir, 0o700); err != nil {
		return nil, err
	}
	var err error // of the newest log; an older one that another program holds open is lost
	for n := keptLogs - 1; n > 0; n-- {
		err = atomicfile.Rename(o.logName(n-1), o.logName(n))
	}
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		if err := copyAndEmpty(o.logName(0), o.logName(1)); err != nil {
			return nil, err
		}
		return os.OpenFile(o.logName(0), os.O_WRONLY|os.O_APPEND, 0)
	}
	return os.OpenFile(o.logName(0), os.O_CREATE|os.O_EXCL|os.O_WRONLY|os.O_APPEND, 0o600)
}

// copyAndEmpty is for a log that cannot be renamed, since another program has it
// open.
func copyAndEmpty(log, to string) error {
	old, err := regularfile.Open(log)
	if err == nil {
		if kept, err := os.Create(to); err == nil { // it may be held, too
			_ = errors.Join(kept.Chmod(0o600), copyAll(kept, old), kept.Close())
		}
		err = errors.Join(old.Close(), os.Truncate(log, 0))
	}
	if err != nil {
		return fmt.Errorf("the last log cannot be moved away: %w", err)
	}
	return nil
}

func copyAll(to io.Writer, from io.Reader) error {
	_, err := io.Copy(to, from)
	return err
}
