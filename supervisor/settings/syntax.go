package settings

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

// notText is the line of the first byte that no text in UTF-8 has, 0 for none.
func notText(b []byte) (line int) {
	for at := 0; at < len(b); {
		r, n := utf8.DecodeRune(b[at:])
		if r == 0 || r == utf8.RuneError && n == 1 {
			return 1 + bytes.Count(b[:at], []byte("\n"))
		}
		at += n
	}
	return 0
}

// syntaxText says what is wrong with a line that is no TOML, and what to write. It
// does not quote it: the file may be another one, with a password in it.
func syntaxText(line string) string {
	key, value, isSetting := strings.Cut(line, "=")
	key, value = strings.TrimSpace(key), strings.TrimSpace(value)
	const behind = "there is something behind the value; write a setting in a line of its own, and # before a comment"
	switch {
	case strings.HasPrefix(key, "["):
		return "a table begins with a line such as [[gateway]], [gateway.ibc] or [[remote]]"
	case !isSetting || key == "" || strings.ContainsAny(key, " \t{:"):
		return "this is no setting; write it as: key = value"
	case value == "" || value[0] == '#':
		return "there is no value behind the ="
	case value[0] == '"' || value[0] == '\'':
		switch {
		case strings.IndexByte(value[1:], value[0]) < 0:
			return "the quote at the end of the text is missing"
		case value[0] == '"' && strings.Contains(value, `\`):
			return `in " " a \ is written as \\; or put the text in ' '`
		}
		return behind
	case value[0] == '[' || value[0] == '{':
		return "a comma, a quote, or the ] or } at the end is missing"
	}
	word := strings.Fields(value)[0]
	switch strings.ToLower(word) {
	case "yes", "no", "on", "off", "true", "false", "tru", "fals":
		if word != "true" && word != "false" {
			return "write true or false, in small letters"
		}
		return behind
	}
	switch {
	case word[0] < '0' || word[0] > '9':
		return `a text stands in quotes, such as "text"`
	case word != value:
		return behind
	}
	return "this is no number; put it in quotes if it is a text"
}
