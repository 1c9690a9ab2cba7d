package sockets

import "strings"

// relays are programs that hold a port on behalf of a Gateway somewhere else, with
// where that is. A relay's sockets are not the Gateway's, so Gatelight must run
// there to see them.
var relays = map[string]string{
	// The listening ends of containers and virtual machines.
	"docker-proxy":       "in the container",
	"com.docker.backend": "in the container",
	"rootlesskit":        "in the container",
	"rootlessport":       "in the container",
	"slirp4netns":        "in the container",
	"pasta":              "in the container",
	"gvproxy":            "in the container",
	"orbstack helper":    "in the container",
	"wslrelay":           "inside WSL",
	"limactl":            "in the virtual machine",
	// Tunnels.
	"ssh":     "on the machine at the other end of the tunnel",
	"sshd":    "on the machine at the other end of the tunnel",
	"stunnel": "on the machine at the other end of the tunnel",
	"kubectl": "in the pod",
	// Proxies, and the system's own: socket activation, Windows' portproxy.
	"socat":                 "where the Gateway runs",
	"haproxy":               "where the Gateway runs",
	"nginx":                 "where the Gateway runs",
	"systemd":               "where the Gateway runs",
	"systemd-socket-proxyd": "where the Gateway runs",
	"launchd":               "where the Gateway runs",
	"svchost":               "where the Gateway runs",
}

// relay names a process that is a relay, and where the Gateway is then.
func relay(process string) (name, behind string) {
	name = process
	if exe, cut := strings.CutSuffix(strings.ToLower(process), ".exe"); cut {
		name = exe
	}
	if behind, known := relays[strings.ToLower(name)]; known {
		return name, behind
	}
	return "", ""
}
