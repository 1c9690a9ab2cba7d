package tray

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"gatelight/supervisor"
	"gatelight/tray/alerts"
)

// This file decides what people see, and nothing here calls a toolkit. The rules:
// say the state first, then why, then what happens next, then who is connected, then
// what can be done. Nothing changes with the clock alone, and nothing moves while a
// person looks at it, so the menu has a fixed shape, and unused lines are hidden.

// A Menu is what the tray shows.
type Menu struct {
	Icon      string // a name from package assets
	Simulated bool
	Tooltip   string
	Shape     string // the same for menus whose entries mean the same
	BarText   string // short text beside the icon, where the system has room for it; "" for none
	Items     []Item
}

// An Item is one line of the menu.
type Item struct {
	Title     string
	Icon      string // the state's picture, where the line is a Gateway's headline
	Continues bool   // the sentence of the line above goes on
	List      bool   // a submenu that only names things
	Separator bool
	Hidden    bool
	Enabled   bool
	Checkable bool // it can carry a check mark; Checked says whether it does
	Checked   bool
	Do        Command
	Children  []Item
}

// A Program is what the menu says of this program itself, beside the status of
// the supervisor. The zero value is a program that has nothing to say.
type Program struct {
	PausedUntil time.Time // alerts are kept back until then; zero or past: they are not
	OpenedAt    time.Time // when a person last opened the menu; zero: never
	Alerts      alerts.State
	AlertsOff   bool        // the settings want none
	AtLogin     Switch      // whether it starts at login
	ClickError  *clickError // nil: the last click had an effect
	Caption     string      // what is being shown, in a demo
	Version     string
	Settings    string // where the settings file is
}

// A Switch is something that is on or off. A person can turn it, or cannot.
type Switch struct {
	On  bool
	Why string // why it cannot be turned, in words; "" when it can
}

// A Command is what a click on an item does: an action on a Gateway, or something
// that the program does itself.
type Command struct {
	Gateway string
	Action  supervisor.Action
	Local   Local
}

// A Local is a command that is not the supervisor's.
type Local string

// The local commands.
const (
	OpenLog       Local = "open log"
	OpenSettings  Local = "open settings"
	OpenTimeline  Local = "open timeline"
	PauseHour     Local = "pause alerts for an hour"
	PauseTomorrow Local = "pause alerts until tomorrow"
	ResumeAlerts  Local = "resume alerts"
	AtLogin       Local = "start at login"
	NotAtLogin    Local = "do not start at login"
	Quit          Local = "quit"
)

// View is the menu for a status at a time. It is pure.
func View(status supervisor.Status, program Program, now time.Time) Menu {
	status = status.Aged(now)
	status.Gateways = slices.Clone(status.Gateways)
	slices.SortStableFunc(status.Gateways, func(a, b supervisor.Snapshot) int { // real money first
		switch {
		case a.Live == b.Live:
			return 0
		case a.Live:
			return -1
		}
		return 1
	})
	worst := status.Worst()
	m := Menu{
		Icon: icon(worst), Simulated: worst.Simulated, Tooltip: lineEach(status, tooltip),
		Shape: shape(status), BarText: barText(status, program.OpenedAt, now),
	}
	once := status.Source == "one-shot"
	if len(status.Gateways) == 1 {
		m.Items = gatewayItems(status.Gateways[0], now, once)
	} else {
		for _, g := range status.Gateways {
			items := gatewayItems(g, now, once)
			items[0].Hidden = true // the headline is the submenu's title
			m.Items = append(m.Items, Item{Title: headline(g, now, once), Icon: icon(g), Enabled: true, Children: items})
		}
	}
	m.Items = append(m.Items, Item{Separator: true})
	m.Items = append(m.Items, programItems(status, program, now)...)
	return m
}

// shape tells menus with different entries apart.
func shape(status supervisor.Status) string {
	return lineEach(status, func(g supervisor.Snapshot) string { return g.Name })
}

func lineEach(status supervisor.Status, text func(supervisor.Snapshot) string) string {
	var lines []string
	for _, g := range status.Gateways {
		lines = append(lines, text(g))
	}
	return strings.Join(lines, "\n")
}

// icon names the picture of a snapshot's state.
func icon(s supervisor.Snapshot) string {
	switch {
	case s.State == supervisor.Down && s.Expected:
		return "down-expected"
	case s.Phase == supervisor.TwoFactor || s.Phase == supervisor.NeedsYou:
		return picture(string(s.Phase))
	case s.State == "":
		return string(supervisor.Unknown)
	}
	return picture(string(s.State))
}

// picture is the name of the picture of a state or phase.
func picture(name string) string { return strings.ReplaceAll(name, "_", "-") }

// headline is the status line: state, name, since when. Who looks once cannot know
// since when.
func headline(s supervisor.Snapshot, now time.Time, once bool) string {
	if once {
		return s.Headline()
	}
	return s.Headline() + ", since " + supervisor.When(s.Since, now)
}

// tooltip is a Gateway's state and the reason, without what changes with the clock.
func tooltip(s supervisor.Snapshot) string {
	if s.Why == "" {
		return s.Headline()
	}
	return s.Headline() + ". " + s.Why
}

// barText is the worst trouble in a few letters, for the bar itself. It stands
// there from when people were told until the trouble ends or a person has opened
// the menu.
func barText(status supervisor.Status, opened, now time.Time) string {
	var worst supervisor.Snapshot
	if opened.After(now) { // the clock was set back
		opened = time.Time{}
	}
	for _, g := range status.Gateways {
		if !g.TroubleSince.IsZero() && toldAt(g).After(opened) && (worst.TroubleSince.IsZero() || g.Severity() > worst.Severity()) {
			worst = g
		}
	}
	if worst.TroubleSince.IsZero() {
		return ""
	}
	text := shortState(worst) + " " + stopwatch(now.Sub(worst.TroubleSince))
	if len(status.Gateways) > 1 {
		text = worst.Name + ": " + text
	}
	return text
}

// toldAt is when people were last told something new about a trouble.
func toldAt(g supervisor.Snapshot) time.Time {
	at := g.TroubleSince
	for _, n := range g.Notices {
		if n.Urgent && n.Kind != supervisor.NoticeReminder && n.At.After(at) {
			at = n.At
		}
	}
	return at
}

func shortState(s supervisor.Snapshot) string {
	switch {
	case s.State == supervisor.Zombies && s.Blocking:
		return "API blocked"
	case s.State == supervisor.Zombies:
		return "zombies"
	case s.State == supervisor.CutOff:
		return "IBKR lost"
	case s.Phase == supervisor.TwoFactor:
		return "approve login"
	case s.Phase == supervisor.NeedsYou:
		return "needs you"
	case s.State == supervisor.Silent || s.State == supervisor.Listening && s.Phase == supervisor.NoPhase:
		return "no answer"
	case s.State == supervisor.Unknown:
		return "unknown"
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
