package alerts

import (
	"strings"
	"unicode/utf8"
)

// Wrap breaks a text between words into n lines of at most width characters. Some
// lines may be empty. What does not fit stays on the last one.
func Wrap(text string, width, n int) []string {
	lines := make([]string, n)
	i := 0
	for _, word := range strings.Fields(text) {
		switch {
		case lines[i] == "":
			lines[i] = word
		case i < n-1 && utf8.RuneCountInString(lines[i])+1+utf8.RuneCountInString(word) > width:
			i++
			lines[i] = word
		default:
			lines[i] += " " + word
		}
	}
	return lines
}
