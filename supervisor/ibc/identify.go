package ibc

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"gatelight/supervisor"
	"gatelight/supervisor/ibc/config"
)

// Identify implements [supervisor.Driver]: it recognises a Gateway that IBC's
// own scripts or a person has started, by its command line. It is false for
// what belongs to our own run, and for another program, whose pid it returns then.
func (d *Driver) Identify(ctx context.Context, pid int) (supervisor.GatewaySeen, bool) {
	if d.awaitAdoption(ctx) != nil || d.running().owns(pid) {
		return supervisor.GatewaySeen{}, false
	}
	now, err := proofOf(pid)
	ini, isGateway := parseGatewayCommand(now.Args)
	if err != nil || !isGateway {
		other := supervisor.GatewaySeen{}
		if err == nil && isOtherProgram(now.Args) {
			other.PID = pid
		}
		return other, false
	}
	seen := supervisor.GatewaySeen{PID: pid, StartedAt: now.StartedAt, By: supervisor.ByOther}
	if ini != "" {
		seen.Controls, seen.Restarts = d.o.controls(ini, false)
	}
	d.foreign.Store(&foreignGateway{pid: pid, ini: ini, output: outputOf(pid), at: time.Now()})
	if r, err := d.o.recall(); err == nil && r != nil && r.ended != nil {
		r.file.remove() // how ours ended no longer matters
	}
	return seen, true
}

// IsOtherProgram reports a process that is known to be no Gateway or TWS. Nothing is
// known of one that may not be read.
func IsOtherProgram(pid int) bool {
	now, err := proofOf(pid)
	return err == nil && isOtherProgram(now.Args)
}

// isOtherProgram reports a command line that no Gateway has. A Java that does not tell
// what it runs may be one.
func isOtherProgram(argv []string) bool {
	if _, isGateway := parseGatewayCommand(argv); isGateway || len(argv) == 0 {
		return false
	}
	return !strings.HasPrefix(strings.ToLower(filepath.Base(argv[0])), "java")
}

// A foreignGateway is one that somebody else has started.
type foreignGateway struct {
	pid    int
	ini    string    // its config.ini; "" when it runs without IBC
	output string    // the file to which it writes, as outputOf has it
	at     time.Time // when it was identified
}

// mainClasses are IBC's main classes; its config.ini follows them on the
// command line (IBC 3.24.1, ibcstart.sh).
var mainClasses = []string{"ibcalpha.ibc.IbcGateway", "ibcalpha.ibc.IbcTws"}

// launcherNames are in the paths of IBKR's own launchers. Those on macOS are apps:
// the installed ones have their version in the name, "IB Gateway 10.37.app", and
// those that update themselves have none, "Trader Workstation.app".
var launcherNames = []string{"/ibgateway", "/ib gateway ", "/ib gateway.app/", "/ib gateway/",
	"/trader workstation ", "/trader workstation.app/", "/trader workstation/", "/tws.exe"}

// parseGatewayCommand reads a command line: is it a Gateway or TWS, and with
// which config.ini does IBC run it? When it was started by hand, the Java
// machine lives in IBKR's own launcher, which is named after the folder that it
// is installed in.
func parseGatewayCommand(argv []string) (ini string, isGateway bool) {
	if i := mainClassAt(argv); i >= 0 {
		return argv[i+1], true
	}
	if len(argv) == 0 {
		return "", false
	}
	program := strings.ToLower(filepath.ToSlash(argv[0]))
	return "", slices.ContainsFunc(launcherNames, func(name string) bool { return strings.Contains(program, name) }) ||
		slices.ContainsFunc(argv, func(arg string) bool {
			return strings.HasPrefix(arg, "install4j.ibgateway.") || strings.HasPrefix(arg, "install4j.jclient.")
		})
}

// mainClassAt is where IBC's main class stands in a command line, with its
// config.ini behind it; -1: nowhere.
func mainClassAt(argv []string) int {
	i := slices.IndexFunc(argv, func(arg string) bool { return slices.Contains(mainClasses, arg) })
	if i+1 >= len(argv) {
		return -1
	}
	return i
}

// configOf is the config.ini of the Gateway that listens on the API port: a
// foreign one may use another file than ours.
func (d *Driver) configOf(api *supervisor.Listener) string {
	if f := d.foreign.Load(); f != nil && f.ini != "" && api != nil && api.Process.PID == f.pid {
		return f.ini
	}
	return d.o.Config
}

// controls are what a Gateway with this config.ini can be asked for, and when
// IBC restarts it.
func (o Options) controls(ini string, ours bool) (supervisor.Controls, []supervisor.ClockTime) {
	file, err := config.ReadKeys(ini, append([]string{"AutoRestartTime", "ColdRestartTime"}, commandKeys...)...)
	if err != nil {
		return supervisor.Controls{Signal: ours}, nil
	}
	_, err = o.commandPortIn(file, ini)
	c := supervisor.Controls{Signal: ours, Command: err == nil}
	var times []supervisor.ClockTime
	if restart, ok := clockTime(file.Value("AutoRestartTime")); ok {
		c.KeepsLogin = c.Command
		times = append(times, restart)
	}
	if cold, ok := clockTime(file.Value("ColdRestartTime")); ok {
		times = append(times, cold)
	}
	return c, times
}

// clockTime reads the times of day of config.ini: "11:45 PM" (AutoRestartTime)
// and "08:05" (ColdRestartTime, which is for Sundays).
func clockTime(s string) (supervisor.ClockTime, bool) {
	s = strings.ToUpper(strings.TrimSpace(s))
	layout, daily := "15:4", strings.HasSuffix(s, "M")
	if daily {
		layout = "3:4 PM"
	}
	t, err := time.Parse(layout, s)
	return supervisor.ClockTime{Daily: daily, Hour: t.Hour(), Minute: t.Minute()}, err == nil && !strings.Contains(s, "  ")
}
