package sockets

import (
	"cmp"
	"context"
	"time"

	"github.com/shirou/gopsutil/v3/process"

	"gatelight/supervisor"
)

// describeProcess is what may be shown of a process. What cannot be read stays
// empty.
func describeProcess(ctx context.Context, pid int) supervisor.Process {
	p := supervisor.Process{PID: pid}
	handle := process.Process{Pid: int32(pid)}
	p.Name, _ = handle.NameWithContext(ctx)
	argv, _ := handle.CmdlineSliceWithContext(ctx)
	p.Command = supervisor.CommandName(argv)
	if ms, err := handle.CreateTimeWithContext(ctx); err == nil {
		p.StartedAt = time.UnixMilli(ms)
	}
	return p
}

// A processCache has the processes that the newest look has seen, by pid. Each is
// described once.
type processCache map[int]supervisor.Process

// identify fills in the rows' owners, of which only the pid is known. What was
// found when time ran out is incomplete and not kept.
func (p *processCache) identify(ctx context.Context, rows []row) error {
	now := processCache{}
	for i := range rows {
		pid := rows[i].owner.PID
		if pid == 0 {
			continue
		}
		who, ok := now[pid]
		if !ok {
			if who, ok = (*p)[pid]; !ok {
				who = describeProcess(ctx, pid)
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
