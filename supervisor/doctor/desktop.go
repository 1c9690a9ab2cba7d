package doctor

import (
	"context"
	"slices"
	"strings"
	"time"

	"gatelight/supervisor"
	"gatelight/supervisor/settings"
)

func (h Host) desktop(ctx context.Context, file settings.File) []Result {
	results := h.tray(ctx)
	if file.Notify != nil && !*file.Notify {
		results = append(results, warning("notification", "set notify = true", "notifications are switched off in the settings"))
	} else {
		results = append(results, h.alerts(ctx, file.Sound)...)
		results = append(results, slices.Concat(h.dialog(file.Alert), h.pause())...)
	}
	return append(results, h.login()...)
}

// alertsTimeout limits the question to the program that shows alerts.
const alertsTimeout = 3 * time.Second

// tray checks that the desktop shows the icon.
func (h Host) tray(ctx context.Context) []Result {
	if h.Desktop == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	waiting, err := h.Desktop(ctx)
	switch {
	case err != nil && waiting:
		return []Result{failure("tray", "switch the tray on, or use: gatelight watch", "%v", err)}
	case err != nil:
		return []Result{warning("tray", "", "%v; the light is in the terminal: gatelight watch", err)}
	case h.Machine.OS == "darwin":
		return []Result{ok("tray",
			"the icon is in the menu bar. If you cannot see it: switch it on in System Settings > Menu Bar > Allow in the Menu Bar; "+
				"or the bar is full and the camera's notch covers it: quit other icons, or drag one off with the Command key held")}
	}
	return []Result{ok("tray", "this desktop shows tray icons")}
}

// alerts says which program shows alerts, and raises one for the person to see.
// None is raised when it is known that nothing shows it.
func (h Host) alerts(ctx context.Context, sound bool) []Result {
	if h.Notify == nil {
		return []Result{warning("notification", "", "this program cannot raise notifications")}
	}
	var by supervisor.AlertReport
	var results []Result
	if h.Alerts != nil {
		ask, cancel := context.WithTimeout(ctx, alertsTimeout)
		defer cancel()
		var err error
		if by, err = h.Alerts(ask); err != nil {
			return []Result{warning("alerts", by.Do, "alerts are not shown: %v", err)}
		}
		results = alertResults(by, sound)
	}
	ctx, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	if err := h.Notify(ctx, "Gatelight: a test", "You can see what Gatelight has to tell you."); err != nil {
		return append(results, warning("notification", h.ifNotShown(by.By), "no notification could be raised: %v", err))
	}
	return append(results, ok("notification", "a test notification was raised. If you have not seen it: %s", h.ifNotShown(by.By)))
}

func alertResults(a supervisor.AlertReport, sound bool) []Result {
	var results []Result
	switch {
	case a.Unreliable:
		results = append(results, warning("alerts", a.Do, "alerts: through %s, and may be dropped without a word, because %s",
			a.By, a.Short))
	case a.Short != "":
		results = append(results, warning("alerts", a.Do, "alerts: %s shows them, but %s", a.By, a.Short))
	default:
		results = append(results, ok("alerts", "alerts: %s shows them, %s", a.By, abilities(a)))
	}
	if sound && !a.Sound {
		results = append(results, warning("sound", "choose another notification service, or set sound = false",
			"sound = true is not heard: %s plays no sounds", a.By))
	}
	return results
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
func (h Host) ifNotShown(by string) string {
	switch h.Machine.OS {
	case "darwin":
		return notShownOnMac(by) + ". A Focus hides them, too"
	case "windows":
		return "allow Gatelight in Settings > System > Notifications, and switch Do not disturb off"
	}
	const hidden = "Do not disturb may be on"
	desktop := strings.ToUpper(h.Machine.Getenv("XDG_CURRENT_DESKTOP"))
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
		return "allow them in System Settings > Notifications > terminal-notifier, which no longer works from macOS 26 on"
	}
	return "they come from Script Editor. Open it once, run: display notification \"test\", and allow what macOS asks; " +
		"then System Settings > Notifications > Script Editor"
}

// dialog looks for the program that opens a window, where the system itself
// cannot.
func (h Host) dialog(alert string) []Result {
	const check = "dialog"
	switch {
	case alert != "dialog":
		return nil
	case h.Machine.OS == "darwin" || h.Machine.OS == "windows":
		return []Result{ok(check, "urgent alerts open a window as well")}
	}
	for _, tool := range []string{"qarma", "zenity", "matedialog"} { // in the order in which the alerts try them
		if path, err := h.LookPath(tool); err == nil {
			return []Result{ok(check, "urgent alerts open a window as well, with %s", path)}
		}
	}
	return []Result{warning(check, "install zenity, or set alert = \"bubble\"",
		"alert = \"dialog\" opens no window: there is no zenity (nor qarma, nor matedialog)")}
}

func (h Host) pause() []Result {
	if h.Paused == nil {
		return nil
	}
	now := h.Now()
	until := h.Paused()
	if !until.After(now) {
		return nil
	}
	return []Result{warning("pause", "to end it, in the menu: Pause alerts > Show them again", "alerts are paused until %s",
		supervisor.When(until, now))}
}

// login says whether Gatelight starts at login. Both are fine.
func (h Host) login() []Result {
	if h.AtLogin == nil {
		return nil
	}
	on, err := h.AtLogin()
	switch {
	case err != nil:
		return []Result{warning("login", "", "whether it starts at login cannot be told: %v", err)}
	case !on:
		return []Result{ok("login", "it does not start when you log in; the menu has a switch for it")}
	}
	return []Result{ok("login", "it starts when you log in")}
}
