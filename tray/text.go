package tray

import "strings"

// Text is the same menu for a terminal: what can be read of it, without what
// can only be clicked. With colour the headline has the state's.
func Text(m Menu, colour bool) string {
	var b strings.Builder
	write(&b, m.Items, m.Icon, colour, "")
	return b.String()
}

func write(b *strings.Builder, items []Item, icon string, colour bool, indent string) {
	first := true
	for _, it := range items {
		if it.Hidden || it.Separator || it.Do != (Command{}) {
			continue
		}
		line := indent + it.Title
		if first && indent == "" {
			line = symbols[icon] + " " + line
			if colour {
				line = "\x1b[" + colours[icon] + "m" + line + "\x1b[0m"
			}
		} else if indent == "" {
			line = "  " + line
		}
		first = false
		b.WriteString(line + "\n")
		write(b, it.Children, icon, colour, indent+"    ")
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
