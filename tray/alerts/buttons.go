package alerts

import (
	"fmt"
	"sync"

	"gatelight/supervisor"
)

// A Button is one of an alert's buttons.
type Button struct {
	Label string
	Do    Press
}

// A Press is what a person asks for who presses a button of an alert. The zero
// value is a press on the alert's text, which asks for nothing.
type Press struct {
	Gateway string
	Action  supervisor.Action // "" for none
	Clients int               // how many clients the button said that the action disconnects
	ShowLog bool
}

// buttonsFor are the buttons that fit a notice: what can be done about it now,
// and the log. The label counts the clients that would be disconnected, since a
// button does not ask for a confirmation.
func buttonsFor(g supervisor.Snapshot, n supervisor.Notice) []Button {
	var all []Button
	if a, label := remedy(g, n); a != "" {
		all = append(all, Button{label, Press{Gateway: g.Name, Action: a, Clients: len(OtherClients(g))}})
	}
	return append(all, Button{"Show log", Press{Gateway: g.Name, ShowLog: true}})
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
	if n := len(OtherClients(g)); n > 0 {
		return a, fmt.Sprintf("Restart (disconnects %d)", n)
	}
	return a, "Restart Gateway"
}

// OtherClients are the clients of a Gateway without our own monitor.
func OtherClients(g supervisor.Snapshot) (others []supervisor.Client) {
	for _, c := range g.Clients {
		if !c.Self {
			others = append(others, c)
		}
	}
	return others
}

// An offeredButton is a button under the identifier that the system reports when
// it is pressed.
type offeredButton struct{ ID, Label string }

// offers remember what the buttons do that this process has offered. Buttons of
// an earlier one do nothing.
type offers struct {
	prefix string // of the identifiers

	mu      sync.Mutex
	presses map[string]Press // by identifier; there are few
}

// add gives each button an identifier. It says what the button does, so that a
// late press cannot mean something else.
func (o *offers) add(buttons []Button) (all []offeredButton) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.presses == nil {
		o.presses = map[string]Press{}
	}
	for _, b := range buttons {
		id := o.prefix + pressID(b.Do)
		o.presses[id] = b.Do
		all = append(all, offeredButton{id, b.Label})
	}
	return all
}

func (o *offers) press(id string) (Press, bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	p, ok := o.presses[id]
	return p, ok
}

func pressID(p Press) string {
	return fmt.Sprintf("%q %q %t %d", p.Gateway, p.Action, p.ShowLog, p.Clients)
}
