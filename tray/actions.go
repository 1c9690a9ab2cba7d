package tray

import (
	"fmt"
	"time"

	"gatelight/supervisor"
	"gatelight/tray/alerts"
)

// This file is what can be done with one Gateway. What disconnects a client asks
// for a confirmation: it is a submenu then, which names the clients and ends with
// the entry that does it. So nothing has to be remembered between two clicks.

func actionItems(s supervisor.Snapshot, now time.Time) []Item {
	items := []Item{actionItem(s, supervisor.Start, "Start")}
	items = append(items, withConfirmation(s, supervisor.Stop, "Stop", now)...)
	items = append(items, withConfirmation(s, supervisor.Restart, restartTitle(s), now)...)
	return append(items,
		clearItem(s, now),
		keepRunningItem(s),
		actionItem(s, supervisor.CopyConfig, "Copy IBC config"),
	)
}

// actionItem greys out what cannot work, and says why.
func actionItem(s supervisor.Snapshot, a supervisor.Action, title string) Item {
	why := s.Refusal(a)
	if why != nil {
		title += " (" + why.Text + ")" // the menu has no room for the hint
	}
	return Item{Title: title, Enabled: why == nil, Do: Command{Gateway: s.Name, Action: a}}
}

func restartTitle(s supervisor.Snapshot) string {
	noLogin := !s.Process.Controls.KeepsLogin || s.LoginProblem != nil // there is none to keep
	if s.Refusal(supervisor.Restart) == nil && s.Process.PID != 0 && noLogin {
		return "Restart (needs a new login)"
	}
	return "Restart"
}

// withConfirmation is two entries of which one is hidden: the plain one is there
// while nobody is connected, the submenu that asks again while somebody is.
func withConfirmation(s supervisor.Snapshot, a supervisor.Action, title string, now time.Time) []Item {
	plain := actionItem(s, a, title)
	plain.Hidden = plain.Enabled && len(alerts.OtherClients(s)) > 0
	children := append(disconnectLines(s, now), confirmItems(s, string(a), plain)...)
	return []Item{plain, {Title: title + "…", Enabled: true, Hidden: !plain.Hidden, Children: children}}
}

// confirmItems end a submenu that asks again: the last one does it.
func confirmItems(s supervisor.Snapshot, verb string, do Item) []Item {
	title := supervisor.Capitalise(verb) + " it"
	switch n := len(alerts.OtherClients(s)); n {
	case 0:
	case 1:
		title += " and disconnect this one"
	default:
		title += fmt.Sprintf(" and disconnect these %d", n)
	}
	return []Item{{Separator: true}, {Title: title, Enabled: do.Enabled, Do: do.Do}}
}

// clearItem always asks again: it restarts the Gateway.
func clearItem(s supervisor.Snapshot, now time.Time) Item {
	do := actionItem(s, supervisor.ClearZombies, "Clear zombies")
	ask := Item{Title: do.Title, Enabled: do.Enabled}
	if do.Enabled {
		ask.Title += "…"
	}
	ask.Children = append([]Item{note("Only a restart clears them. It needs no new login.")}, disconnectLines(s, now)...)
	ask.Children = append(ask.Children, confirmItems(s, "restart", do)...)
	return ask
}

// disconnectLines names the clients that lose their connection.
func disconnectLines(s supervisor.Snapshot, now time.Time) []Item {
	return lines(clientLines, "clients", alerts.OtherClients(s), func(c supervisor.Client) string {
		return "Disconnects " + clientName(c) + ", connected since " + supervisor.When(c.Since, now)
	})
}

func keepRunningItem(s supervisor.Snapshot) Item {
	do := supervisor.KeepRunningOn
	if s.KeepRunning {
		do = supervisor.KeepRunningOff
	}
	title := "Keep running"
	if s.Process.By == supervisor.ByOther || s.State == supervisor.Down && s.Expected {
		title += " (once Gatelight has started it)"
	}
	it := actionItem(s, do, title)
	it.Checkable, it.Checked = true, s.KeepRunning
	return it
}
