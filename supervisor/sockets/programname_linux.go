package sockets

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// asSeenBy is where a process finds the file of that name: from its own working
// folder, and with its own root folder.
func asSeenBy(_ context.Context, pid int, path string) string {
	from := "cwd"
	if filepath.IsAbs(path) {
		from = "root"
	}
	return fmt.Sprintf("/proc/%d/%s/%s", pid, from, path)
}

// isSystemsName reports that a name is that of the program's file. Linux keeps 15
// bytes of it, which a process can change (prctl(2), PR_SET_NAME).
func isSystemsName(name string, pid int) bool {
	exe, err := os.Readlink(fmt.Sprintf("/proc/%d/exe", pid))
	base := filepath.Base(strings.TrimSuffix(exe, " (deleted)"))
	return err == nil && (base == name || len(name) == 15 && strings.HasPrefix(base, name))
}
