package tray

import (
	"strings"
	"time"

	"gatelight/supervisor"
)

// StatusText is a status as the menu shows it, for a terminal: see [Text].
func StatusText(status supervisor.Status, now time.Time, colour bool) string {
	return Text(View(status, Program{}, now), colour)
}

// Text is the same menu for a terminal: what can be read of it, without what
// can only be clicked. Headlines begin with their state's symbol and, with
// colour, have its colour.
func Text(m Menu, colour bool) string {
	var b strings.Builder
	write(&b, m.Items, colour)
	return b.String()
}

func write(b *strings.Builder, items []Item, colour bool) {
	for _, it := range items {
		choices := it.Icon == "" && len(it.Children) > 0
		if it.Hidden || it.Separator || it.Do != (Command{}) || choices {
			continue
		}
		line := "  " + it.Title
		if it.Icon != "" {
			line = symbols[it.Icon] + " " + it.Title
			if colour {
				line = "\x1b[" + colours[it.Icon] + "m" + line + "\x1b[0m"
			}
		}
		b.WriteString(line + "\n")
		write(b, it.Children, colour)
	}
}

// symbols are the silhouettes in one character.
var symbols = map[string]string{
	"unknown": "?", "down": "▲", "down-expected": "○", "starting": "◔", "two-factor": "⚿",
	"listening": "◎", "connected": "✔", "cut-off": "⊘", "zombies": "▣",
}

// colours are the icons' colours for a terminal (SGR codes).
var colours = map[string]string{
	"unknown": "90", "down": "1;31", "down-expected": "90", "starting": "33", "two-factor": "1;33",
	"listening": "33", "connected": "32", "cut-off": "38;5;208", "zombies": "1;35",
}
