package cli

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gatelight/packaging"
	"gatelight/supervisor/settings"
)

// In a test nothing is a terminal, as at a start by a click.
func TestAFailedStartIsToldOnTheDesktop(t *testing.T) {
	mistake := errors.New("config.toml:3: port is no number")
	for _, tt := range []struct {
		name         string
		err          error
		passing      bool // not a mistake in the settings
		noDialog     bool
		service      string
		told, alert  string
		left, logged bool
	}{
		{name: "a mistake in the settings", err: mistake, told: "Config.toml:3: port is no number.", left: true, logged: true},
		{name: "where no window can be opened", err: mistake, noDialog: true, alert: "Config.toml:3: port is no number.", left: true, logged: true},
		{name: "by launchd, which would start it again", err: mistake, service: packaging.BundleID, told: "Config.toml:3: port is no number.", logged: true},
		{name: "by another job of launchd", err: mistake, service: "application.com.apple.Terminal", told: "Config.toml:3: port is no number.", left: true, logged: true},
		{name: "what may be over at the next start", err: mistake, passing: true, service: packaging.BundleID, alert: "Config.toml:3: port is no number.", left: true, logged: true},
		{name: "what was said already", err: exitError(1), left: true},
		{name: "no failure"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Setenv("XPC_SERVICE_NAME", tt.service)
			told, alert := "", ""
			e := &env{ctx: t.Context(), stdout: io.Discard, stderr: io.Discard, paths: settings.Paths{State: t.TempDir()},
				showDialog: func(_ context.Context, _, text string) error {
					if tt.noDialog {
						return errors.New("no window")
					}
					told = text
					return nil
				},
				showAlert: func(_ context.Context, _, text string) error { alert = text; return nil }}
			err := tellFailedStart(e, tt.err, !tt.passing)
			log, _ := os.ReadFile(filepath.Join(e.paths.Logs(), "gatelight.log"))
			if told != tt.told || alert != tt.alert || (err != nil) != tt.left || strings.Contains(string(log), "port is no number") != tt.logged {
				t.Errorf("the window says %q, the alert %q; left: %v; the log:\n%s", told, alert, err, log)
			}
		})
	}
}
