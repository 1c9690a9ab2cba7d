package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"time"

	"gatelight/supervisor/ibc"
	"gatelight/supervisor/settings"
)

// openFile shows a file in the desktop's own viewer.
func openFile(ctx context.Context, path string) error {
	opener := openerOf(runtime.GOOS, path)
	cmd := exec.Command(opener[0], opener[1:]...) // not ended with ctx: it is the user's viewer now
	// An opener that fails ends at once. One that is the viewer itself stays.
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	ended := make(chan error, 1)
	go func() { ended <- cmd.Run() }() // ends with the viewer, or with us
	select {
	case err := <-ended:
		if err != nil {
			return fmt.Errorf("cannot open %s: %w", path, err)
		}
	case <-ctx.Done():
	}
	return nil
}

// openerOf is the command that shows a file in a system's own viewer. macOS and
// Windows have none for the kinds of file in plainText: their editor shows them.
func openerOf(system, path string) []string {
	plainText := map[string]bool{".jsonl": true, ".toml": true, ".log": true}[filepath.Ext(path)]
	switch {
	case system == "darwin" && plainText:
		return []string{"/usr/bin/open", "-t", path}
	case system == "darwin":
		return []string{"/usr/bin/open", path}
	case system == "windows" && plainText:
		return []string{"notepad.exe", path}
	case system == "windows":
		return []string{"rundll32", "url.dll,FileProtocolHandler", path}
	}
	return []string{"xdg-open", path}
}

// openLog shows IBC's log of a Gateway in the desktop's own viewer. Without a
// name it is the newest log, and where there is no log it is the event log.
func openLog(e *env, file settings.File, gateway string) error {
	path, newest := e.paths.Events(), time.Time{}
	for _, g := range file.Gateway {
		log := filepath.Join(e.paths.Logs(), ibc.LogName(g.Name))
		info, err := os.Stat(log)
		if err == nil && (gateway == "" || g.Name == gateway) && info.ModTime().After(newest) {
			path, newest = log, info.ModTime()
		}
	}
	return openFile(e.ctx, path)
}

// openSettings shows the settings file in the desktop's own editor.
func openSettings(e *env) error {
	if _, err := os.Stat(e.paths.Settings); errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("there is no settings file yet, and everything has its default; gatelight init writes %s", e.paths.Settings)
	}
	return openFile(e.ctx, e.paths.Settings)
}
