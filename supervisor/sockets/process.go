package sockets

import (
	"cmp"
	"context"
	"time"

	"github.com/shirou/gopsutil/v3/process"

	"gatelight/supervisor"
)

// describe says what may be told of a process. What cannot be read stays empty.
func describe(ctx context.Context, pid int) supervisor.Process {
	p := supervisor.Process{PID: pid}
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

// people are the processes that the newest look has seen. Each is asked for once.
type people map[int]supervisor.Process

// identify fills in what the rows' owners are, beyond the pid. What was found
// when time ran out is half of it, and not kept.
func (p *people) identify(ctx context.Context, rows []row) error {
	now := people{}
	for i := range rows {
		pid := rows[i].owner.PID
		if pid == 0 {
			continue
		}
		who, ok := now[pid]
		if !ok {
			if who, ok = (*p)[pid]; !ok {
				who = describe(ctx, pid)
				who.Name = cmp.Or(who.Name, rows[i].owner.Name)
			}
		}
		now[pid], rows[i].owner = who, who
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	*p = now
	return nil
}
