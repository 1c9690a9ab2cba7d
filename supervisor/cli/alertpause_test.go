package cli

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"gatelight/supervisor/settings"
)

func TestAlertPauseOutlivesTheProgram(t *testing.T) {
	paths := settings.Paths{State: filepath.Join(t.TempDir(), "state")}
	if got := alertPauseIn(paths).until(); !got.IsZero() {
		t.Errorf("paused until %v before anybody has asked for it", got)
	}
	if err := alertPauseIn(paths).set(time.Time{}); err != nil {
		t.Errorf("ending no pause: %v", err)
	}
	until := time.Date(2026, 11, 24, 6, 0, 0, 0, time.UTC)
	if err := alertPauseIn(paths).set(until); err != nil {
		t.Fatal(err)
	}
	if got := alertPauseIn(paths).until(); !got.Equal(until) {
		t.Errorf("paused until %v, want %v", got, until)
	}
	if err := os.WriteFile(alertPauseIn(paths).path, []byte("tomorrow"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := alertPauseIn(paths).until(); !got.IsZero() {
		t.Errorf("paused until %v by a file that nobody can read", got)
	}
	if err := alertPauseIn(paths).set(time.Time{}); err != nil {
		t.Error(err)
	}
	if got := alertPauseIn(paths).until(); !got.IsZero() {
		t.Errorf("still paused until %v", got)
	}
}
