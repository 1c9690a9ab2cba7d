package ibc

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"gatelight/supervisor"
	"gatelight/supervisor/ibc/config"
)

// Identify implements [supervisor.Driver]: it recognises a Gateway that IBC's
// own scripts or a person has started, by its command line. It is false for
// what belongs to our own run.
func (d *Driver) Identify(ctx context.Context, pid int) (supervisor.GatewaySeen, bool) {
	select {
	case <-d.adopted:
	case <-ctx.Done():
		return supervisor.GatewaySeen{}, false
	}
	if d.running().owns(pid) {
		return supervisor.GatewaySeen{}, false
	}
	started, argv, err := identity(pid)
	if err != nil {
		return supervisor.GatewaySeen{}, false
	}
	ini, isGateway := parseGatewayCommand(argv)
	if !isGateway {
		return supervisor.GatewaySeen{}, false
	}
	seen := supervisor.GatewaySeen{PID: pid, StartedAt: started, By: supervisor.ByOther}
	if ini != "" {
		seen.Controls, seen.Restarts = d.o.controls(ini, false)
	}
	d.foreign.Store(&foreignGateway{pid: pid, ini: ini})
	if r := d.o.recall(); r != nil && r.Ended != nil {
		os.Remove(r.file) // how ours ended no longer matters
	}
	return seen, true
}

// A foreignGateway is one that somebody else has started.
type foreignGateway struct {
	pid int
	ini string // its config.ini; "" when it runs without IBC
}

// mainClasses are IBC's main classes; its config.ini follows them on the
// command line (IBC 3.24.1, ibcstart.sh).
var mainClasses = []string{"ibcalpha.ibc.IbcGateway", "ibcalpha.ibc.IbcTws"}

// parseGatewayCommand reads a command line: is it a Gateway or TWS, and with
// which config.ini does IBC run it? When it was started by hand, the Java
// machine lives in IBKR's own launcher, which is named after the folder that it
// is installed in.
func parseGatewayCommand(argv []string) (ini string, isGateway bool) {
	for i, arg := range argv {
		if slices.Contains(mainClasses, arg) && i+1 < len(argv) {
			return argv[i+1], true
		}
	}
	for _, arg := range argv {
		if strings.HasPrefix(arg, "install4j.ibgateway.") || strings.HasPrefix(arg, "install4j.jclient.") {
			return "", true
		}
	}
	if len(argv) == 0 {
		return "", false
	}
	program := strings.ToLower(filepath.ToSlash(argv[0]))
	for _, name := range []string{"/ibgateway", "/ib gateway ", "/trader workstation ", "/tws.exe", "/ibgateway.exe"} {
		if strings.Contains(program, name) {
			return "", true
		}
	}
	return "", false
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
	c := supervisor.Controls{Signal: ours}
	b, err := os.ReadFile(ini)
	if err != nil {
		return c, nil
	}
	file := config.Parse(b)
	port, err := o.commandPort(ini)
	c.Command = err == nil && port != 0
	restart, restarts := clockTime(file.Value("AutoRestartTime"))
	c.KeepsLogin = c.Command && restarts
	var times []supervisor.ClockTime
	if restarts {
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
	clock, half, daily := strings.Cut(s, " ")
	hours, minutes, ok := strings.Cut(clock, ":")
	h, err1 := strconv.Atoi(hours)
	m, err2 := strconv.Atoi(minutes)
	if !ok || err1 != nil || err2 != nil || h < 0 || h > 23 || m < 0 || m > 59 {
		return supervisor.ClockTime{}, false
	}
	if !daily {
		return supervisor.ClockTime{Day: 0, Hour: h, Minute: m}, true
	}
	if h < 1 || h > 12 || half != "AM" && half != "PM" {
		return supervisor.ClockTime{}, false
	}
	h %= 12
	if half == "PM" {
		h += 12
	}
	return supervisor.ClockTime{Daily: true, Hour: h, Minute: m}, true
}
