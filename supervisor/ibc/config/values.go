package config

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"gatelight/supervisor/lazyregexp"
)

// value finds values that the key does not take.
func (c *checker) value(s setting, e Entry) {
	v := strings.Trim(e.Value, javaTrimSet)
	if v == "" || s.kind.ok(e.Value) || s.kind.trims && s.kind.ok(v) {
		return
	}
	if s.kind.reads != nil {
		if got, ok := s.kind.reads(v); ok {
			c.readFromFront(s, e, v, got)
			return
		}
	}
	f, rest := flawOf(v)
	write := ""
	if fit := s.fitting(visible(v)); e.First == e.Last && f != placeholder && (fit != "" || rest == "") {
		write = s.key + "=" + fit
	}
	otherwise := s.otherwise()
	switch {
	case s.kind.ok(v):
		c.add(e.First, s.key, Error, write, "there is white space behind the value, which IBC does not take away here: it %s", otherwise)
	case s.kind.local != nil && s.kind.local(v):
		c.add(e.First, s.key, Warning, write, "%s", s.kind.localReason)
	case f != noFlaw:
		c.add(e.First, s.key, Error, write, "%s; it must be %s, and IBC %s", f.blame(), s.kind.expected, otherwise)
	case s.kind.ok(visible(v)):
		c.add(e.First, s.key, Error, write, "there is a character in it that is not seen, such as a no-break space; it must be %s, and IBC %s", s.kind.expected, otherwise)
	default:
		c.add(e.First, s.key, Error, write, "it must be %s; IBC %s", s.kind.expected, otherwise)
	}
}

// otherwise is what IBC does with a value that the key does not take.
func (s setting) otherwise() string {
	switch {
	case s.kind.otherwise != "":
		return s.kind.otherwise
	case s.byDefault != "":
		return "takes anything else for its default, " + s.byDefault
	}
	return "ignores it"
}

// visible is a value without characters that nobody sees.
func visible(value string) string {
	return strings.Trim(unseen.Replace(value), javaTrimSet)
}

// unseen are no-break and other spaces, each as Latin-1 and as UTF-8 that is
// read as Latin-1.
var unseen = strings.NewReplacer("\u00c2\u00a0", " ", "\u00e2\u0080\u00af", " ", "\u00e2\u0080\u008b", "", latin1BOM, "", "\u00a0", " ", "\u00ad", "")

// readFromFront judges a time of which Java takes what it understands at the
// front, and in which it lets an hour be 25.
func (c *checker) readFromFront(s setting, e Entry, v, got string) {
	_, rest := flawOf(visible(v))
	meant, write := s.kind.suggest(rest), ""
	if meant != "" && e.First == e.Last {
		write = s.key + "=" + meant
	}
	_, clock := splitDay(v)
	_, clockGot := splitDay(got)
	front := strings.TrimLeft(javaClockForm.FindString(clock), blanks)
	every := ""
	if clockGot == got && s.key == "ClosedownAt" {
		every = " every day"
	}
	switch {
	case meant == got:
		c.add(e.First, s.key, Hint, write, "IBC reads %s%s, and ignores what stands behind it", got, every)
	case meant == "" && clock24Form.MatchString(front):
		c.add(e.First, s.key, Warning, "", "IBC reads %s%s, and ignores what stands behind it; it must be %s", got, every, s.kind.expected)
	default:
		c.add(e.First, s.key, Error, write, "IBC reads %s%s; it must be %s", got, every, s.kind.expected)
	}
}

// freeForm finds what IBC takes for a part of a value that can be anything.
func (c *checker) freeForm(s setting, e Entry) {
	if s.kind.expected != "" || e.Value == "" || e.First != e.Last {
		return
	}
	raw := c.file.rawValue(e)
	f, rest := flawOf(raw)
	if !s.kind.secret && variableForm.MatchString(raw) {
		f = placeholder
	}
	if f == noFlaw || raw == templateLogin[s.key] || s.kind.prompt && !(f == placeholder && variableForm.MatchString(raw)) {
		return
	}
	severity, write := Error, ""
	switch {
	case s.kind.secret:
		write = s.key + "=…"
	case f != placeholder && (rest == "" || s.shows(rest)):
		write = s.key + "=" + rest
	case f != placeholder && s.key == "IbDir" && isPrintableASCII(rest):
		write = s.key + "=" + doubleBackslashes(rest)
	case f != placeholder:
		write = s.key + "=…"
	}
	if strings.HasPrefix(s.key, "FIX") && !c.yes("FIX") || f != placeholder && c.file.Port("CommandServerPort") == 0 && (s.key == "ControlFrom" || s.key == "BindAddress") {
		severity = Warning // it is not used
	}
	c.add(e.First, s.key, severity, write, "%s%s", f.blame(), map[flaw]string{
		placeholder: ": IBC takes it as it stands",
		quoted:      `; write it without them, or with a backslash in front of one that belongs to it`,
		commented:   `; put it onto a line of its own, or a backslash in front of a # that belongs to the value`,
	}[f])
}

// escapes finds values of free form that IBC reads otherwise than they look.
func (c *checker) escapes(s setting, e Entry) {
	if s.kind.expected != "" {
		return
	}
	raw := strings.Join(c.file.lines[e.First-1:e.Last], "\n")
	wide := isMisreadUTF8(raw)
	if wide {
		c.add(e.First, s.key, Error, s.key+"=…", `IBC reads this file as Latin-1, so that letters saved as UTF-8 come out as others; write them as \u and four hexadecimal digits, such as \u00fc for ü`)
	} else if strings.ContainsFunc(raw, func(r rune) bool { return r >= 0x80 && r < 0xa0 }) {
		c.add(e.First, s.key, Error, s.key+"=…", `IBC reads this file as Latin-1, which has no such signs as Windows puts into it, such as € and curved quotes; write them as \u and four hexadecimal digits, such as \u20ac for €`)
	}
	if e.Last > e.First || s.key == "IbDir" && c.said(s.key) { // the line to write has them
		return
	}
	_, value := splitProperty(strings.TrimLeft(c.file.lines[e.First-1], blanks))
	mended := doubleBackslashes(value)
	if mended == value || continues(value) {
		return
	}
	severity, write := Warning, s.key+"="+mended
	if lostBackslash.MatchString(value) {
		severity = Error
	}
	if s.key != "IbDir" || wide || !isPrintableASCII(mended) { // only a path is surely none of a secret
		write = s.key + "=…"
	}
	c.add(e.First, s.key, severity, write, `IBC takes a single backslash away, or makes another character of it and the next one; write \\ for every backslash`)
}

// lostBackslash is one in front of a letter or digit, which needs none.
var lostBackslash = lazyregexp.New(`^(?:[^\\]|\\[^0-9A-Za-tv-z])*\\[0-9A-Za-tv-z]`)

// rawValue is the value of an entry of one line as it stands in the file.
func (f File) rawValue(e Entry) string {
	_, value := splitProperty(strings.TrimLeft(f.lines[e.First-1], blanks))
	return strings.TrimRight(value, blanks)
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
// One before a sign at either end says that the sign belongs to the value.
func doubleBackslashes(value string) string {
	var b strings.Builder
	for i := 0; i < len(value); i++ {
		b.WriteByte(value[i])
		if value[i] != '\\' || i+1 == len(value) {
			continue
		}
		i++
		atEnd := (i == 1 || i+1 == len(value)) && strings.IndexByte("\"'`$<{@%", value[i]) >= 0
		if !atEnd && !strings.ContainsRune(`\=:#!u `, rune(value[i])) {
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
