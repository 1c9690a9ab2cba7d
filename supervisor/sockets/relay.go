package sockets

import (
	"slices"
	"strings"

	"gatelight/supervisor"
)

// relays are programs that hold a port on behalf of a Gateway somewhere else, by
// where that is. A relay's sockets are not the Gateway's, so Gatelight must run
// there to see them.
var relays = map[string][]string{
	// The listening ends of containers: Docker and Docker Desktop (the older ones
	// with vpnkit), rootless Podman (pasta runs as pasta.avx2 on most machines),
	// OrbStack, and the proxy devices of LXD and Incus.
	"in the container": {"docker-proxy", "com.docker.backend", "com.docker.vpnkit", "com.docker.slirp", "vpnkit",
		"rootlesskit", "rootlessport", "rootlessport-child", "containers-rootlessport", "containers-rootlessport-child",
		"slirp4netns", "pasta", "pasta.avx2", "gvproxy", "orbstack", "orbstack helper", "lxd", "incusd"},
	"inside WSL": {"wslrelay", "wslhost"}, // wslhost in older versions of WSL
	// Virtual machines of Lima, QEMU, VirtualBox, VMware, Parallels and Rancher
	// Desktop.
	"in the virtual machine": {"limactl", "qemu-system-x86_64", "qemu-system-aarch64", "qemu-kvm", "passt", "passt.avx2",
		"virtualboxvm", "vboxheadless", "vboxnetnat", "vmnat", "vmnet-natd", "prl_naptd", "host-switch"},
	// Tunnels. sshd-session is sshd's part for one connection since OpenSSH 9.8,
	// and stunnel4 Debian's name of stunnel.
	"on the machine at the other end of the tunnel": {"ssh", "sshd", "sshd-session", "dropbear", "dbclient", "plink", "putty",
		"stunnel", "stunnel4", "chisel", "frps", "frpc", "cloudflared", "tailscaled"},
	"in the pod": {"kubectl", "oc", "k9s"},
	// Proxies, and the system's own: socket activation, Windows' portproxy.
	"where the Gateway runs": {"socat", "socat1", "haproxy", "nginx", "envoy", "traefik", "rinetd", "xinetd",
		"systemd", "systemd-socket-proxyd", "launchd", "svchost"},
}

// relay names a process that is a relay, and where the Gateway is then. A program
// that runs itself again as /proc/self/exe is named "exe" by Linux: Podman's
// rootlessport is known by its command alone.
func relay(p supervisor.Process) (name, behind string) {
	for _, name := range []string{p.Name, p.Command} {
		program := strings.TrimSuffix(strings.ToLower(name), ".exe")
		for behind, programs := range relays {
			if slices.Contains(programs, program) {
				return name[:len(program)], behind
			}
		}
	}
	return "", ""
}
