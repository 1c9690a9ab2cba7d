package tray

import (
	"strings"
	"time"

	"gatelight/supervisor"
)

// StatusText is a status as the menu shows it, for a terminal: what can be read
// of it, without what can only be clicked. Headlines begin with their state's
// symbol and, with colour, have its colour.
func StatusText(status supervisor.Status, now time.Time, colour bool) string {
	var b strings.Builder
	write(&b, View(status, Program{}, now).Items, "  ", colour)
	return b.String()
}

func write(b *strings.Builder, items []Item, indent string, colour bool) {
	for _, it := range items {
		choices := it.Icon == "" && len(it.Children) > 0 && !it.List
		if it.Hidden || it.Separator || it.Do != (Command{}) || choices {
			continue
		}
		line := indent + it.Title
		if it.List {
			b.WriteString(line + ":\n")
			write(b, it.Children, indent+"  ", colour)
			continue
		}
		if it.Icon != "" {
			mark := marks[it.Icon]
			line = mark.symbol + " " + it.Title
			if colour {
				line = "\x1b[" + mark.colour + "m" + line + "\x1b[0m"
			}
		}
		b.WriteString(line + "\n")
		write(b, it.Children, indent, colour)
	}
}

// marks are the icons' silhouettes in one character, and their colours for a
// terminal (SGR codes).
var marks = map[string]struct{ symbol, colour string }{
	"unknown":       {"?", "90"},
	"down":          {"▲", "1;31"},
	"down-expected": {"○", "90"},
	"starting":      {"◔", "33"},
	"two-factor":    {"⚿", "1;94"},
	"needs-you":     {"♙", "1;94"},
	"listening":     {"◎", "33"},
	"silent":        {"◆", "1;31"},
	"connected":     {"✔", "32"},
	"cut-off":       {"⊘", "38;5;208"},
	"zombies":       {"▣", "1;35"},
}
