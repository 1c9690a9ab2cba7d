package sockets

import (
	"slices"
	"strings"
)

// relays are programs that hold a port on behalf of a Gateway somewhere else, by
// where that is. A relay's sockets are not the Gateway's, so Gatelight must run
// there to see them.
var relays = map[string][]string{
	// The listening ends of containers and virtual machines.
	"in the container": {"docker-proxy", "com.docker.backend", "rootlesskit", "rootlessport",
		"slirp4netns", "pasta", "gvproxy", "orbstack helper"},
	"inside WSL":             {"wslrelay"},
	"in the virtual machine": {"limactl"},
	// Tunnels.
	"on the machine at the other end of the tunnel": {"ssh", "sshd", "stunnel"},
	"in the pod": {"kubectl"},
	// Proxies, and the system's own: socket activation, Windows' portproxy.
	"where the Gateway runs": {"socat", "haproxy", "nginx", "systemd", "systemd-socket-proxyd", "launchd", "svchost"},
}

// relay names a process that is a relay, and where the Gateway is then.
func relay(process string) (name, behind string) {
	name = process
	if exe, cut := strings.CutSuffix(strings.ToLower(process), ".exe"); cut {
		name = exe
	}
	for behind, programs := range relays {
		if slices.Contains(programs, strings.ToLower(name)) {
			return name, behind
		}
	}
	return "", ""
}
