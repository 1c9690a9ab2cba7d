package sockets

import (
	"context"
	"time"

	"github.com/shirou/gopsutil/v3/process"

	"gatelight/supervisor"
)

// describe says what may be told of a process. What cannot be read stays empty.
func describe(ctx context.Context, pid int) supervisor.Proc {
	p := supervisor.Proc{PID: pid}
	handle := process.Process{Pid: int32(pid)}
	if name, err := handle.NameWithContext(ctx); err == nil {
		p.Name = name
	}
	if argv, err := handle.CmdlineSliceWithContext(ctx); err == nil {
		p.Command = supervisor.CommandName(argv)
	}
	if ms, err := handle.CreateTimeWithContext(ctx); err == nil {
		p.StartedAt = time.UnixMilli(ms)
	}
	return p
}
