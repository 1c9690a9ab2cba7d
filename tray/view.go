package tray

import (
	"fmt"
	"strings"
	"time"

	"gatelight/supervisor"
)

// This file decides what people see, and nothing here touches a toolkit. The
// rules: say the state first, then why, then who is connected, then what can be
// done; what cannot be done is greyed out and says why; nothing moves while it
// is looked at, so the menu has a fixed shape and unused lines are hidden.

// A Menu is what the tray shows.
type Menu struct {
	Icon      string // a name from package assets
	Simulated bool
	Tooltip   string
	Shape     string // the same for menus whose entries stand for the same
	Beside    string // short text beside the icon, where the system has room for it; "" for none
	Items     []Item
}

// An Item is one line of the menu.
type Item struct {
	Title     string
	Icon      string // the state's picture, where the line is a Gateway's headline
	Separator bool
	Hidden    bool
	Enabled   bool
	Checkable bool // it can carry a check mark; Checked says whether it does
	Checked   bool
	Do        Command
	Children  []Item
}

// A Program is what the menu says of this program itself, beside the world that it
// shows. Its zero value is a program that has nothing to say.
type Program struct {
	PausedUntil time.Time // alerts are kept back until then; zero or past: they are not
	OpenedAt    time.Time // when somebody last opened the menu; zero: nobody has
	Mute        string    // why alerts cannot be shown, in words; "" when they can
	AlertsBy    string    // who shows the alerts: "dunst", "macOS"; "" when not known
	AlertsOff   bool      // the settings want none
	AtLogin     Switch    // whether it starts at login
	Answer      string    // what the last click came to, if to nothing
	AnsweredAt  time.Time // when that was
	Version     string
	Settings    string // where the settings file is
}

// A Switch is something that is on or off and can be turned, or cannot.
type Switch struct {
	On  bool
	Why string // why it cannot be turned, in words; "" when it can
}

// A Command is what clicking an item does: an action on a Gateway, or
// something the program does itself.
type Command struct {
	Gateway string
	Action  supervisor.Action
	Local   Local
	Clients int // how many an alert's button said it disconnects
}

// A Local is a command that is not the supervisor's.
type Local string

// The local commands.
const (
	OpenLog       Local = "open log"
	OpenTimeline  Local = "open timeline"
	PauseHour     Local = "pause alerts for an hour"
	PauseTomorrow Local = "pause alerts until tomorrow"
	ResumeAlerts  Local = "resume alerts"
	AtLogin       Local = "start at login"
	NotAtLogin    Local = "do not start at login"
	Quit          Local = "quit"
)

// View is the menu for a world at a time. It is pure.
func View(w supervisor.Status, desk Program, now time.Time) Menu {
	w = w.Aged(now)
	worst := w.Worst()
	m := Menu{Shape: shape(w), Icon: Icon(worst), Simulated: worst.Simulated, Tooltip: tooltip(w, now)}
	once := w.Source == "one-shot"
	if len(w.Gateways) == 1 {
		m.Items = gateway(w.Gateways[0], now, once)
	} else {
		for _, g := range w.Gateways {
			items := gateway(g, now, once)
			items[0].Hidden = true // the headline is the submenu's title
			m.Items = append(m.Items, Item{Title: headline(g, now, once), Icon: Icon(g), Enabled: true, Children: items})
		}
	}
	m.Beside = beside(w, desk.OpenedAt, now)
	m.Items = append(m.Items, Item{Separator: true})
	m.Items = append(m.Items, program(w, desk, now)...)
	return m
}

// shape tells menus apart that have other entries.
func shape(w supervisor.Status) string {
	var names []string
	for _, g := range w.Gateways {
		names = append(names, g.Name)
	}
	return strings.Join(names, "\n")
}

// Icon names the picture of a snapshot's state.
func Icon(s supervisor.Snapshot) string {
	switch {
	case s.State == supervisor.Down && s.Expected:
		return "down-expected"
	case s.State == supervisor.Starting && s.Phase == supervisor.TwoFactor:
		return "two-factor"
	case s.State == "":
		return string(supervisor.Unknown)
	}
	return strings.ReplaceAll(string(s.State), "_", "-")
}

// headline is the status line: name, state, how long. One look cannot tell how long.
func headline(s supervisor.Snapshot, now time.Time, once bool) string {
	if once {
		return fmt.Sprintf("%s: %s", s.Subject(), s.Title())
	}
	return fmt.Sprintf("%s: %s for %s", s.Subject(), s.Title(), supervisor.Span(now.Sub(s.Since)))
}

func tooltip(w supervisor.Status, now time.Time) string {
	var lines []string
	for _, g := range w.Gateways {
		lines = append(lines, fmt.Sprintf("%s: %s", g.Subject(), g.Title()))
	}
	return strings.Join(lines, "\n")
}

// beside is the worst trouble in a few letters, for the bar itself: from when
// people were told until it heals or somebody has opened the menu.
func beside(w supervisor.Status, opened, now time.Time) string {
	var worst supervisor.Snapshot
	if opened.After(now) { // the clock was set back
		opened = time.Time{}
	}
	for _, g := range w.Gateways {
		if !g.TroubleSince.IsZero() && told(g).After(opened) && (worst.TroubleSince.IsZero() || g.Severity() > worst.Severity()) {
			worst = g
		}
	}
	if worst.TroubleSince.IsZero() {
		return ""
	}
	text := inShort(worst) + " " + stopwatch(now.Sub(worst.TroubleSince))
	if len(w.Gateways) > 1 {
		text = worst.Name + ": " + text
	}
	return text
}

// told is when people last heard something new of a trouble.
func told(g supervisor.Snapshot) time.Time {
	at := g.TroubleSince
	for _, n := range g.Notices {
		if n.Urgent && n.Kind != supervisor.NoticeReminder && n.At.After(at) {
			at = n.At
		}
	}
	return at
}

func inShort(s supervisor.Snapshot) string {
	switch {
	case s.State == supervisor.Zombies && s.Blocking:
		return "API blocked"
	case s.State == supervisor.Zombies:
		return "zombies"
	case s.State == supervisor.CutOff:
		return "IBKR lost"
	case s.State == supervisor.Listening:
		return "no answer"
	case s.State == supervisor.Unknown:
		return "unknown"
	case s.State == supervisor.Starting && s.Phase == supervisor.TwoFactor:
		return "approve login"
	}
	return "API down"
}

// stopwatch is a duration as a stopwatch shows it: 2:41, 1:02:41.
func stopwatch(d time.Duration) string {
	s := int(max(d, 0).Seconds())
	if s < 3600 {
		return fmt.Sprintf("%d:%02d", s/60, s%60)
	}
	return fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60)
}
