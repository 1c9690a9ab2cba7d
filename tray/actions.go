package tray

import (
	"fmt"
	"time"

	"gatelight/supervisor"
)

// This file is what can be done with one Gateway. What cannot work in its state is
// not there; what should work and does not is greyed out, and says why. What
// disconnects a client asks for a confirmation: it is a submenu then, which names the
// clients and ends with the entry that does it. So nothing has to be remembered
// between two clicks.

func actionItems(s supervisor.Snapshot, now time.Time) []Item {
	start := actionItem(s, supervisor.Start, "Start")
	start.Hidden = !start.Enabled && s.State != supervisor.Down
	items := []Item{start}
	items = append(items, withConfirmation(s, supervisor.Stop, "Stop", now)...)
	items = append(items, withConfirmation(s, supervisor.Restart, restartTitle(s), now)...)
	return append(items, clearItem(s, now), keepRunningItem(s))
}

// isOffered reports that an entry belongs to the menu in this state, even if it has to
// be greyed out.
func isOffered(s supervisor.Snapshot, a supervisor.Action) bool {
	possible := s.Refusal(a) == nil || s.Busy != "" && s.State != supervisor.Down // soon again
	switch a {
	case supervisor.Stop:
		return possible
	case supervisor.Restart: // where zombies can be cleared, that is a restart
		if s.State == supervisor.Zombies {
			return possible && s.Refusal(supervisor.ClearZombies) != nil
		}
		return possible || s.State != supervisor.Down && s.State != supervisor.Unknown && s.Refusal(supervisor.Stop) != nil
	case supervisor.ClearZombies:
		return s.State == supervisor.Zombies
	}
	return true
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

// withConfirmation is two entries of which one at most is shown: the plain one
// while nobody is connected, the submenu that asks again while somebody is.
func withConfirmation(s supervisor.Snapshot, a supervisor.Action, title string, now time.Time) []Item {
	plain := actionItem(s, a, title)
	asks := plain.Enabled && len(s.OtherClients()) > 0
	offered := isOffered(s, a)
	children := append(disconnectLines(s, now), confirmItems(s, string(a), plain)...)
	plain.Hidden = asks || !offered
	return []Item{plain, {Title: title + "…", Enabled: true, Hidden: !asks || !offered, Children: children}}
}

// confirmItems end a submenu that asks again: the last one does it.
func confirmItems(s supervisor.Snapshot, verb string, do Item) []Item {
	title := supervisor.Capitalise(verb) + " it"
	switch n := len(s.OtherClients()); n {
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
	ask := Item{Title: do.Title, Enabled: do.Enabled, Hidden: !isOffered(s, supervisor.ClearZombies)}
	if do.Enabled {
		ask.Title += "…"
	}
	ask.Children = append([]Item{note("Only a restart clears them. It needs no new login.")}, disconnectLines(s, now)...)
	ask.Children = append(ask.Children, confirmItems(s, "restart", do)...)
	return ask
}

// disconnectLines names the clients that lose their connection.
func disconnectLines(s supervisor.Snapshot, now time.Time) []Item {
	return lines(listLines, "clients", s.OtherClients(), func(c supervisor.Client) string {
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
