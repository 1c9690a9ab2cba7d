package tray

import (
	"fmt"
	"net/netip"
	"strings"
	"time"
	"unicode/utf8"

	"gatelight/supervisor"
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

func gateway(s supervisor.Snapshot, now time.Time, once bool) []Item {
	items := []Item{
		{Title: headline(s, now, once), Icon: Icon(s), Enabled: true}, // not greyed out: these two are what one came for
	}
	for _, line := range wrapped(s.Why, whyWidth, whyLines) {
		items = append(items, Item{Title: line, Enabled: true, Hidden: line == ""})
	}
	items = append(items,
		note(since(s, now, once)),
		optional("Cannot be seen from here: "+strings.Join(s.Blind, "; "), len(s.Blind) > 0),
		note(next(s, now)),
		optional("Simulated: not connected to IBKR", s.Simulated),
	)
	items = append(items, lines(clientLines, "clients", s.Clients, func(c supervisor.Client) string {
		return "Client " + client(c) + ", since " + supervisor.When(c.Since, now)
	})...)
	items = append(items, lines(zombieLines, "stale clients", s.StaleClients, func(c supervisor.Client) string {
		return "Stale client " + programOf(c.Process, c.Peer) + ": the Gateway hung up on it"
	})...)
	items = append(items, lines(zombieLines, "zombies", s.Zombies, func(z supervisor.Zombie) string {
		return "Zombie " + z.Peer.String() + ", " + supervisor.Span(now.Sub(z.Since)) + ", " + owner(z)
	})...)
	return append(append(items, Item{Separator: true}), actions(s, now)...)
}

// wrapped breaks a text between words into n lines, of which some may be empty.
// What does not fit stays on the last one.
func wrapped(text string, width, n int) []string {
	lines := make([]string, n)
	at := 0
	for _, word := range strings.Fields(text) {
		if lines[at] == "" {
			lines[at] = word
			continue
		}
		if utf8.RuneCountInString(lines[at])+1+utf8.RuneCountInString(word) > width && at < n-1 {
			at++
			lines[at] = word
			continue
		}
		lines[at] += " " + word
	}
	return lines
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

func programOf(p supervisor.Process, peer netip.AddrPort) string {
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
	return programOf(c.Process, c.Peer)
}

func owner(z supervisor.Zombie) string {
	if z.Owner.PID == 0 {
		return "nobody was seen at its other end"
	}
	return "made by " + programOf(z.Owner, z.Peer)
}

// next is what will happen by itself, and when.
func next(s supervisor.Snapshot, now time.Time) string {
	switch {
	case s.Next != nil && s.Next.Action == supervisor.NextStart:
		return "Starts again in " + supervisor.Span(s.Next.At.Sub(now))
	case s.Next != nil:
		return "Asks the API again in " + supervisor.Span(s.Next.At.Sub(now))
	case s.QuietUntil.After(now) && s.State != supervisor.Connected && s.Phase != supervisor.TwoFactor:
		return what(s) + "; an alert follows if that fails or takes until " + supervisor.When(s.QuietUntil, now)
	}
	return ""
}

// what is going on while no alert comes.
func what(s supervisor.Snapshot) string {
	if s.TroubleSince.IsZero() {
		return "This is expected"
	}
	return "It is on its way back"
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
