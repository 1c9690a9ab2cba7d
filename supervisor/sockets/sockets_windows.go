package sockets

import (
	"context"
	"errors"
	"fmt"

	psnet "github.com/shirou/gopsutil/v3/net"
	"golang.org/x/sys/windows"

	"gatelight/supervisor"
)

// tableReader reads the system's TCP table (iphlpapi), which gopsutil does
// without starting a program on Windows. It has the sockets of all users, and
// no queue lengths.
type tableReader struct {
	people    people
	assembler *assembler
}

// New is this system's reader. It may be shared.
func New(...string) supervisor.SocketReader {
	return newEyes(&tableReader{assembler: newAssembler(reach{reader: "iphlpapi"})})
}

func (*tableReader) Reader() string { return "iphlpapi" }

// Look implements [supervisor.SocketReader].
func (t *tableReader) Look(ctx context.Context, ports []int) (supervisor.Table, error) {
	at := now() // before: what has happened since is not in it
	found, err := psnet.ConnectionsWithContext(ctx, "tcp")
	if err != nil {
		return supervisor.Table{}, fmt.Errorf("cannot read the system's TCP table: %w", err)
	}
	rows := tableRows(found, ports)
	if err := t.people.identify(ctx, rows); err != nil {
		return supervisor.Table{}, fmt.Errorf("cannot tell whose the sockets are: %w", err)
	}
	return t.assembler.table(rows, ports, at), nil
}

// AwaitExit implements [supervisor.SocketReader].
func (eyes) AwaitExit(ctx context.Context, pid int) error {
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

// AwaitWake implements [supervisor.SocketReader]: the system does not tell without a
// window, and the next look is at most two seconds of waking time away.
func (eyes) AwaitWake(context.Context) error { return errors.ErrUnsupported }
