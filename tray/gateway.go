package tray

import (
	"cmp"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"gatelight/supervisor"
	"gatelight/tray/alerts"
)

// This file is what the menu says of one Gateway.

// How many clients and zombies the menu has lines for. More are counted.
const (
	clientLines = 6
	zombieLines = 4
)

// The reason is broken into lines: the longest would be wider than a laptop's screen.
const (
	whyLines = 3
	whyWidth = 72 // characters
)

func gatewayItems(s supervisor.Snapshot, now time.Time, once bool) []Item {
	items := []Item{
		{Title: headline(s, now, once), Icon: icon(s), Enabled: true}, // not greyed out: people open the menu for these two
	}
	for _, line := range alerts.Wrap(s.Why, whyWidth, whyLines) {
		items = append(items, Item{Title: line, Enabled: true, Hidden: line == ""})
	}
	items = append(items,
		note(sinceLine(s, now, once)),
		optional("Cannot be seen from here: "+strings.Join(s.Blind, "; "), len(s.Blind) > 0),
		note(nextLine(s, now)),
		optional("Simulated: not connected to IBKR", s.Simulated),
	)
	items = append(items, lines(clientLines, "clients", s.Clients, func(c supervisor.Client) string {
		return "Client " + clientName(c) + ", since " + supervisor.When(c.Since, now)
	})...)
	items = append(items, lines(zombieLines, "stale clients", s.StaleClients, func(c supervisor.Client) string {
		return "Stale client " + processName(c.Process, c.Peer) + ": the Gateway has closed the connection"
	})...)
	items = append(items, lines(zombieLines, "zombies", s.Zombies, func(z supervisor.Zombie) string {
		return "Zombie " + z.Peer.String() + ", " + supervisor.Span(now.Sub(z.Since)) + ", " + ownerName(z)
	})...)
	return append(append(items, Item{Separator: true}), actionItems(s, now)...)
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

// processName names a process, or where it is not known, the address of its socket.
func processName(p supervisor.Process, peer netip.AddrPort) string {
	return cmp.Or(p.Label(), peer.String())
}

func clientName(c supervisor.Client) string {
	if c.Self {
		return "Gatelight itself"
	}
	return processName(c.Process, c.Peer)
}

func ownerName(z supervisor.Zombie) string {
	if z.Owner.PID == 0 {
		return "its owner was not seen"
	}
	return "made by " + processName(z.Owner, z.Peer)
}

// nextLine is what will happen by itself, and when.
func nextLine(s supervisor.Snapshot, now time.Time) string {
	switch {
	case s.Next != nil && s.Next.Action == supervisor.NextStart:
		return "Starts again in " + supervisor.Span(s.Next.At.Sub(now))
	case s.Next != nil && s.Next.Action == supervisor.NextRestart:
		return "Restarts at " + supervisor.Local(s.Next.At).Format("15:04")
	case s.Next != nil:
		return "Asks the API again in " + supervisor.Span(s.Next.At.Sub(now))
	case s.QuietUntil.After(now) && s.State != supervisor.Connected && s.LoginProblem == nil && s.TwoFactor == nil:
		reason := "It is on its way back"
		if s.TroubleSince.IsZero() {
			reason = "This is expected"
		}
		return reason + "; an alert follows if that fails or takes until " + supervisor.When(s.QuietUntil, now)
	}
	return ""
}

// ageShown is the age from which the menu says how old the evidence is.
const ageShown = 4 * time.Second

// sinceLine says when the state began, and the age of the newest evidence once
// that is worth saying.
func sinceLine(s supervisor.Snapshot, now time.Time, once bool) string {
	age := now.Sub(s.EvidenceAt)
	switch {
	case once:
		return "Seen just now, by looking once; no Gatelight is running"
	case s.EvidenceAt.IsZero() || age < ageShown:
		return "Since " + supervisor.When(s.Since, now)
	}
	return "Since " + supervisor.When(s.Since, now) + ", last seen " + supervisor.Span(age) + " ago"
}
