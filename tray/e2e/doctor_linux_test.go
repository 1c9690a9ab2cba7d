package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"gatelight/tray/fakedesktop"
)

// The doctor tells a service that shows alerts from one that hangs and from
// none at all, and goes on whatever it is.
func TestDoctorSaysWhoShowsAlerts(t *testing.T) {
	b := newHarness(t, quick)
	says := func(lines ...string) {
		t.Helper()
		page, _ := b.run("doctor")
		for _, line := range lines {
			if !strings.Contains(page, line) {
				t.Errorf("%q is not said", line)
			}
		}
	}
	says("! alerts are not shown: there is no desktop session", "→ run it in a desktop session")

	b.desktop = fakedesktop.Start(t)
	says("✔ alerts: fakedesktop 1 shows them, with buttons, without sound", "✔ a test notification was raised")
	if shown := b.desktop.Notifications(); len(shown) != 1 || shown[0].Summary != "Gatelight: a test" {
		t.Errorf("%+v", shown)
	}
	if err := os.MkdirAll(filepath.Join(b.dir, "state"), 0o700); err != nil {
		t.Fatal(err)
	}
	b.write("state/paused-until", time.Now().Add(time.Hour).Format(time.RFC3339))
	b.desktop.HangNotifications(true)
	says("! alerts are paused until ", "! alerts are not shown: the notification service hangs", "→ end and restart it", "to look at.")
	b.desktop.HangNotifications(false)
	b.desktop.StopNotifications()
	says("! alerts are not shown: no notification service is running", "→ start your desktop's own", "to look at.")
	if shown := b.desktop.Notifications(); len(shown) != 1 {
		t.Errorf("a service that hangs was left with %d notifications", len(shown))
	}
}
