package sockets

import (
	"context"

	"github.com/shirou/gopsutil/v3/process"
	"golang.org/x/sys/windows"
)

// arguments takes the command line apart as programs on Windows do; gopsutil
// would cut it at every space, and keep the quotes.
func arguments(ctx context.Context, p *process.Process) ([]string, error) {
	line, err := p.CmdlineWithContext(ctx)
	if err != nil || line == "" { // of an empty one Windows makes the name of this program
		return nil, err
	}
	return windows.DecomposeCommandLine(line)
}
