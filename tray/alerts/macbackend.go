package alerts

import (
	"fmt"
	"strings"

	"gatelight/supervisor"
)

// This file decides how alerts are shown on macOS. It calls nothing of the
// system's, so that every case is tested everywhere.

// A macWay is a way to show alerts on macOS.
type macWay string

const (
	// throughCenter is the notification centre, under Gatelight's own name.
	throughCenter macWay = "notification centre"
	// throughHelper is another program, under whose name they appear: macOS may
	// drop them and report success.
	throughHelper macWay = "helper program"
)

// macSettings are what macOS says about us and our alerts.
type macSettings struct {
	Bundle  string // identifier and path of the main bundle, "" for none
	Path    string
	Missing string // why its notification framework cannot be used, "" when it can
	Helper  string // the helper program: osascript or terminal-notifier

	Known      bool   // macOS has told the settings below in time
	Status     int    // UNAuthorizationStatus
	Setting    int    // UNNotificationSetting of alerts
	Style      int    // UNAlertStyle
	RequestErr string // the error of the request for permission: domain and code
}

// From UNNotificationSettings.h. Provisional (3) and ephemeral (4) may post, too.
const (
	statusNotDetermined = 0 // UNAuthorizationStatusNotDetermined
	statusDenied        = 1 // UNAuthorizationStatusDenied

	settingDisabled = 1 // UNNotificationSettingDisabled
	styleNone       = 0 // UNAlertStyleNone
)

// detail is what macOS says, for a report. Whether a permission outlasts a new
// build of the app, and which signature gets one, is seen in these numbers alone.
func (m macSettings) detail(shown int) string {
	if !m.Known {
		return "macOS does not tell"
	}
	text := fmt.Sprintf("authorizationStatus %d, alertSetting %d, alertStyle %d", m.Status, m.Setting, m.Style)
	if m.RequestErr != "" {
		text += ", request refused with " + m.RequestErr
	}
	if shown >= 0 {
		text += fmt.Sprintf(", %d shown now", shown)
	}
	return text
}

// bundled reports a real app. Without one, even in a bare program with an
// identifier, the notification centre does not fail but ends the process.
func (m macSettings) bundled() bool {
	return m.Bundle != "" && strings.HasSuffix(strings.TrimRight(m.Path, "/"), ".app")
}

// choose is the best way that macOS allows, and why it allows no better one.
func (m macSettings) choose() (macWay, supervisor.AlertReport) {
	const (
		ours = "System Settings > Notifications > Gatelight"
		// Apps with an ad hoc signature may be refused and not be listed.
		cure = "switch them on in " + ours + "; if it is not listed there, this copy is not signed in a way that macOS trusts"
	)
	helper := func(do, short string, args ...any) (macWay, supervisor.AlertReport) {
		return throughHelper, supervisor.AlertReport{By: m.Helper, Unreliable: true, Sound: true, Short: fmt.Sprintf(short, args...), Do: do}
	}
	center := supervisor.AlertReport{By: "macOS", Buttons: true, Sound: true}
	switch {
	case !m.bundled():
		return helper("start it as Gatelight.app", "this is not Gatelight.app, and macOS takes notifications from apps alone")
	case m.Missing != "":
		return helper("report it, with this line", "the notification centre of macOS cannot be used: %s", m.Missing)
	case !m.Known:
		return helper("try again; if it stays so, log out and in again", "macOS does not say whether Gatelight may show notifications")
	case m.Status == statusNotDetermined && m.RequestErr != "":
		return helper(cure, "macOS does not let Gatelight show notifications (%s)", m.RequestErr)
	case m.Status == statusNotDetermined:
		return helper("answer macOS when it asks, or switch them on in "+ours, "nobody has told macOS yet whether Gatelight may show notifications")
	case m.Status == statusDenied:
		return helper(cure, "Gatelight's notifications are switched off")
	case m.Setting == settingDisabled || m.Style == styleNone:
		center.Short, center.Do = "they go to the notification centre without a banner", "choose Banners or Alerts in "+ours
	}
	return throughCenter, center
}

// categoryID names a set of buttons: the same buttons, the same name.
func categoryID(buttons []offeredButton) string {
	var s strings.Builder
	for _, b := range buttons {
		fmt.Fprintf(&s, "%q %q;", b.ID, b.Label)
	}
	return s.String()
}
