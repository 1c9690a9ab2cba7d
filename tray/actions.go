package tray

import (
	"fmt"
	"time"

	"gatelight/supervisor"
)

// This file is what can be done to one Gateway. What disconnects somebody asks
// again: it is a submenu then, which names them and ends with the entry that
// does it. So nothing has to be remembered between two clicks.

func actions(s supervisor.Snapshot, now time.Time) []Item {
	items := []Item{action(s, supervisor.Start, "Start")}
	items = append(items, asking(s, supervisor.Stop, "Stop", now)...)
	items = append(items, asking(s, supervisor.Restart, restartTitle(s), now)...)
	return append(items,
		clearing(s, now),
		keeping(s),
		action(s, supervisor.CopyConfig, "Copy IBC config"),
	)
}

// action greys out what cannot work, and says why.
func action(s supervisor.Snapshot, a supervisor.Action, title string) Item {
	why := s.Refusal(a)
	if why != nil {
		title += " (" + why.Text + ")" // the hint is for those who ask at length
	}
	return Item{Title: title, Enabled: why == nil, Do: Command{Gateway: s.Name, Action: a}}
}

func restartTitle(s supervisor.Snapshot) string {
	if s.Refusal(supervisor.Restart) == nil && s.Process.PID != 0 && !s.Process.Controls.KeepsLogin {
		return "Restart (needs a new login)"
	}
	return "Restart"
}

// asking is the plain entry while nobody is connected, and the submenu that asks
// again while somebody is.
func asking(s supervisor.Snapshot, a supervisor.Action, title string, now time.Time) []Item {
	plain := action(s, a, title)
	plain.Hidden = plain.Enabled && len(others(s)) > 0
	ask := Item{Title: title + "…", Enabled: true, Hidden: !plain.Hidden}
	ask.Children = append(disconnected(s, now), Item{Separator: true},
		Item{Title: sure(s, a), Enabled: plain.Enabled, Do: plain.Do})
	return []Item{plain, ask}
}

func sure(s supervisor.Snapshot, a supervisor.Action) string {
	verb := map[supervisor.Action]string{supervisor.Stop: "Stop", supervisor.Restart: "Restart", supervisor.ClearZombies: "Restart"}[a]
	switch len(others(s)) {
	case 0:
		return verb + " it"
	case 1:
		return verb + " it and disconnect this one"
	}
	return fmt.Sprintf("%s it and disconnect these %d", verb, len(others(s)))
}

// clearing always asks again: it restarts the Gateway.
func clearing(s supervisor.Snapshot, now time.Time) Item {
	do := action(s, supervisor.ClearZombies, "Clear zombies")
	ask := Item{Title: do.Title, Enabled: do.Enabled}
	if do.Enabled {
		ask.Title += "…"
	}
	ask.Children = append([]Item{note("Only a restart clears them. It needs no new login.")}, disconnected(s, now)...)
	ask.Children = append(ask.Children, Item{Separator: true},
		Item{Title: sure(s, supervisor.ClearZombies), Enabled: do.Enabled, Do: do.Do})
	return ask
}

// disconnected names those that lose their connection.
func disconnected(s supervisor.Snapshot, now time.Time) []Item {
	return lines(clientLines, "clients", others(s), func(c supervisor.Client) string {
		return "Disconnects " + client(c) + ", connected since " + supervisor.When(c.Since, now)
	})
}

// others are the clients but ourselves.
func others(s supervisor.Snapshot) []supervisor.Client {
	var all []supervisor.Client
	for _, c := range s.Clients {
		if !c.Self {
			all = append(all, c)
		}
	}
	return all
}

func keeping(s supervisor.Snapshot) Item {
	do := supervisor.KeepRunningOn
	if s.KeepRunning {
		do = supervisor.KeepRunningOff
	}
	title := "Keep running"
	if s.Process.By == supervisor.ByOther || s.State == supervisor.Down && s.Expected {
		title += " (once Gatelight has started it)"
	}
	it := action(s, do, title)
	it.Checkable, it.Checked = true, s.KeepRunning
	return it
}
