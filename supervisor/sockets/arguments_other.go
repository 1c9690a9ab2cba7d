//go:build !windows

package sockets

import (
	"context"

	"github.com/shirou/gopsutil/v3/process"
)

func arguments(ctx context.Context, p *process.Process) ([]string, error) {
	return p.CmdlineSliceWithContext(ctx)
}
