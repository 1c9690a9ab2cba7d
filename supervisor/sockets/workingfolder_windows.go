package sockets

import (
	"context"

	"github.com/shirou/gopsutil/v3/process"
)

// workingFolder is that of a process, "" where it is not known.
func workingFolder(ctx context.Context, pid int) string {
	dir, _ := (&process.Process{Pid: int32(pid)}).CwdWithContext(ctx)
	return dir
}
