package sockets

import (
	"net/netip"
	"slices"

	psnet "github.com/shirou/gopsutil/v3/net"

	"gatelight/supervisor"
)

// The TCP table of Windows, as gopsutil gives it. No build tag: it is tested
// everywhere. It has no queue lengths.

// iphlpapiLimits are what the table lacks.
var iphlpapiLimits = readerLimits{reader: "iphlpapi", noQueues: true}

// iphlpapiRows are the sockets that have one of the ports at either end.
func iphlpapiRows(table []psnet.ConnectionStat, ports []int) []row {
	var rows []row
	for _, c := range table {
		if !slices.Contains(ports, int(c.Laddr.Port)) && !slices.Contains(ports, int(c.Raddr.Port)) {
			continue
		}
		rows = append(rows, row{local: iphlpapiAddr(c.Laddr), remote: iphlpapiAddr(c.Raddr), receiveQueue: supervisor.UnknownBytes,
			state: tcpStateNamed(c.Status), owner: supervisor.Process{PID: int(c.Pid)}})
	}
	return rows
}

func iphlpapiAddr(a psnet.Addr) netip.AddrPort {
	addr, err := netip.ParseAddr(a.IP)
	if err != nil {
		return netip.AddrPort{}
	}
	return unmapped(addr, uint16(a.Port))
}
