package ibc

import (
	"strconv"
	"strings"
	"unicode/utf16"
)

// properties reads config.ini the way IBC does, with the rules of
// java.util.Properties: "=", ":" or white space end a key, a backslash escapes
// or, at the end of a line, continues it, "#" and "!" begin a comment, and the
// last of several equal keys wins without a word.
func properties(b []byte) map[string]string {
	p := map[string]string{}
	lines := strings.Split(strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(latin1(b)), "\n")
	for i := 0; i < len(lines); i++ {
		line := strings.TrimLeft(lines[i], " \t\f")
		if line == "" || line[0] == '#' || line[0] == '!' {
			continue
		}
		for continues(line) {
			line = line[:len(line)-1]
			if i++; i == len(lines) {
				break
			}
			line += strings.TrimLeft(lines[i], " \t\f")
		}
		if line == "" { // backslashes and nothing else
			continue
		}
		key, value := splitProperty(line)
		p[unescape(key)] = unescape(value)
	}
	return p
}

// latin1 is how java.util.Properties decodes a stream: a byte is a character.
func latin1(b []byte) string {
	var s strings.Builder
	for _, c := range b {
		s.WriteRune(rune(c))
	}
	return s.String()
}

// continues reports an odd number of backslashes at the end.
func continues(line string) bool {
	n := len(line) - len(strings.TrimRight(line, `\`))
	return n%2 == 1
}

func splitProperty(line string) (key, value string) {
	end := len(line)
	for i := 0; i < len(line); i++ {
		if line[i] == '\\' {
			i++
		} else if strings.ContainsRune("=: \t\f", rune(line[i])) {
			end = i
			break
		}
	}
	value = strings.TrimLeft(line[end:], " \t\f")
	if value != "" && (value[0] == '=' || value[0] == ':') {
		value = strings.TrimLeft(value[1:], " \t\f")
	}
	return line[:end], value
}

func unescape(s string) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	var units []uint16
	runes := []rune(s)
	for i := 0; i < len(runes); i++ {
		c := runes[i]
		if c == '\\' && i+1 < len(runes) {
			i++
			switch c = runes[i]; c {
			case 't':
				c = '\t'
			case 'n':
				c = '\n'
			case 'r':
				c = '\r'
			case 'f':
				c = '\f'
			case 'u':
				if i+4 < len(runes) {
					if n, err := strconv.ParseUint(string(runes[i+1:i+5]), 16, 16); err == nil {
						c, i = rune(n), i+4
					}
				}
			}
		} else if c == '\\' {
			break
		}
		units = append(units, uint16(c))
	}
	return string(utf16.Decode(units))
}
