// Package config reads, checks, compares, installs and writes IBC's config.ini.
// The file holds the password. So no error, finding or difference from here
// shows more of it than the names of known keys and the values that such a key
// can have.
package config

import (
	"cmp"
	"fmt"
	"io/fs"
	"slices"
	"strings"
)

// A Severity is how bad a finding is.
type Severity string

const (
	Error   Severity = "error"   // IBC will not start, or not do what is written
	Warning Severity = "warning" // it works, but will get stuck or is open to others
	Hint    Severity = "hint"
)

// A Finding is something in a config.ini that should be changed.
type Finding struct {
	Line     int      `json:"line"` // from 1; 0: about a line that is missing, or about the file
	Key      string   `json:"key"`  // one that IBC knows, or ""
	Severity Severity `json:"severity"`
	Reason   string   `json:"reason"`
	Write    string   `json:"write"` // the line to write instead, or what to do; "": see the reason
}

// A Place is what the settings say about the Gateway that the file is for. A
// field with its zero value is not compared.
type Place struct {
	File             string // its path, for what is to be done about it
	Permissions      fs.FileMode
	Port             int    // the API port
	Mode             string // paper or live
	TwoFactorTimeout string // exit or restart
	// CommandPorts are the command server ports of the other Gateways, by name.
	CommandPorts map[string]int
}

// Check lists what is wrong with a config.ini, in the order of lines. Findings
// without a line come last.
func Check(b []byte, p Place) []Finding {
	c := checker{file: Parse(b), place: p}
	c.form(b)
	for _, e := range c.file.Entries {
		if e.First > 1 || !hasBOM(b) { // the mark is in the key
			c.spelling(e)
		}
		c.continued(e)
	}
	c.repeated()
	for _, s := range settings {
		if e, ok := c.file.last(s.key); ok {
			c.value(s, e)
			c.escapes(s, e)
		}
	}
	c.login()
	c.mode()
	c.commandServer()
	c.twoFactor()
	c.dialogs()
	c.restarts()
	slices.SortStableFunc(c.found, func(a, b Finding) int {
		return cmp.Compare(uint(a.Line-1), uint(b.Line-1)) // 0 goes last
	})
	return c.found
}

// Count is how many findings have that severity.
func Count(found []Finding, s Severity) (n int) {
	for _, f := range found {
		if f.Severity == s {
			n++
		}
	}
	return n
}

type checker struct {
	file  File
	place Place
	found []Finding
}

func (c *checker) add(line int, key string, s Severity, write, reason string, args ...any) {
	c.found = append(c.found, Finding{Line: line, Key: key, Severity: s, Write: write, Reason: fmt.Sprintf(reason, args...)})
}

// addForKey adds a finding about a key, at its line if it has one.
func (c *checker) addForKey(key string, s Severity, write, reason string, args ...any) {
	e, _ := c.file.last(key)
	c.add(e.First, key, s, write, reason, args...)
}

// get is what IBC's getString makes of a value.
func (c *checker) get(key string) string {
	if v := strings.Trim(c.file.Value(key), javaTrimSet); v != "" {
		return v
	}
	s, _ := known(key)
	return s.byDefault
}

// javaTrimSet is what Java's String.trim takes away.
const javaTrimSet = "\x00\x01\x02\x03\x04\x05\x06\x07\x08\t\n\x0b\x0c\r\x0e\x0f\x10\x11\x12\x13\x14\x15\x16\x17\x18\x19\x1a\x1b\x1c\x1d\x1e\x1f "

// yes is what IBC's getBoolean makes of a value.
func (c *checker) yes(key string) bool {
	s, _ := known(key)
	v := c.file.Value(key)
	if v == "" || !s.kind.ok(v) {
		v = s.byDefault
	}
	return suggestYesNo(v) == "yes"
}

// form looks at the file as a whole.
func (c *checker) form(b []byte) {
	if hasBOM(b) {
		c.add(1, "", Error, "", "the file begins with a byte order mark, which IBC takes for a part of the first line; save it as UTF-8 without a mark, or as Latin-1")
	}
	if n := c.file.Broken; n > 0 {
		c.add(n, "", Error, "", `there is a \u without four hexadecimal digits behind it, and IBC ends when it reads that; write \\ for every backslash`)
	}
	if p := c.place.Permissions.Perm(); p&0o077 != 0 {
		c.add(0, "", Warning, "chmod 600 "+c.place.File, "other users may read this file, which holds your password")
	}
}

// spelling finds keys that IBC does not know. They are not shown: a password
// that was put onto a line of its own is read as a key.
func (c *checker) spelling(e Entry) {
	if _, ok := known(e.Key); ok {
		return
	}
	near := nearest(e.Key)
	now, wasOne := formerKeys[e.Key]
	switch {
	case now != "":
		c.add(e.First, e.Key, Warning, now+"=…", "IBC calls it %s now, and ignores this line", now)
	case wasOne:
		c.add(e.First, e.Key, Warning, "", "IBC has no such setting any more; take the line out")
	case near == "":
		c.add(e.First, "", Warning, "", "IBC knows no such key; take the line out (it is not shown, since it may be a part of a password)")
	case strings.EqualFold(near, e.Key):
		c.add(e.First, near, Error, c.respelled(near, e), "IBC tells capitals from small letters, and ignores this line")
	case isSecret(near):
		c.add(e.First, near, Error, c.respelled(near, e), "the key is misspelt: IBC ignores the line and prints its value into its log")
	default:
		c.add(e.First, near, Error, c.respelled(near, e), "the key is misspelt: IBC ignores the line")
	}
}

// respelled is the entry under its right name, with its value where that is
// surely none of a secret.
func (c *checker) respelled(key string, e Entry) string {
	if s, _ := known(key); e.First == e.Last && s.shows(e.Value) {
		return key + "=" + e.Value
	}
	return key + "=…"
}

// shows reports whether a value may be seen by everybody: it is one of the few
// that the key takes, or it cannot be anything but an address.
func (s setting) shows(value string) bool {
	return value != "" && (s.kind.expected != "" && s.kind.ok(value) || s.kind.addresses && areAddresses(value))
}

// continued finds lines that a backslash makes a part of the one before.
func (c *checker) continued(e Entry) {
	joins := e.Last > e.First
	if !joins && !continues(c.file.lines[e.Last-1]) {
		return
	}
	s, _ := known(e.Key)
	write := ""
	if s.key != "" {
		write = s.key + "=…"
		first := strings.TrimSuffix(strings.TrimLeft(c.file.lines[e.First-1], blanks), `\`)
		if _, v := splitProperty(first); s.shows(v) {
			write = s.key + "=" + v
		}
	}
	if !joins {
		c.add(e.First, s.key, Warning, write, `the file ends in a backslash, which IBC takes away; write \\ where it belongs to the value`)
		return
	}
	for i := e.First; i < e.Last; i++ { // lines[i] is the one after line i
		line := strings.TrimLeft(c.file.lines[i], blanks)
		key, _ := splitProperty(line)
		other, isSetting := known(key)
		switch {
		case isSetting:
			c.add(e.First, s.key, Error, write, `the backslash at the end of line %d makes line %d a part of this value, so that %s is not set there`, i, i+1, other.key)
		case line == "" || isComment(line):
			c.add(e.First, s.key, Warning, write, `line %d ends in a backslash, which makes line %d a part of this value; write \\ where it belongs to the value`, i, i+1)
		default:
			c.add(e.First, s.key, Warning, write, `the backslash at the end of line %d makes line %d a part of this value`, i, i+1)
		}
	}
}

// repeated finds keys that are set more than once.
func (c *checker) repeated() {
	for _, e := range c.file.Entries {
		last, _ := c.file.last(e.Key)
		s, ok := known(e.Key)
		if !ok || last.First == e.First {
			continue
		}
		severity := Warning
		if last.Value != e.Value || e.Key == "TradingMode" || e.Key == "ReadOnlyApi" {
			severity = Error
		}
		c.add(e.First, s.key, severity, "", "it is set again in line %d, and the last one wins without a word; take one of them out", last.First)
	}
}
