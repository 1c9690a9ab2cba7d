package tray

import (
	"fmt"
	"time"

	"gatelight/supervisor"
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
	if s.Refusal(supervisor.Restart) == nil && s.Process.PID != 0 && !s.Process.Controls.KeepsLogin {
		return "Restart (needs a new login)"
	}
	return "Restart"
}

// withConfirmation is two entries of which one is hidden: the plain one is there
// while nobody is connected, the submenu that asks again while somebody is.
func withConfirmation(s supervisor.Snapshot, a supervisor.Action, title string, now time.Time) []Item {
	plain := actionItem(s, a, title)
	plain.Hidden = plain.Enabled && len(others(s)) > 0
	ask := Item{Title: title + "…", Enabled: true, Hidden: !plain.Hidden}
	ask.Children = append(disconnectLines(s, now), Item{Separator: true},
		Item{Title: confirmTitle(s, a), Enabled: plain.Enabled, Do: plain.Do})
	return []Item{plain, ask}
}

func confirmTitle(s supervisor.Snapshot, a supervisor.Action) string {
	verb := map[supervisor.Action]string{supervisor.Stop: "Stop", supervisor.Restart: "Restart", supervisor.ClearZombies: "Restart"}[a]
	switch len(others(s)) {
	case 0:
		return verb + " it"
	case 1:
		return verb + " it and disconnect this one"
	}
	return fmt.Sprintf("%s it and disconnect these %d", verb, len(others(s)))
}

// clearItem always asks again: it restarts the Gateway.
func clearItem(s supervisor.Snapshot, now time.Time) Item {
	do := actionItem(s, supervisor.ClearZombies, "Clear zombies")
	ask := Item{Title: do.Title, Enabled: do.Enabled}
	if do.Enabled {
		ask.Title += "…"
	}
	ask.Children = append([]Item{note("Only a restart clears them. It needs no new login.")}, disconnectLines(s, now)...)
	ask.Children = append(ask.Children, Item{Separator: true},
		Item{Title: confirmTitle(s, supervisor.ClearZombies), Enabled: do.Enabled, Do: do.Do})
	return ask
}

// disconnectLines names the clients that lose their connection.
func disconnectLines(s supervisor.Snapshot, now time.Time) []Item {
	return lines(clientLines, "clients", others(s), func(c supervisor.Client) string {
		return "Disconnects " + clientName(c) + ", connected since " + supervisor.When(c.Since, now)
	})
}

// others are the clients without our own monitor.
func others(s supervisor.Snapshot) []supervisor.Client {
	var all []supervisor.Client
	for _, c := range s.Clients {
		if !c.Self {
			all = append(all, c)
		}
	}
	return all
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
