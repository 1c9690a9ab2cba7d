package ibc

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/shirou/gopsutil/v3/process"

	"gatelight/supervisor"
)

// checkNoneRuns refuses to start a Gateway beside one that listens, or that is
// on its way: a second one with the same config.ini is a second login, long
// before either listens.
func (o Options) checkNoneRuns(ctx context.Context) error {
	if err := o.checkAPIPortFree(ctx); err != nil {
		return err
	}
	return o.checkNoneStarts()
}

// checkNoneStarts refuses to start a Gateway beside one with this config.ini.
func (o Options) checkNoneStarts() error {
	switch java, script, err := o.withOurConfig(); {
	case err != nil:
		return o.refuse(supervisor.ReasonStateUnknown, "", "it is not known whether a Gateway with this config.ini runs: %v", err)
	case java != 0:
		return o.refuse(supervisor.ReasonAlreadyRunning, "wait until it listens, or close it", "a Gateway with this config.ini runs already, as process %d", java)
	case script != 0:
		return o.refuse(supervisor.ReasonAlreadyRunning, "wait until it listens, or end that script", "IBC's script (process %d) is starting a Gateway with this config.ini", script)
	}
	return nil
}

// withOurConfig looks for processes of a Gateway with this config.ini: IBC's
// Java and its script, 0 for none. A single process that cannot be read proves
// nothing, so that no start is refused because of it: it is another user's, or
// in a container. That no process can be read is an error.
func (o Options) withOurConfig() (java, script int, err error) {
	pids, err := process.Pids()
	if err != nil {
		return 0, 0, err
	}
	for _, pid := range pids {
		argv, err := arguments(&process.Process{Pid: pid})
		if err != nil || int(pid) == os.Getpid() {
			continue
		}
		switch ini, mode, kind := ibcCommand(argv); {
		case kind == notIBC, mode != "" && o.Mode != "" && !strings.EqualFold(mode, o.Mode), !sameConfig(int(pid), ini, o.Config):
		case kind == ibcScript:
			script = int(pid)
		default:
			java = int(pid)
		}
	}
	return java, script, nil
}

// commandKind is which part of IBC a command line starts.
type commandKind int

const (
	notIBC commandKind = iota
	ibcScript
	ibcJava
)

// ibcCommand reads the command line of IBC's Java, or of its script (IBC 3.24.1,
// ibcstart.sh and StartIBC.bat): with which config.ini, and in which trading
// mode; "" is the one that config.ini sets.
func ibcCommand(argv []string) (ini, mode string, kind commandKind) {
	if i := mainClassAt(argv); i >= 0 {
		if last := argv[len(argv)-1]; len(argv) > i+2 && (strings.EqualFold(last, "live") || strings.EqualFold(last, "paper")) {
			mode = last
		}
		return argv[i+1], mode, ibcJava
	}
	option := func(names ...string) string {
		for _, arg := range argv {
			for _, name := range names {
				if hasPrefixFold(arg, name) {
					return strings.Trim(arg[len(name):], `"`)
				}
			}
		}
		return ""
	}
	if ini = option("--ibc-ini=", "/Config:"); ini == "" || !slices.ContainsFunc(argv, isScript) {
		return "", "", notIBC
	}
	return ini, option("--mode=", "/Mode:"), ibcScript
}

// isScript reports the name of IBC's script, which an editor or a search for
// its arguments does not have beside them.
func isScript(arg string) bool {
	name := strings.ToLower(arg[strings.LastIndexAny(arg, `/\`)+1:])
	return name == "ibcstart.sh" || name == "startibc.bat"
}

// sameConfig reports that a process means the same file by that name as we do.
func sameConfig(pid int, name, ours string) bool {
	if !filepath.IsAbs(name) {
		dir, err := (&process.Process{Pid: int32(pid)}).Cwd()
		if err != nil {
			return false
		}
		name = filepath.Join(dir, name)
	}
	theirs, err := os.Stat(asSeenBy(pid, name))
	if err != nil {
		return false
	}
	info, err := os.Stat(ours)
	return err == nil && os.SameFile(theirs, info)
}
