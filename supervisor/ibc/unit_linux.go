package ibc

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"gatelight/supervisor/regularfile"
)

// scopeTimeout is how long systemd may take to move a process.
const scopeTimeout = 5 * time.Second

// leaveUnit moves this process from the unit of its Gatelight, which systemd may
// stop, into a scope of its own. Where there is no such unit it does nothing.
func leaveUnit(gateway string) error {
	unit := ownUnit()
	runtime := filepath.Join("/run/user", strconv.Itoa(os.Getuid()))
	if set := os.Getenv("XDG_RUNTIME_DIR"); set != "" {
		runtime = set
	}
	if _, err := os.Stat(filepath.Join(runtime, "systemd")); unit == "" || err != nil {
		return nil
	}
	pid := strconv.Itoa(os.Getpid())
	call := exec.Command("busctl", scopeCall(scopeName(gateway, pid), pid)...)
	call.Env = append(os.Environ(), "XDG_RUNTIME_DIR="+runtime)
	if out, err := call.CombinedOutput(); err != nil {
		return fmt.Errorf("the Gateway ends with %s: %w: %s", unit, err, strings.TrimSpace(string(out)))
	}
	for late := time.Now().Add(scopeTimeout); ownUnit() == unit; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(late) {
			return errors.New("the Gateway ends with " + unit + ": systemd does not move it")
		}
	}
	return nil
}

func ownUnit() string {
	b, _ := regularfile.Read("/proc/self/cgroup", 64<<10) // without it there is no systemd
	return unitOf(string(b))
}
