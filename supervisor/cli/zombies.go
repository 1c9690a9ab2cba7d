package cli

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"gatelight/supervisor"
	"gatelight/supervisor/status"
)

type zombiesCommand struct {
	JSON    bool   `help:"Print it for scripts."`
	Gateway string `help:"Only this Gateway." placeholder:"NAME"`
}

func (c zombiesCommand) Run(e *env) error {
	w, err := statusOf(e, c.Gateway)
	if err != nil {
		return err
	}
	now := supervisor.Now()
	w = w.Aged(now)
	if c.JSON {
		err = printJSON(e.stdout, zombieDocument(status.Encode(w, now)))
	} else {
		_, err = fmt.Fprint(e.stdout, zombieText(w, now))
	}
	if err != nil {
		return err
	}
	return exitError(zombieStatus(w))
}

func zombieStatus(w supervisor.Status) int {
	worst := 0
	for _, g := range w.Gateways {
		switch {
		case len(g.Zombies) > 0:
			return 2
		case cannotSee(g):
			worst = 3
		}
	}
	return worst
}

// cannotSee reports that the newest look has failed or is stale, whatever a
// session says.
func cannotSee(g supervisor.Snapshot) bool { return g.State == supervisor.Unknown || !g.LookFresh }

// zombieGateway is the part of a Gateway in the status document that is about
// zombies.
type zombieGateway struct {
	Name         string           `json:"name"`
	Port         int              `json:"port"`
	State        supervisor.State `json:"state"`
	Why          string           `json:"why"`
	Blocking     bool             `json:"blocking"`
	Zombies      []status.Zombie  `json:"zombies"`
	StaleClients []status.Client  `json:"stale_clients"`
	Blind        []string         `json:"blind"`
}

type zombieList struct {
	Schema   int             `json:"schema"`
	Gateways []zombieGateway `json:"gateways"`
	Source   string          `json:"source"`
	Reader   *string         `json:"reader"`
	Version  string          `json:"version"`
}

func zombieDocument(d status.Document) zombieList {
	l := zombieList{Schema: d.Schema, Gateways: []zombieGateway{}, Source: d.Source, Reader: d.Reader, Version: d.Version}
	for _, g := range d.Gateways {
		l.Gateways = append(l.Gateways, zombieGateway{g.Name, g.Port, g.State, g.Why, g.Blocking, g.Zombies, g.StaleClients, g.Blind})
	}
	return l
}

func zombieText(w supervisor.Status, now time.Time) string {
	var b strings.Builder
	for i, g := range w.Gateways {
		if i > 0 {
			b.WriteString("\n")
		}
		writeZombies(&b, g, now)
	}
	return b.String()
}

func writeZombies(b *strings.Builder, g supervisor.Snapshot, now time.Time) {
	holds := "no sockets stuck in CLOSE_WAIT"
	switch n := len(g.Zombies); {
	case n == 0 && cannotSee(g):
		holds = "cannot be seen"
	case n == 1:
		holds = "1 socket stuck in CLOSE_WAIT"
	case n > 1:
		holds = fmt.Sprintf("%d sockets stuck in CLOSE_WAIT", n)
	}
	fmt.Fprintf(b, "%s, port %d: %s\n", g.Subject(), g.Port, holds)
	if len(g.Zombies) > 0 || cannotSee(g) {
		fmt.Fprintf(b, "  %s\n", g.Why)
	}
	for _, z := range g.Zombies {
		fmt.Fprintf(b, "  %-21s  for %s, %s\n  %21s  %s\n", z.Peer, supervisor.Span(now.Sub(z.Since)), conditionText(z), "", ownerText(z, now))
	}
	for _, c := range g.StaleClients {
		fmt.Fprintf(b, "  %-21s  not a zombie: %s still holds a connection that the Gateway has closed\n", c.Peer, processLabel(c.Process))
	}
	if len(g.Blind) > 0 {
		fmt.Fprintf(b, "  Cannot be seen from here: %s\n", strings.Join(g.Blind, "; "))
	}
	switch {
	case len(g.Zombies) == 0:
	case g.Blocking:
		fmt.Fprintf(b, "  They keep the API from answering. Only a restart of the Gateway cures it: gatelight clear-zombies\n")
	default:
		fmt.Fprintf(b, "  They do no harm yet. A restart of the Gateway removes them: gatelight clear-zombies\n")
	}
}

// conditionText says how much harm a zombie does: one that was never accepted, or
// has unread bytes, is worse.
func conditionText(z supervisor.Zombie) string {
	var parts []string
	if z.Queued {
		parts = append(parts, "never accepted")
	}
	switch z.Unread {
	case supervisor.UnknownBytes:
		parts = append(parts, "unread bytes not known")
	case 0:
		parts = append(parts, "all bytes read")
	case 1:
		parts = append(parts, "1 byte unread")
	default:
		parts = append(parts, fmt.Sprintf("%d bytes unread", z.Unread))
	}
	return strings.Join(parts, ", ")
}

func ownerText(z supervisor.Zombie, now time.Time) string {
	if z.Owner.PID == 0 {
		return "opener unknown"
	}
	text := "opened by " + processLabel(z.Owner)
	if !z.Owner.StartedAt.IsZero() {
		text += ", started " + supervisor.When(z.Owner.StartedAt, now)
	}
	return text + ", last seen " + supervisor.When(z.LastSeen, now)
}

// processLabel is the name of a process for people.
func processLabel(p supervisor.Process) string {
	return cmp.Or(p.Label(), "a program that cannot be identified")
}
