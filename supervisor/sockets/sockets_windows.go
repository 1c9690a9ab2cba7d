package sockets

import (
	"context"
	"fmt"
	"net/netip"
	"time"

	psnet "github.com/shirou/gopsutil/v3/net"
	"golang.org/x/sys/windows"

	"gatelight/supervisor"
)

// tableReader reads the system's TCP table (iphlpapi), which gopsutil does
// without starting a program on Windows. It tells no queue lengths.
type tableReader struct{}

// New is this system's reader.
func New() supervisor.Eyes { return tableReader{} }

func (tableReader) Reader() string { return "iphlpapi" }

// Look implements [supervisor.Eyes].
func (t tableReader) Look(ctx context.Context, ports []int) (supervisor.Table, error) {
	at := time.Now().Round(0) // before: what has happened since is not in it
	found, err := psnet.ConnectionsWithContext(ctx, "tcp")
	if err != nil {
		return supervisor.Table{}, fmt.Errorf("cannot read the system's TCP table: %w", err)
	}
	watched := map[uint32]bool{}
	for _, p := range ports {
		watched[uint32(p)] = true
	}
	procs := map[int32]supervisor.Proc{}
	var rows []row
	for _, c := range found {
		if !watched[c.Laddr.Port] && !watched[c.Raddr.Port] {
			continue
		}
		if _, known := procs[c.Pid]; !known && c.Pid != 0 {
			procs[c.Pid] = describe(ctx, int(c.Pid))
		}
		rows = append(rows, row{local: tableAddr(c.Laddr), remote: tableAddr(c.Raddr),
			state: tableState(c.Status), owner: procs[c.Pid]})
	}
	return assemble(rows, ports, t.Reader(), at), nil
}

func tableAddr(a psnet.Addr) netip.AddrPort {
	addr, err := netip.ParseAddr(a.IP)
	if err != nil {
		return netip.AddrPort{}
	}
	return plain(addr, uint16(a.Port))
}

func tableState(s string) tcpState {
	switch s {
	case "LISTEN":
		return listen
	case "ESTABLISHED":
		return established
	case "CLOSE_WAIT":
		return closeWait
	}
	return other
}

// AwaitExit implements [supervisor.Eyes].
func (tableReader) AwaitExit(ctx context.Context, pid int) error {
	process, err := windows.OpenProcess(windows.SYNCHRONIZE, false, uint32(pid))
	if err != nil {
		return fmt.Errorf("cannot watch process %d: %w", pid, err)
	}
	defer windows.CloseHandle(process)
	for ctx.Err() == nil {
		event, err := windows.WaitForSingleObject(process, 500)
		if err != nil || event == windows.WAIT_OBJECT_0 {
			return err
		}
	}
	return ctx.Err()
}
