package sockets

import (
	"cmp"
	"context"
	"os"
	"path/filepath"
	"time"

	"github.com/shirou/gopsutil/v3/process"

	"gatelight/supervisor"
)

// describeProcess is what may be shown of a process. What cannot be read stays
// empty.
func describeProcess(ctx context.Context, pid int) supervisor.Process {
	handle := process.Process{Pid: int32(pid)}
	argv, _ := arguments(ctx, &handle)
	isFile := func(path string) bool { return isRegularFile(ctx, asSeenBy(ctx, pid, path)) }
	p := supervisor.Process{PID: pid, Command: supervisor.CommandName(argv, isFile)}
	if name, _ := handle.NameWithContext(ctx); isProgramName(name, pid, argv, isFile) {
		p.Name = supervisor.CleanText(name, supervisor.MaxName)
	} else {
		p.Name = supervisor.CommandName([]string{name}, func(string) bool { return false })
	}
	if ms, err := handle.CreateTimeWithContext(ctx); err == nil {
		p.StartedAt = time.UnixMilli(ms)
	}
	return p
}

// isProgramName reports that a process's name is that of its program, and no
// title that it has given itself.
func isProgramName(name string, pid int, argv []string, isFile func(string) bool) bool {
	return isSystemsName(name, pid) || len(argv) > 0 && filepath.Base(argv[0]) == name && isFile(argv[0])
}

// fileTimeout is how long the file of a script is looked for: it may be on a
// network drive that does not answer.
const fileTimeout = 200 * time.Millisecond

func isRegularFile(ctx context.Context, path string) bool {
	if path == "" {
		return false
	}
	found := make(chan bool, 1)
	go func() {
		info, err := os.Stat(path)
		found <- err == nil && info.Mode().IsRegular()
	}()
	select {
	case is := <-found:
		return is
	case <-time.After(fileTimeout):
	case <-ctx.Done():
	}
	return false
}

// becomesProgram is how old a process without a command line may be: it may still
// be about to become its program.
const becomesProgram = 10 * time.Second

// A processCache has the processes that the newest look has seen, by pid. Each is
// described once, but for a young one without a command line.
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
			if who, ok = (*p)[pid]; !ok || who.Command == "" && time.Since(who.StartedAt) < becomesProgram {
				who = describeProcess(ctx, pid)
				who.Name = cmp.Or(who.Name, supervisor.CleanText(rows[i].owner.Name, supervisor.MaxName))
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
