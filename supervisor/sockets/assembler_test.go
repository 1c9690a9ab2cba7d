package sockets

import (
	"net/netip"
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
	for process, want := range map[string]string{
		"docker-proxy": "docker-proxy", "com.docker.backend": "com.docker.backend", "socat": "socat", "ssh": "ssh", "sshd": "sshd",
		"kubectl": "kubectl", "rootlesskit": "rootlesskit",
		"java": "", "JavaApplicationStub": "", "sshfs": "", "": "",
	} {
		v := viewOf([]row{{local: addr("127.0.0.1:4002"), state: listen, owner: supervisor.Process{PID: 1, Name: process}}}, 4002)
		if v.Listener.Relay != want {
			t.Errorf("%q: relay %q, want %q", process, v.Listener.Relay, want)
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
