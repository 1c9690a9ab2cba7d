package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"gatelight/supervisor/regularfile"
	"gatelight/supervisor/settings"
)

// An alertPause is a file that says until when no alerts are shown. It outlives
// the program: a pause until tomorrow lasts until tomorrow.
type alertPause struct{ path string }

func alertPauseIn(p settings.Paths) alertPause {
	return alertPause{filepath.Join(p.State, "paused-until")}
}

// until is when the pause ends; zero: there is none. A file that cannot be read is
// no pause, too: an alert too many is better than one too few.
func (p alertPause) until() time.Time {
	b, _ := regularfile.Read(p.path, 1<<10)
	t, _ := time.Parse(time.RFC3339, strings.TrimSpace(string(b)))
	return t
}

// set begins a pause, or ends it with a time that is zero.
func (p alertPause) set(until time.Time) error {
	if until.IsZero() {
		if err := os.Remove(p.path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("cannot end the pause: %w", err)
		}
		return nil
	}
	if err := writeFile(p.path, []byte(until.Format(time.RFC3339)+"\n"), 0o600); err != nil {
		return fmt.Errorf("cannot remember the pause: %w", err)
	}
	return nil
}
