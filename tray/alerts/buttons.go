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
	if a := remedy(g, n); a != "" {
		clients := len(g.OtherClients())
		all = append(all, Button{buttonLabel(a, clients), Press{Gateway: g.Name, Action: a, Clients: clients}})
	}
	if g.Host != "" { // its log is there
		return all
	}
	return append(all, Button{"Show log", Press{Gateway: g.Name, ShowLog: true}})
}

// remedy is the action that helps now, "" for none.
func remedy(g supervisor.Snapshot, n supervisor.Notice) supervisor.Action {
	switch n.Kind {
	case supervisor.NoticeDrop, supervisor.NoticeLoop, supervisor.NoticeReminder, supervisor.NoticeBudget, supervisor.NoticeFailed, supervisor.NoticeLogin:
	default:
		return ""
	}
	if g.LoginProblem != nil && g.Busy == supervisor.Start {
		g.Busy = "" // the start that has led to this login is over at once
	}
	for _, a := range Remedies(g) {
		if g.Refusal(a) == nil {
			return a
		}
	}
	return ""
}

// Remedies are the actions that help a Gateway in its state, the best first. A
// login that does not go on is not restarted: each try may be one that IBKR
// counts.
func Remedies(g supervisor.Snapshot) []supervisor.Action {
	switch {
	case g.LoginProblem != nil:
		return []supervisor.Action{supervisor.Stop}
	case g.State == supervisor.Down:
		return []supervisor.Action{supervisor.Start}
	case g.State == supervisor.Silent:
		return []supervisor.Action{supervisor.Restart}
	case g.State == supervisor.Zombies:
		return []supervisor.Action{supervisor.ClearZombies, supervisor.Restart}
	}
	return nil
}

func buttonLabel(a supervisor.Action, clients int) string {
	verb := supervisor.Capitalise(string(a))
	if a == supervisor.ClearZombies {
		verb = "Restart" // that is what clears them
	}
	if clients > 0 {
		return fmt.Sprintf("%s (disconnects %d)", verb, clients)
	}
	return verb + " Gateway"
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
