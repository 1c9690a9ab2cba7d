package cli

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"time"

	"gatelight/supervisor/settings"
)

// openFile shows a file in the desktop's own viewer.
func openFile(ctx context.Context, path string) error {
	opener := map[string][]string{
		"darwin":  {"/usr/bin/open", path},
		"windows": {"rundll32", "url.dll,FileProtocolHandler", path},
	}[runtime.GOOS]
	if opener == nil {
		opener = []string{"xdg-open", path}
	}
	cmd := exec.Command(opener[0], opener[1:]...) // not ended with ctx: it is the user's viewer now
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("cannot open %s: %w", path, err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }() // ends with the viewer, or with us
	// An opener that fails ends at once. One that is the viewer itself stays.
	wait := time.NewTimer(3 * time.Second)
	defer wait.Stop()
	select {
	case err := <-ended:
		if err != nil {
			return fmt.Errorf("cannot open %s: %w", path, err)
		}
	case <-wait.C:
	case <-ctx.Done():
	}
	return nil
}

// openLog shows IBC's log of a Gateway in the desktop's own viewer. Without a
// name it is the newest log, and where there is no log it is the event log.
func openLog(e *env, file settings.File, gateway string) error {
	path := ""
	for _, g := range file.Gateway {
		if gateway != "" && g.Name != gateway {
			continue
		}
		if log := filepath.Join(e.paths.Logs(), "ibc-"+g.Name+".log"); isNewer(log, path) {
			path = log
		}
	}
	return openFile(e.ctx, cmp.Or(path, e.paths.Events()))
}

func isNewer(a, b string) bool {
	ia, err := os.Stat(a)
	if err != nil {
		return false
	}
	ib, err := os.Stat(b)
	return err != nil || ia.ModTime().After(ib.ModTime())
}
