package tray

import (
	"fmt"

	"gatelight/supervisor"
)

// offers are the buttons that fit a notice: what can be done about it now, and
// the log. Whoever would be disconnected is counted on the button, since it does
// not ask again.
func offers(g supervisor.Snapshot, n supervisor.Notice) []offer {
	var all []offer
	if a, label := remedy(g, n); a != "" {
		all = append(all, offer{label, Command{Gateway: g.Name, Action: a, Clients: len(others(g))}})
	}
	return append(all, offer{"Show log", Command{Gateway: g.Name, Local: OpenLog}})
}

func remedy(g supervisor.Snapshot, n supervisor.Notice) (a supervisor.Action, label string) {
	switch n.Kind {
	case supervisor.NoticeDrop, supervisor.NoticeReminder, supervisor.NoticeBudget, supervisor.NoticeFailed:
	default:
		return "", ""
	}
	switch {
	case g.State == supervisor.Down && g.Refusal(supervisor.Start) == nil:
		return supervisor.Start, "Start Gateway"
	case g.State != supervisor.Zombies:
		return "", ""
	case g.Refusal(supervisor.ClearZombies) == nil:
		a = supervisor.ClearZombies
	case g.Refusal(supervisor.Restart) == nil:
		a = supervisor.Restart
	default:
		return "", ""
	}
	if n := len(others(g)); n > 0 {
		return a, fmt.Sprintf("Restart (disconnects %d)", n)
	}
	return a, "Restart Gateway"
}
