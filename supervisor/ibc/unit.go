package ibc

import "strings"

// systemd ends all processes of a unit when it stops the unit, such as our user
// service at an upgrade, or what a desktop has started at login. So the Gateway
// gets a unit of its own: a scope.

// unitOf is the unit in which systemd has put a process, from its
// /proc/PID/cgroup: lines of hierarchy, controllers and path (cgroups(7)). It is
// "" for none, and for a login as such (session-2.scope), which we do not leave:
// what is to happen at its end is the person's choice (logind.conf(5),
// KillUserProcesses).
func unitOf(cgroups string) string {
	for line := range strings.Lines(cgroups) {
		parts := strings.SplitN(strings.TrimSpace(line), ":", 3)
		if len(parts) != 3 || parts[1] != "" && parts[1] != "name=systemd" {
			continue
		}
		folders := strings.Split(parts[2], "/")
		for i := len(folders) - 1; i >= 0; i-- {
			switch name := folders[i]; {
			case strings.HasPrefix(name, "session-") && strings.HasSuffix(name, ".scope"), strings.HasPrefix(name, "user@"):
				return ""
			case strings.HasSuffix(name, ".service"), strings.HasSuffix(name, ".scope"):
				return name
			}
		}
	}
	return ""
}

// scopeName is the name of a Gateway's own unit. Units are named with these
// characters (systemd.unit(5)).
func scopeName(gateway, mark string) string {
	const allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-"
	return "gatelight-gateway-" + strings.Map(func(r rune) rune {
		if strings.ContainsRune(allowed, r) {
			return r
		}
		return '_'
	}, gateway) + "-" + mark + ".scope"
}

// scopeCall are the arguments of busctl that put a process into a scope of its
// own (org.freedesktop.systemd1(5), StartTransientUnit).
func scopeCall(name, pid string) []string {
	return []string{"--user", "--quiet", "--timeout=5", "call",
		"org.freedesktop.systemd1", "/org/freedesktop/systemd1", "org.freedesktop.systemd1.Manager", "StartTransientUnit",
		"ssa(sv)a(sa(sv))", name, "fail",
		"3", "PIDs", "au", "1", pid, "CollectMode", "s", "inactive-or-failed", "Description", "s", "IB Gateway",
		"0"}
}
