package tray

import (
	"fmt"
	"strings"
	"sync"
)

// This file decides how alerts are shown on macOS. It calls nothing of the
// system's, so that every case is tested everywhere.

// A rung is a way to show alerts on macOS; the highest that holds is taken.
type rung string

const (
	// native is the notification centre, in Gatelight's own name.
	native rung = "native"
	// borrowed is another program, in whose name they appear: macOS may drop
	// them and report success.
	borrowed rung = "borrowed"
)

// macSays is what macOS says of us and our alerts.
type macSays struct {
	Bundle  string // identifier and path of the main bundle, "" for none
	Path    string
	Missing string // why its notification framework cannot be used, "" when it can
	Helper  string // who shows borrowed alerts: osascript or terminal-notifier

	Heard   bool   // the settings below have been told, in time
	Status  int    // UNAuthorizationStatus
	Setting int    // UNNotificationSetting of alerts
	Style   int    // UNAlertStyle
	Refusal string // the error that asking for permission gave: domain and code
}

// From UNNotificationSettings.h. Provisional (3) and ephemeral (4) may post, too.
const (
	statusUnasked = 0 // UNAuthorizationStatusNotDetermined
	statusDenied  = 1 // UNAuthorizationStatusDenied

	settingDisabled = 1 // UNNotificationSettingDisabled
	styleNone       = 0 // UNAlertStyleNone
)

// bundled reports a real app. Elsewhere, a bare program with an identifier
// included, the notification centre does not fail but ends the process.
func (m macSays) bundled() bool {
	return m.Bundle != "" && strings.HasSuffix(strings.TrimRight(m.Path, "/"), ".app")
}

// choose is the rung to take, and why it is not a better one.
func (m macSays) choose() (rung, Alerts) {
	const (
		ours = "System Settings > Notifications > Gatelight"
		// Apps with an ad hoc signature may be refused and not be listed.
		cure = "switch them on in " + ours + "; if it is not listed there, this copy is not signed in a way that macOS trusts"
	)
	low := func(do, short string, args ...any) (rung, Alerts) {
		return borrowed, Alerts{By: m.Helper, Doubtful: true, Sound: true, Short: fmt.Sprintf(short, args...), Do: do}
	}
	high := Alerts{By: "macOS", Buttons: true, Sound: true}
	switch {
	case !m.bundled():
		return low("start it as Gatelight.app", "this is not Gatelight.app, and macOS takes notifications from apps alone")
	case m.Missing != "":
		return low("report it, with this line", "the notification centre of macOS cannot be used: %s", m.Missing)
	case !m.Heard:
		return low("try again; if it stays so, log out and in again", "macOS does not say whether Gatelight may show notifications")
	case m.Status == statusUnasked && m.Refusal != "":
		return low(cure, "macOS does not let Gatelight show notifications (%s)", m.Refusal)
	case m.Status == statusUnasked:
		return low("answer it, or switch them on in "+ours, "macOS has asked whether Gatelight may show notifications, and has no answer yet")
	case m.Status == statusDenied:
		return low(cure, "Gatelight's notifications are switched off")
	case m.Setting == settingDisabled || m.Style == styleNone:
		high.Short, high.Do = "they go to the notification centre without a banner", "choose Banners or Alerts in "+ours
	}
	return native, high
}

// A button is one on a notification.
type button struct{ ID, Label string }

// buttons are those for what is offered. An identifier says what its button
// does, so that a late press cannot mean something else.
func buttons(offers []offer) (all []button) {
	for _, o := range offers {
		all = append(all, button{ID: identifier(o.Do), Label: o.Label})
	}
	return all
}

func identifier(c Command) string {
	return fmt.Sprintf("%q %q %q %d", c.Gateway, c.Action, c.Local, c.Clients)
}

// categoryOf names a set of buttons: the same buttons, the same name.
func categoryOf(buttons []button) string {
	var b strings.Builder
	for _, button := range buttons {
		fmt.Fprintf(&b, "%q %q;", button.ID, button.Label)
	}
	return b.String()
}

// A pressable remembers what was offered in this life of the program. Buttons of
// an earlier one, and a click beside them, do nothing.
type pressable struct {
	mu       sync.Mutex
	commands map[string]Command // by their identifiers, of which there are few
}

func (p *pressable) offer(offers []offer) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.commands == nil {
		p.commands = map[string]Command{}
	}
	for _, o := range offers {
		p.commands[identifier(o.Do)] = o.Do
	}
}

func (p *pressable) command(identifier string) (Command, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	c, ok := p.commands[identifier]
	return c, ok
}
