//go:build !linux

package sockets

import (
	"context"
	"path/filepath"
	"runtime"
)

// asSeenBy is where a process finds the file of that name, "" where its working
// folder is not known.
func asSeenBy(ctx context.Context, pid int, path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	if dir := workingFolder(ctx, pid); dir != "" {
		return filepath.Join(dir, path)
	}
	return ""
}

// isSystemsName reports that a name comes from the system, which takes it from
// the program's file. On macOS that has up to 15 bytes; a longer one was read
// from the arguments (gopsutil).
func isSystemsName(name string, _ int) bool { return runtime.GOOS == "windows" || len(name) < 15 }
