package tray

import (
	"fmt"
	"net/netip"
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

// A Desk is what the menu says of this program itself, beside the world that it
// shows. Its zero value is a program that has nothing to say.
type Desk struct {
	PausedUntil time.Time // alerts are kept back until then; zero or past: they are not
	OpenedAt    time.Time // when somebody last opened the menu; zero: nobody has
	Mute        string    // why alerts cannot be shown, in words; "" when they can
	AlertsBy    string    // who shows the alerts: "dunst", "macOS"; "" when not known
	AtLogin     Switch    // whether it starts at login
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

// How many clients and zombies the menu has lines for. More are counted.
const (
	clientLines = 6
	zombieLines = 4
)

// View is the menu for a world at a time. It is pure.
func View(w supervisor.World, desk Desk, now time.Time) Menu {
	w = w.Aged(now)
	worst := w.Worst()
	m := Menu{Icon: Icon(worst), Simulated: worst.Simulated, Tooltip: tooltip(w, now)}
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
	m.Items = append(m.Items,
		Item{Separator: true},
		Item{Title: "Open log", Enabled: true, Do: Command{Local: OpenLog}},
		Item{Title: quitTitle(w), Enabled: true, Do: Command{Local: Quit}},
	)
	return m
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

func quitTitle(w supervisor.World) string {
	switch {
	case w.Remote:
		return "Close this view (supervision goes on)"
	case w.Demo:
		return "Quit the demo"
	}
	return "Quit (the Gateway keeps running)"
}

// headline is the status line: name, state, how long. One look cannot tell how long.
func headline(s supervisor.Snapshot, now time.Time, once bool) string {
	if once {
		return fmt.Sprintf("%s: %s", s.Subject(), s.Title())
	}
	return fmt.Sprintf("%s: %s for %s", s.Subject(), s.Title(), supervisor.Span(now.Sub(s.Since)))
}

func tooltip(w supervisor.World, now time.Time) string {
	var lines []string
	for _, g := range w.Gateways {
		lines = append(lines, fmt.Sprintf("%s: %s", g.Subject(), g.Title()))
	}
	return strings.Join(lines, "\n")
}

func gateway(s supervisor.Snapshot, now time.Time, once bool) []Item {
	items := []Item{
		{Title: headline(s, now, once), Icon: Icon(s), Enabled: true}, // not greyed out: these two are what one came for
		{Title: s.Why, Enabled: true, Hidden: s.Why == ""},
		note(since(s, now, once)),
		optional("Cannot be seen from here: "+strings.Join(s.Blind, "; "), len(s.Blind) > 0),
		optional(next(s, now), s.Next != nil),
		optional("Simulated: not connected to IBKR", s.Simulated),
	}
	items = append(items, lines(clientLines, "clients", s.Clients, func(c supervisor.Client) string {
		return "Client " + client(c) + ", since " + supervisor.When(c.Since, now)
	})...)
	items = append(items, lines(zombieLines, "stale clients", s.StaleClients, func(c supervisor.Client) string {
		return "Stale client " + program(c.Process, c.Peer) + ": the Gateway hung up on it"
	})...)
	items = append(items, lines(zombieLines, "zombies", s.Zombies, func(z supervisor.Zombie) string {
		return "Zombie " + z.Peer.String() + ", " + supervisor.Span(now.Sub(z.Since)) + ", " + owner(z)
	})...)
	items = append(items, Item{Separator: true})
	for _, a := range []struct {
		action supervisor.Action
		title  string
	}{
		{supervisor.Start, "Start"}, {supervisor.Stop, "Stop"}, {supervisor.Restart, "Restart"},
		{supervisor.CopyConfig, "Copy IBC config"},
	} {
		items = append(items, action(s, a.action, a.title))
	}
	return items
}

// action greys out what cannot work, and says why.
func action(s supervisor.Snapshot, a supervisor.Action, title string) Item {
	why := s.Refusal(a)
	if a == supervisor.Restart && why == "" && s.Process.PID != 0 && !s.Process.Controls.KeepsLogin {
		title += " (needs a new login)"
	}
	if why != "" {
		title += " (" + why + ")"
	}
	return Item{Title: title, Enabled: why == "", Do: Command{Gateway: s.Name, Action: a}}
}

// note is a line to read, not to click.
func note(text string) Item { return Item{Title: text, Hidden: text == ""} }

func optional(text string, shown bool) Item { return Item{Title: text, Hidden: !shown} }

// lines has always the same number of items; those without a use are hidden,
// and the last one counts what did not fit.
func lines[T any](n int, what string, all []T, text func(T) string) []Item {
	items := make([]Item, n)
	for i := range items {
		switch {
		case i >= len(all):
			items[i] = Item{Hidden: true}
		case i == n-1 && len(all) > n:
			items[i] = note(fmt.Sprintf("and %d more %s", len(all)-i, what))
		default:
			items[i] = note(text(all[i]))
		}
	}
	return items
}

func program(p supervisor.Proc, peer netip.AddrPort) string {
	switch {
	case p.Command != "":
		return p.Command
	case p.Name != "":
		return p.Name
	}
	return peer.String()
}

func client(c supervisor.Client) string {
	if c.Self {
		return "Gatelight itself"
	}
	return program(c.Process, c.Peer)
}

func owner(z supervisor.Zombie) string {
	if z.Owner.PID == 0 {
		return "nobody was seen at its other end"
	}
	return "made by " + program(z.Owner, z.Peer)
}

func next(s supervisor.Snapshot, now time.Time) string {
	switch {
	case s.Next == nil:
		return ""
	case s.Next.Action == string(supervisor.Start):
		return "Starts again in " + supervisor.Span(s.Next.At.Sub(now))
	}
	return "Asks the API again in " + supervisor.Span(s.Next.At.Sub(now))
}

// since says when the state began, and how old the newest look or answer is
// once that is worth saying.
func since(s supervisor.Snapshot, now time.Time, once bool) string {
	age := now.Sub(s.EvidenceAt)
	switch {
	case once:
		return "Seen just now, by looking once; no Gatelight is running"
	case s.EvidenceAt.IsZero() || age < 4*time.Second:
		return "Since " + supervisor.When(s.Since, now)
	}
	return "Since " + supervisor.When(s.Since, now) + ", last seen " + supervisor.Span(age) + " ago"
}
