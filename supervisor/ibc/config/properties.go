package config

import (
	"bytes"
	"strconv"
	"strings"
	"unicode/utf16"
)

// A File is a config.ini as IBC reads it, with the rules of
// java.util.Properties.load on a stream (IBC's DefaultSettings.java): "=", ":"
// or white space end a key, a backslash escapes or, at the end of a line,
// continues it, "#" and "!" begin a comment, a byte is a Latin-1 character, and
// the last of several equal keys counts, without a warning.
type File struct {
	Entries []Entry
	// Broken is the first line with a \u that four hexadecimal digits do not
	// follow, or 0. Java refuses such a file as a whole, and IBC ends.
	Broken int

	lines     []string       // as they stand, decoded, without their ends
	crlf      bool           // the file ends in both CR and LF; Java then sees one more line behind a backslash
	lastIndex map[string]int // key to index of its last entry
}

// An Entry is one setting.
type Entry struct {
	Key, Value  string
	First, Last int // its lines, from 1; more than one where a backslash continues it
}

// Parse reads a config.ini. It never fails: Broken says what Java would refuse,
// and a broken escape is read as its letters.
func Parse(b []byte) File {
	f := File{lines: lines(b), crlf: bytes.HasSuffix(b, []byte("\r\n")), lastIndex: map[string]int{}}
	for i := 0; i < len(f.lines); i++ {
		first := i
		text, last, ok := f.logical(i)
		i = last
		if !ok {
			continue
		}
		key, value := splitProperty(text)
		e := Entry{First: first + 1, Last: last + 1}
		var keyOK, valueOK bool
		e.Key, keyOK = unescape(key)
		e.Value, valueOK = unescape(value)
		if f.Broken == 0 && !(keyOK && valueOK) {
			f.Broken = e.First
		}
		f.lastIndex[e.Key] = len(f.Entries)
		f.Entries = append(f.Entries, e)
	}
	return f
}

// Value is what IBC gets for the key: that of its last entry, or nothing.
func (f File) Value(key string) string {
	e, _ := f.last(key)
	return e.Value
}

func (f File) last(key string) (Entry, bool) {
	i, ok := f.lastIndex[key]
	if !ok {
		return Entry{}, false
	}
	return f.Entries[i], true
}

// lines decodes and splits, at the ends of lines that Java knows.
func lines(b []byte) []string {
	var s strings.Builder
	s.Grow(len(b) + len(b)/8) // a copy less: it may hold the password
	for _, c := range b {
		s.WriteRune(rune(c))
	}
	return strings.Split(strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(s.String()), "\n")
}

// logical joins the lines that backslashes hold together, from line i on. As
// long as nothing of it is there, a blank line or a comment ends it with
// nothing.
func (f File) logical(i int) (text string, last int, ok bool) {
	var b strings.Builder
	for ; ; i++ {
		part := strings.TrimLeft(f.lines[i], blanks)
		if b.Len() == 0 && (part == "" || isComment(part)) {
			return "", i, false
		}
		if !continues(part) {
			if b.Len() == 0 {
				return part, i, true // no copy
			}
			b.WriteString(part)
			return b.String(), i, true
		}
		b.WriteString(part[:len(part)-1])
		if i+1 == len(f.lines) || i+2 == len(f.lines) && f.lines[i+1] == "" && !f.crlf { // the file ends here
			return b.String(), i, true
		}
	}
}

func isComment(line string) bool { return line != "" && (line[0] == '#' || line[0] == '!') }

// blanks are white space to java.util.Properties, besides the ends of lines.
const blanks = " \t\f"

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
		} else if strings.ContainsRune("=:"+blanks, rune(line[i])) {
			end = i
			break
		}
	}
	value = strings.TrimLeft(line[end:], blanks)
	if value != "" && (value[0] == '=' || value[0] == ':') {
		value = strings.TrimLeft(value[1:], blanks)
	}
	return line[:end], value
}

// unescape reports whether Java would have taken every escape.
func unescape(s string) (text string, ok bool) {
	if !strings.Contains(s, `\`) {
		return s, true
	}
	ok = true
	var units []uint16
	runes := []rune(s)
	for i := 0; i < len(runes); i++ {
		c := runes[i]
		if c == '\\' && i+1 < len(runes) {
			i++
			c = runes[i]
			if c == 'u' {
				n, hex := hexUnit(runes[i+1:])
				if hex {
					c, i = n, i+4
				}
				ok = ok && hex
			} else if at := strings.IndexRune("tnrf", c); at >= 0 {
				c = rune("\t\n\r\f"[at])
			}
		}
		units = append(units, uint16(c))
	}
	return string(utf16.Decode(units)), ok
}

func hexUnit(runes []rune) (rune, bool) {
	if len(runes) < 4 {
		return 0, false
	}
	n, err := strconv.ParseUint(string(runes[:4]), 16, 16)
	return rune(n), err == nil
}

// hasBOM reports a byte order mark, which Java takes for three letters.
func hasBOM(b []byte) bool { return bytes.HasPrefix(b, []byte("\ufeff")) }
