package sockets

import (
	"testing"
	"time"

	psnet "github.com/shirou/gopsutil/v3/net"

	"gatelight/supervisor"
)

// What Windows' table holds of a Gateway on 4002 (java.exe, as the image is called
// there), a client, a zombie whose client has gone, and what is none of ours.
var windowsTable = []psnet.ConnectionStat{
	{Laddr: psnet.Addr{IP: "::", Port: 4002}, Raddr: psnet.Addr{}, Status: "LISTEN", Pid: 4711},
	{Laddr: psnet.Addr{IP: "127.0.0.1", Port: 4002}, Raddr: psnet.Addr{IP: "127.0.0.1", Port: 51234}, Status: "ESTABLISHED", Pid: 4711},
	{Laddr: psnet.Addr{IP: "127.0.0.1", Port: 51234}, Raddr: psnet.Addr{IP: "127.0.0.1", Port: 4002}, Status: "ESTABLISHED", Pid: 456},
	{Laddr: psnet.Addr{IP: "::ffff:127.0.0.1", Port: 4002}, Raddr: psnet.Addr{IP: "::ffff:127.0.0.1", Port: 51230}, Status: "CLOSE_WAIT", Pid: 4711},
	{Laddr: psnet.Addr{IP: "127.0.0.1", Port: 51230}, Raddr: psnet.Addr{IP: "127.0.0.1", Port: 4002}, Status: "FIN_WAIT_2"},
	{Laddr: psnet.Addr{IP: "::1", Port: 51240}, Raddr: psnet.Addr{IP: "::1", Port: 4002}, Status: "CLOSE_WAIT", Pid: 456},
	{Laddr: psnet.Addr{IP: "0.0.0.0", Port: 40021}, Raddr: psnet.Addr{}, Status: "LISTEN", Pid: 9},
	{Laddr: psnet.Addr{IP: "10.0.0.1", Port: 50000}, Raddr: psnet.Addr{IP: "10.0.0.2", Port: 443}, Status: "ESTABLISHED", Pid: 9},
	{Laddr: psnet.Addr{IP: "127.0.0.1", Port: 4002}, Raddr: psnet.Addr{IP: "127.0.0.1", Port: 51000}, Status: "TIME_WAIT"},
}

func TestTheTableOfWindowsBecomesAView(t *testing.T) {
	rows := iphlpapiRows(windowsTable, []int{4001, 4002})
	known := processCache{4711: {PID: 4711, Name: "java.exe", Command: "java.exe"}, 456: {PID: 456, Name: "python.exe", Command: "python.exe trader.py"}}
	if err := known.identify(t.Context(), rows); err != nil {
		t.Fatal(err)
	}
	server, client := known[4711], known[456]
	want := map[int]supervisor.PortView{
		4001: {Blind: iphlpapiLimits.blindSpots()},
		4002: {
			Listener: &supervisor.Listener{Address: "*:4002", Process: server},
			Peers: []supervisor.Peer{
				{Addr: addr("127.0.0.1:51230"), TCP: supervisor.CloseWait, Server: 4711, Unread: supervisor.UnknownBytes},
				{Addr: addr("127.0.0.1:51234"), TCP: supervisor.Established, Server: 4711, Client: client, Unread: supervisor.UnknownBytes},
			},
			StaleClients: []supervisor.Peer{{Addr: addr("[::1]:51240"), TCP: supervisor.CloseWait, Client: client, Unread: supervisor.UnknownBytes}},
			Blind:        iphlpapiLimits.blindSpots(),
		},
	}
	got := newAssembler(iphlpapiLimits).table(rows, []int{4001, 4002}, time.Time{}).Ports
	if diff := diffViews(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func FuzzIphlpapiRows(f *testing.F) {
	f.Add("::ffff:127.0.0.1", uint32(4002), "LISTEN")
	f.Add("fe80::1%eth0", uint32(1<<31), "")
	f.Fuzz(func(t *testing.T, ip string, port uint32, status string) {
		c := psnet.ConnectionStat{Laddr: psnet.Addr{IP: ip, Port: 4002}, Raddr: psnet.Addr{IP: ip, Port: port}, Status: status}
		rows := iphlpapiRows([]psnet.ConnectionStat{c}, []int{4002})
		newAssembler(readerLimits{}).table(rows, []int{4002}, noon)
	})
}
