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

// Identify implements [supervisor.Driver]: a Gateway that IBC's own scripts have
// started, or somebody by hand, is told by its command line. What belongs to our
// own run is no stranger.
func (d *Driver) Identify(ctx context.Context, pid int) (supervisor.GatewaySeen, bool) {
	select {
	case <-d.adopted:
	case <-ctx.Done():
		return supervisor.GatewaySeen{}, false
	}
	if r := d.running(); r != nil && (r.PID == pid || sameGroup(r.PID, pid)) {
		return supervisor.GatewaySeen{}, false
	}
	started, argv, err := identity(pid)
	if err != nil {
		return supervisor.GatewaySeen{}, false
	}
	ini, isGateway := gatewayCommand(argv)
	if !isGateway {
		return supervisor.GatewaySeen{}, false
	}
	seen := supervisor.GatewaySeen{PID: pid, StartedAt: started, By: supervisor.ByOther}
	if ini != "" {
		seen.Controls, seen.Restarts = d.controls(ini, false)
	}
	d.stranger.Store(&stranger{pid: pid, ini: ini})
	if r := d.recall(); r != nil && r.Ended != nil {
		os.Remove(r.file) // how ours ended is no news any more
	}
	return seen, true
}

// A stranger is a Gateway that somebody else has started.
type stranger struct {
	pid int
	ini string // its config.ini; "" when it runs without IBC
}

// entryPoints are IBC's main classes; its config.ini follows them on the command
// line (IBC 3.24.1, ibcstart.sh).
var entryPoints = []string{"ibcalpha.ibc.IbcGateway", "ibcalpha.ibc.IbcTws"}

// gatewayCommand reads a command line: is it a Gateway or TWS, and with which
// config.ini does IBC run it? Started by hand the Java machine lives in IBKR's own
// launcher, which is named after the folder that it is installed in.
func gatewayCommand(argv []string) (ini string, isGateway bool) {
	for i, arg := range argv {
		if slices.Contains(entryPoints, arg) && i+1 < len(argv) {
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

// configFile is the config.ini of the Gateway that runs: a stranger may have been
// given another one than ours.
func (d *Driver) configFile(api *supervisor.Listener) string {
	if s := d.stranger.Load(); s != nil && s.ini != "" && api != nil && api.Process.PID == s.pid {
		return s.ini
	}
	return d.o.Config
}

// controls are what a Gateway with this config.ini can be asked for, and when IBC
// restarts it.
func (d *Driver) controls(ini string, ours bool) (supervisor.Controls, []supervisor.ClockTime) {
	c := supervisor.Controls{Signal: ours}
	b, err := os.ReadFile(ini)
	if err != nil {
		return c, nil
	}
	file := config.Parse(b)
	port, err := d.commandPort(ini)
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
