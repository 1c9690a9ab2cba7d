package config

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// value finds values that the key does not take.
func (c *checker) value(s setting, e Entry) {
	v := strings.Trim(e.Value, javaTrimSet)
	if v == "" || s.kind.ok(e.Value) || s.kind.trims && s.kind.ok(v) {
		return
	}
	write, makes := s.key+"="+s.kind.example, "ignores it"
	if s.kind.suggest != nil && e.First == e.Last && s.kind.suggest(v) != "" {
		write = s.key + "=" + s.kind.suggest(v)
	}
	switch {
	case s.kind.fatal:
		makes = "ends when it reads anything else"
	case s.byDefault != "":
		makes = "takes anything else for its default, " + s.byDefault
	}
	if s.kind.ok(v) {
		if e.First == e.Last {
			write = s.key + "=" + v
		}
		c.add(e.First, s.key, Error, write, "there is white space behind the value, which IBC does not take away here: it %s", makes)
		return
	}
	if s.kind.local != nil && s.kind.local(v) {
		c.add(e.First, s.key, Warning, write, "IBC takes am and pm in small letters only where the system's language writes them so, as in British English; everywhere else they must be capitals")
		return
	}
	c.add(e.First, s.key, Error, write, "it must be %s; IBC %s", s.kind.expected, makes)
}

// escapes finds values of free form that IBC reads otherwise than they look.
func (c *checker) escapes(s setting, e Entry) {
	if s.kind.expected != "" {
		return
	}
	raw, wide := "", false
	for _, line := range c.file.lines[e.First-1 : e.Last] {
		raw += line + "\n"
	}
	if isMisreadUTF8(raw) {
		wide = true
		c.add(e.First, s.key, Warning, s.key+"=…", `IBC reads this file as Latin-1, so that letters saved as UTF-8 come out as others; write them as \u and four hexadecimal digits, such as \u00fc for ü`)
	}
	if e.Last > e.First {
		return
	}
	_, value := splitProperty(strings.TrimLeft(c.file.lines[e.First-1], blanks))
	mended := doubleBackslashes(value)
	if mended == value || continues(value) {
		return
	}
	write := s.key + "=" + mended
	if s.key != "IbDir" || wide || !isPrintableASCII(mended) { // only a path is surely none of a secret
		write = s.key + "=…"
	}
	c.add(e.First, s.key, Warning, write, `IBC takes a single backslash away, or makes another character of it and the next one; write \\ for every backslash`)
}

// isMisreadUTF8 reports letters that were saved as UTF-8 and are read as
// Latin-1.
func isMisreadUTF8(latin1 string) bool {
	var b []byte
	for _, r := range latin1 {
		b = append(b, byte(r))
	}
	return len(b) != len(latin1) && utf8.Valid(b)
}

// isPrintableASCII reports text that a terminal shows as it is.
func isPrintableASCII(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r > '~' })
}

// doubleBackslashes doubles each backslash before a character that needs none.
func doubleBackslashes(value string) string {
	var b strings.Builder
	for i := 0; i < len(value); i++ {
		b.WriteByte(value[i])
		if value[i] != '\\' || i+1 == len(value) {
			continue
		}
		i++
		if !strings.ContainsRune(`\=:#!u `, rune(value[i])) {
			b.WriteByte('\\')
		}
		b.WriteByte(value[i])
	}
	return b.String()
}

// Port is the port number that IBC's getInt reads there: 0, its default, where
// there is none, or where what is there is no number to Java.
func (f File) Port(key string) int {
	n, err := strconv.ParseInt(f.Value(key), 10, 32)
	if err != nil {
		return 0
	}
	return int(n)
}

// DefaultAPIPorts is which account the default API ports of Gateway and TWS
// stand for.
var DefaultAPIPorts = map[int]string{4001: "live", 4002: "paper", 7496: "live", 7497: "paper"}

func line(key string, value any) string { return fmt.Sprintf("%s=%v", key, value) }
