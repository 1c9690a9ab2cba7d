package sockets

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"gatelight/supervisor"
)

var (
	java   = supervisor.Process{PID: 4711, Name: "java", Command: "java"}
	trader = supervisor.Process{PID: 456, Name: "python3", Command: "python3 trader.py"}
	nobody = supervisor.Process{}
)

// viewOf is what one look at rows makes of a port.
func viewOf(rows []row, port int) supervisor.PortView {
	return newAssembler(readerLimits{}).table(rows, []int{port}, time.Time{}).Ports[port]
}

func TestAViewHoldsWhatTheRowsSayOfItsPort(t *testing.T) {
	listens := func(at string, by supervisor.Process) row {
		return row{local: addr(at), remote: addr("[::]:0"), state: listen, socket: 70, owner: by}
	}
	javaListens := listens("[::]:4002", java)
	javaListener := &supervisor.Listener{Address: "*:4002", Process: java}
	connection := func(local, remote string, s tcpState, by supervisor.Process) row {
		return row{local: addr(local), remote: addr(remote), state: s, socket: 80, owner: by}
	}
	tests := []struct {
		name string
		rows []row
		want supervisor.PortView
	}{
		{"nobody listens", nil, supervisor.PortView{}},
		{"the Gateway listens everywhere", []row{javaListens}, supervisor.PortView{Listener: javaListener}},
		{"on one address", []row{listens("127.0.0.1:4002", java)},
			supervisor.PortView{Listener: &supervisor.Listener{Address: "127.0.0.1:4002", Process: java}}},
		{"on one IPv6 address", []row{listens("[::1]:4002", java)},
			supervisor.PortView{Listener: &supervisor.Listener{Address: "[::1]:4002", Process: java}}},
		{"another port is another Gateway's", []row{listens("[::]:40021", java), listens("[::]:400", java)}, supervisor.PortView{}},
		{"its owner is another user's", []row{listens("[::]:4002", nobody)},
			supervisor.PortView{Listener: &supervisor.Listener{Address: "*:4002"}, Blind: []string{"whose process listens (another user's)"}}},
		{"connections that wait to be accepted", []row{{local: addr("[::]:4002"), remote: addr("[::]:0"), state: listen, receiveQueue: 2, owner: java}},
			supervisor.PortView{Listener: &supervisor.Listener{Address: "*:4002", Process: java, Backlog: 2}}},
		{"a client on this machine is named", []row{javaListens,
			connection("127.0.0.1:4002", "127.0.0.1:51234", established, java),
			connection("127.0.0.1:51234", "127.0.0.1:4002", established, trader)},
			supervisor.PortView{Listener: javaListener, Peers: []supervisor.Peer{
				{Addr: addr("127.0.0.1:51234"), TCP: supervisor.Established, Socket: 80, Server: 4711, Client: trader}}}},
		{"a client on another machine is not", []row{javaListens, connection("10.0.0.1:4002", "10.0.0.7:51234", established, java)},
			supervisor.PortView{Listener: javaListener, Peers: []supervisor.Peer{
				{Addr: addr("10.0.0.7:51234"), TCP: supervisor.Established, Socket: 80, Server: 4711}}}},
		{"peers are in order", []row{connection("127.0.0.1:4002", "127.0.0.1:51240", established, java),
			connection("127.0.0.1:4002", "127.0.0.1:51234", closeWait, java)},
			supervisor.PortView{Peers: []supervisor.Peer{
				{Addr: addr("127.0.0.1:51234"), TCP: supervisor.CloseWait, Socket: 80, Server: 4711},
				{Addr: addr("127.0.0.1:51240"), TCP: supervisor.Established, Socket: 80, Server: 4711}}}},
		{"a zombie on the Gateway's side", []row{{local: addr("127.0.0.1:4002"), remote: addr("127.0.0.1:51230"), state: closeWait,
			receiveQueue: 18, queued: true}},
			supervisor.PortView{Peers: []supervisor.Peer{
				{Addr: addr("127.0.0.1:51230"), TCP: supervisor.CloseWait, Queued: true, Unread: 18}}}},
		{"a stale client: the Gateway here closed first", []row{javaListens, connection("127.0.0.1:51234", "127.0.0.1:4002", closeWait, trader)},
			supervisor.PortView{Listener: javaListener, StaleClients: []supervisor.Peer{
				{Addr: addr("127.0.0.1:51234"), TCP: supervisor.CloseWait, Socket: 80, Client: trader}}}},
		{"a stale client over this machine's own address", []row{connection("10.0.0.1:51234", "10.0.0.1:4002", closeWait, trader)},
			supervisor.PortView{StaleClients: []supervisor.Peer{
				{Addr: addr("10.0.0.1:51234"), TCP: supervisor.CloseWait, Socket: 80, Client: trader}}}},
		{"a stale client over IPv6", []row{connection("[::1]:51234", "[::1]:4002", closeWait, trader)},
			supervisor.PortView{StaleClients: []supervisor.Peer{
				{Addr: addr("[::1]:51234"), TCP: supervisor.CloseWait, Socket: 80, Client: trader}}}},
		{"a client of a Gateway on another machine is not ours", []row{
			connection("10.0.0.1:51234", "10.0.0.9:4002", closeWait, trader),
			connection("10.0.0.1:51235", "10.0.0.9:4002", established, trader)}, supervisor.PortView{}},
		{"a container's end of a relay is not ours", []row{connection("172.17.0.1:51234", "172.17.0.2:4002", closeWait, supervisor.Process{PID: 9, Name: "docker-proxy"})},
			supervisor.PortView{}},
		{"a local client that is well is its peer's business", []row{javaListens, connection("127.0.0.1:51234", "127.0.0.1:4002", established, trader)},
			supervisor.PortView{Listener: javaListener}},
		{"other states say nothing", []row{connection("127.0.0.1:4002", "127.0.0.1:51234", other, java)}, supervisor.PortView{}},
	}
	for _, tt := range tests {
		if diff := diffViews(tt.want, viewOf(tt.rows, 4002)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}

func diffViews(want, got any) string {
	return cmp.Diff(want, got, cmp.Comparer(func(a, b netip.AddrPort) bool { return a == b }))
}

func TestARelayIsNamedWithWhereTheGatewayIs(t *testing.T) {
	const container, tunnel, vm = "in the container", "on the machine at the other end of the tunnel", "in the virtual machine"
	for _, tt := range []struct{ name, command, relay, behind string }{
		{"docker-proxy", "docker-proxy", "docker-proxy", container},
		{"com.docker.backend", "", "com.docker.backend", container},
		{"com.docker.vpnkit", "", "com.docker.vpnkit", container},
		{"rootlesskit", "rootlesskit", "rootlesskit", container},
		{"exe", "containers-rootlessport", "containers-rootlessport", container},
		{"pasta.avx2", "pasta.avx2", "pasta.avx2", container},
		{"lxd", "lxd", "lxd", container},
		{"wslrelay.exe", "wslrelay.exe", "wslrelay", "inside WSL"},
		{"wslhost.exe", "", "wslhost", "inside WSL"},
		{"passt.avx2", "passt.avx2", "passt.avx2", vm},
		{"VBoxHeadless.exe", "", "VBoxHeadless", vm},
		{"socat", "socat", "socat", "where the Gateway runs"},
		{"ssh", "ssh", "ssh", tunnel},
		{"sshd", "sshd: ibkr@pts/0", "sshd", tunnel},
		{"sshd-session", "sshd-session: ibkr@pts/0", "sshd-session", tunnel},
		{"kubectl", "kubectl", "kubectl", "in the pod"},
		{"java", "java", "", ""},
		{"JavaApplicationStub", "", "", ""},
		{"sshfs", "sshfs", "", ""},
		{"python3", "python3 socat", "", ""},
		{"", "", "", ""},
	} {
		v := viewOf([]row{{local: addr("127.0.0.1:4002"), state: listen, owner: supervisor.Process{PID: 1, Name: tt.name, Command: tt.command}}}, 4002)
		if l := v.Listener; l.Relay != tt.relay || l.Behind != tt.behind {
			t.Errorf("%q, %q: relay %q %q, want %q %q", tt.name, tt.command, l.Relay, l.Behind, tt.relay, tt.behind)
		}
	}
}

// A name in upper case, or with .exe, would never be found.
func TestEveryRelayIsWrittenAsItIsLookedUp(t *testing.T) {
	seen := map[string]string{}
	for behind, programs := range relays {
		for _, program := range programs {
			if other := seen[program]; other != "" || program != strings.ToLower(program) || strings.HasSuffix(program, ".exe") {
				t.Errorf("%q, %s: not in lower case, or %s, too", program, behind, other)
			}
			seen[program] = behind
		}
	}
}

func TestATableAnswersForEveryPort(t *testing.T) {
	at := time.Date(2026, 11, 23, 14, 2, 11, 0, time.UTC)
	got := newAssembler(readerLimits{reader: "netlink"}).table([]row{{local: addr("[::]:4001"), state: listen, owner: java}}, []int{4001, 4002}, at)
	if got.At != at || got.Reader != "netlink" || len(got.Ports) != 2 || got.Ports[4001].Listener == nil || got.Ports[4002].Listener != nil {
		t.Errorf("%+v", got)
	}
}
