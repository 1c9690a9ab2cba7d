package doctor

import (
	"fmt"
	"strings"
)

// marks are the verdicts' signs, and their colours on a terminal.
var marks = map[Verdict]struct{ sign, colour string }{
	OK: {"✔", "\x1b[32m"}, Note: {"–", "\x1b[2m"}, Warning: {"!", "\x1b[33m"}, Error: {"✘", "\x1b[31m"},
}

// Text has all results, for a person to read.
func Text(sections []Section, colour bool) string {
	var b strings.Builder
	for _, s := range sections {
		if len(s.Results) == 0 {
			continue
		}
		fmt.Fprintln(&b, s.Title)
		for _, r := range s.Results {
			m := marks[r.Verdict]
			sign := m.sign
			if colour {
				sign = m.colour + sign + "\x1b[0m"
			}
			fmt.Fprintf(&b, "  %s %s\n", sign, r.Text)
			if r.Do != "" {
				fmt.Fprintf(&b, "    → %s\n", r.Do)
			}
		}
		fmt.Fprintln(&b)
	}
	b.WriteString(summary(count(sections, Error), count(sections, Warning)) + "\n")
	return b.String()
}

func summary(errors, warnings int) string {
	switch {
	case errors > 0 && warnings > 0:
		return plural(errors, "problem") + " (✘) to fix, and " + plural(warnings, "thing") + " (!) to look at."
	case errors > 0:
		return plural(errors, "problem") + " (✘) to fix."
	case warnings > 0:
		return "Nothing is broken; " + plural(warnings, "thing") + " (!) to look at."
	}
	return "Everything is in order."
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
