package doctor

import (
	"context"
	"strings"
	"time"

	"gatelight/supervisor"
	"gatelight/supervisor/settings"
)

func (c *checker) desktop(ctx context.Context, file settings.File) {
	c.tray(ctx)
	if file.Notify != nil && !*file.Notify {
		c.warning("notification", "set notify = true", "notifications are switched off in the settings")
	} else {
		c.alerts(ctx, file.Sound)
		c.dialog(file.Alert)
		c.pause()
	}
	c.login()
}

// alertsTimeout limits the question to the program that shows alerts.
const alertsTimeout = 3 * time.Second

// tray checks that the desktop shows the icon.
func (c *checker) tray(ctx context.Context) {
	if c.Desktop == nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	waiting, err := c.Desktop(ctx)
	switch {
	case err != nil && waiting:
		c.failure("tray", "switch the tray on, or use: gatelight watch", "%v", err)
	case err != nil:
		c.warning("tray", "", "%v; the light is in the terminal: gatelight watch", err)
	case c.Machine.OS == "darwin":
		c.ok("tray",
			"the icon is in the menu bar. If you cannot see it: the bar is full, or the camera's notch covers it: quit other icons, or drag one off with the Command key held; "+
				"from macOS 26 on it can also be switched off, in System Settings > Menu Bar > Allow in the Menu Bar")
	default:
		c.ok("tray", "this desktop shows tray icons")
	}
}

// alerts says which program shows alerts, and raises one for the person to see.
// None is raised when it is known that nothing shows it.
func (c *checker) alerts(ctx context.Context, sound bool) {
	if c.Notify == nil {
		c.warning("notification", "", "this program cannot raise notifications")
		return
	}
	var by supervisor.AlertReport
	if c.Alerts != nil {
		ask, cancel := context.WithTimeout(ctx, alertsTimeout)
		defer cancel()
		var err error
		if by, err = c.Alerts(ask); err != nil {
			c.warning("alerts", by.Do, "alerts are not shown: %v", err)
			return
		}
		c.alertReport(by, sound)
	}
	ctx, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	if err := c.Notify(ctx, "Gatelight: a test", "You can see what Gatelight has to tell you."); err != nil {
		c.warning("notification", c.ifNotShown(by.By), "no notification could be raised: %v", err)
		return
	}
	c.ok("notification", "a test notification was raised. If you have not seen it: %s", c.ifNotShown(by.By))
}

func (c *checker) alertReport(a supervisor.AlertReport, sound bool) {
	switch {
	case a.Unreliable:
		c.warning("alerts", a.Do, "alerts: through %s, and may be dropped without a word, because %s", a.By, a.Short)
	case a.Short != "":
		c.warning("alerts", a.Do, "alerts: %s shows them, but %s", a.By, a.Short)
	default:
		c.ok("alerts", "alerts: %s shows them, %s", a.By, abilities(a))
	}
	c.data(map[string]any{"by": a.By, "unreliable": a.Unreliable, "buttons": a.Buttons, "sound": a.Sound, "detail": a.Detail})
	if sound && !a.Sound {
		c.warning("sound", "choose another notification service, or set sound = false", "sound = true is not heard: %s plays no sounds", a.By)
	}
}

func abilities(a supervisor.AlertReport) string {
	switch {
	case a.Buttons && a.Sound:
		return "with buttons and sound"
	case a.Buttons:
		return "with buttons, without sound"
	case a.Sound:
		return "with sound, without buttons"
	}
	return "without buttons or sound"
}

// ifNotShown is what to check when a notification was raised and not seen.
func (c *checker) ifNotShown(by string) string {
	switch c.Machine.OS {
	case "darwin":
		return notShownOnMac(by) + ". A Focus hides them, too"
	case "windows":
		return "allow Gatelight in Settings > System > Notifications, and switch Do not disturb off"
	}
	const hidden = "Do not disturb may be on"
	desktop := strings.ToUpper(c.Machine.Getenv("XDG_CURRENT_DESKTOP"))
	for _, known := range []struct{ desktop, by, do string }{
		{"", "dunst ", "end its pause with: dunstctl set-paused false"},
		{"", "mako ", "end it with: makoctl mode -r do-not-disturb"},
		{"GNOME", "", "click the clock in the top bar, and switch Do Not Disturb off; then Settings > Notifications"},
		{"KDE", "", "click the bell in the panel, and switch Do not disturb off; then System Settings > Notifications"},
		{"XFCE", "", "switch it off in Settings > Notifications"},
	} {
		if strings.Contains(desktop, known.desktop) && strings.HasPrefix(by, known.by) {
			return hidden + ": " + known.do
		}
	}
	return hidden + ", in the settings of your desktop or notification service"
}

func notShownOnMac(by string) string {
	switch by {
	case "macOS":
		return "allow them in System Settings > Notifications > Gatelight, as Banners or Alerts"
	case "terminal-notifier":
		return "allow them in System Settings > Notifications > terminal-notifier; on macOS 26 it needs version 3 or newer"
	}
	return "they come from Script Editor. Open it once, run: display notification \"test\", and allow what macOS asks; " +
		"then System Settings > Notifications > Script Editor"
}

// dialog looks for the program that opens a window, where the system itself
// cannot.
func (c *checker) dialog(alert string) {
	if alert != "dialog" {
		return
	}
	if c.Machine.OS == "darwin" || c.Machine.OS == "windows" {
		c.ok("dialog", "urgent alerts open a window as well")
		return
	}
	for _, tool := range []string{"qarma", "zenity", "matedialog"} { // in the order in which the alerts try them
		if path, err := c.LookPath(tool); err == nil {
			c.ok("dialog", "urgent alerts open a window as well, with %s", path)
			return
		}
	}
	c.warning("dialog", "install zenity, or set alert = \"bubble\"",
		"alert = \"dialog\" opens no window: there is no zenity (nor qarma, nor matedialog)")
}

func (c *checker) pause() {
	if c.Paused == nil {
		return
	}
	if now, until := c.Now(), c.Paused(); until.After(now) {
		c.warning("pause", "to end it, in the menu: Pause alerts > Show them again", "alerts are paused until %s", supervisor.When(until, now))
	}
}

// login says whether Gatelight starts at login. Both are fine.
func (c *checker) login() {
	if c.AtLogin == nil {
		return
	}
	switch on, err := c.AtLogin(); {
	case err != nil:
		c.warning("login", "", "whether it starts at login cannot be told: %v", err)
	case on:
		c.ok("login", "it starts when you log in")
	default:
		c.note("login", "it does not start when you log in; the menu has a switch for it")
	}
}
