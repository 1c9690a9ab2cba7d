package alerts

import (
	"context"
	"strings"
	"testing"
	"time"

	"gatelight/supervisor"
	"gatelight/tray/fakedesktop"
)

// On a real bus, with a real service: who shows alerts, and what is wrong when
// nobody does. Nothing is shown by asking.
func TestInspectSaysWhoShowsAlertsAndWhatToDoWhenNobodyDoes(t *testing.T) {
	d := fakedesktop.Start(t)
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", d.Address())
	ask := func(limit time.Duration) (supervisor.AlertReport, error) {
		ctx, cancel := context.WithTimeout(t.Context(), limit)
		defer cancel()
		return Inspect(ctx)
	}
	wrong := func(what string, limit time.Duration, text, do string) {
		t.Helper()
		got, err := ask(limit)
		if err == nil || !strings.Contains(err.Error(), text) || !strings.Contains(got.Do, do) {
			t.Errorf("%s: %+v, %v", what, got, err)
		}
	}

	if got, err := ask(10 * time.Second); err != nil || got != (supervisor.AlertReport{By: "fakedesktop 1", Buttons: true}) {
		t.Errorf("%+v, %v", got, err)
	}
	d.HangNotifications(true)
	wrong("it hangs", 200*time.Millisecond, "hangs", "restart it")
	d.HangNotifications(false)
	if _, err := ask(10 * time.Second); err != nil {
		t.Error("it answers again:", err)
	}
	d.StopNotifications()
	wrong("none", 10*time.Second, "no notification service is running", "dunst")
	d.KillBus()
	wrong("no bus", 10*time.Second, "no desktop session", "desktop session")
	if n := len(d.Notifications()); n != 0 {
		t.Errorf("%d notifications were raised by asking", n)
	}
}
