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

// How many clients and zombies a list has lines for. More are counted.
const listLines = 8

// The reason, and what happens next, are broken into lines: the longest would be wider
// than a laptop's screen.
const (
	whyLines = 3
	whyWidth = 76 // characters
)

func gatewayItems(s supervisor.Snapshot, now time.Time, once bool) []Item {
	items := []Item{
		{Title: headline(s, now, once), Icon: icon(s), Enabled: true}, // not greyed out: people open the menu for these two
	}
	why := s.Why
	if next := nextLine(s, now); next != "" {
		why = strings.TrimSuffix(why, ".") + ". " + next
	}
	for i, line := range alerts.Wrap(why, whyWidth, whyLines) {
		items = append(items, Item{Title: line, Enabled: true, Hidden: line == "", Continues: i > 0})
	}
	items = append(items,
		optional("Cannot be seen from here: "+strings.Join(s.Blind, "; "), len(s.Blind) > 0),
		optional("Seen just now, by looking once; no Gatelight is running", once),
		list("Clients", s.Clients, func(c supervisor.Client) string {
			return clientName(c) + ", since " + supervisor.When(c.Since, now)
		}),
		list("Stale clients", s.StaleClients, func(c supervisor.Client) string {
			return processName(c.Process, c.Peer) + " still holds a connection that the Gateway has closed"
		}),
		list("Zombies", s.Zombies, func(z supervisor.Zombie) string {
			return z.Peer.String() + ", since " + supervisor.When(z.Since, now) + ", " + ownerName(z)
		}),
		Item{Separator: true},
	)
	return append(items, actionItems(s, now)...)
}

// note is a line to read, not to click.
func note(text string) Item { return Item{Title: text, Hidden: text == ""} }

func optional(text string, shown bool) Item { return Item{Title: text, Hidden: !shown} }

// list is a submenu that names all of something, and is not there for nothing.
func list[T any](title string, all []T, text func(T) string) Item {
	return Item{Title: fmt.Sprintf("%s (%d)", title, len(all)), Enabled: true, Hidden: len(all) == 0, List: true,
		Children: lines(listLines, strings.ToLower(title), all, text)}
}

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
		return "Gatelight (monitor)"
	}
	return processName(c.Process, c.Peer)
}

func ownerName(z supervisor.Zombie) string {
	if z.Owner.PID == 0 {
		return "opener unknown"
	}
	return "opened by " + processName(z.Owner, z.Peer)
}

// nextLine is what will happen by itself, and when: a time, since a number of seconds
// would change each second, and some panels close a menu that changes.
func nextLine(s supervisor.Snapshot, now time.Time) string {
	switch {
	case s.Next != nil && s.Next.Action == supervisor.NextStart:
		return "Starts again at " + supervisor.When(s.Next.At, now)
	case s.Next != nil && s.Next.Action == supervisor.NextRestart:
		return "Restarts at " + supervisor.Local(s.Next.At).Format("15:04")
	case s.Next != nil:
		return "Asks the API again at " + supervisor.When(s.Next.At, now)
	case s.QuietUntil.After(now) && s.State != supervisor.Connected && s.LoginProblem == nil && s.TwoFactor == nil:
		return "Alert if not up by " + supervisor.Local(s.QuietUntil).Format("15:04")
	}
	return ""
}
