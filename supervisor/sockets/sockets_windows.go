package sockets

import (
	"context"
	"errors"
	"fmt"

	psnet "github.com/shirou/gopsutil/v3/net"
	"golang.org/x/sys/windows"

	"gatelight/supervisor"
)

// An iphlpapiReader reads the system's TCP table (iphlpapi), which gopsutil does
// without starting a program on Windows. The table has the sockets of all users,
// and no queue lengths.
type iphlpapiReader struct {
	processes processCache
	assembler *assembler
}

// New is this system's reader. Several goroutines may use it.
func New(...string) supervisor.SocketReader {
	return newSystemReader(&iphlpapiReader{assembler: newAssembler(iphlpapiLimits)})
}

func (*iphlpapiReader) Reader() string { return "iphlpapi" }

// Look implements [supervisor.SocketReader].
func (r *iphlpapiReader) Look(ctx context.Context, ports []int) (supervisor.Table, error) {
	at := supervisor.Now() // before the look: what happens during it may be missing
	found, err := psnet.ConnectionsWithContext(ctx, "tcp")
	if err != nil {
		return supervisor.Table{}, fmt.Errorf("cannot read the system's TCP table: %w", err)
	}
	rows := iphlpapiRows(found, ports)
	if err := r.processes.identify(ctx, rows); err != nil {
		return supervisor.Table{}, fmt.Errorf("cannot tell whose the sockets are: %w", err)
	}
	return r.assembler.table(rows, ports, at), nil
}

func (systemReader) AwaitExit(ctx context.Context, pid int) error {
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

// AwaitWake implements [supervisor.SocketReader]: the system notifies only programs
// that have a window. After a wake-up the next look comes within two seconds.
func (systemReader) AwaitWake(context.Context) error { return errors.ErrUnsupported }
