// Package config reads, checks, compares, installs and writes IBC's config.ini.
// The file holds the password. So no error, finding or difference from here
// shows more of it than the names of known keys and the values that such a key
// can have.
package config

import (
	"cmp"
	"fmt"
	"io/fs"
	"path/filepath"
	"sort"
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
	TWS              bool   // instead of the Gateway
	TwoFactorTimeout string // exit or restart
	Language         string // in which Java reads names of days, such as en
	SettingsPath     string // the folder of the Gateway's settings that IBC's script is given
	// CommandPorts are the command server ports of the other Gateways, by name.
	CommandPorts map[string]int
	// RestartTimes are the AutoRestartTime of those that share its settings
	// folder, by name.
	RestartTimes map[string]string
}

// Beside adds another Gateway of the settings, with the config.ini that it has.
// What cannot be read is left out.
func (p *Place) Beside(name, path, settingsPath string) {
	f, err := ReadKeys(path, "CommandServerPort", "IbDir", "AutoRestartTime")
	if err != nil {
		return
	}
	if p.CommandPorts == nil {
		p.CommandPorts = map[string]int{}
	}
	if port := f.Port("CommandServerPort"); port > 0 {
		p.CommandPorts[name] = port
	}
	dir := strings.Trim(f.Value("IbDir"), javaTrimSet)
	if filepath.Clean(cmp.Or(dir, settingsPath)) != filepath.Clean(p.SettingsPath) || settingsPath == "" {
		return
	}
	if p.RestartTimes == nil {
		p.RestartTimes = map[string]string{}
	}
	p.RestartTimes[name] = strings.Trim(f.Value("AutoRestartTime"), javaTrimSet)
}

// Check lists what is wrong with a config.ini, in the order of lines. Findings
// without a line come last.
func Check(b []byte, p Place) []Finding {
	c := checker{file: Parse(b), place: p, meant: map[string]bool{}, secretLines: map[int]bool{}}
	if (wholeFile{&c}).form(b) {
		c.lines(b)
		c.settings()
	}
	sort.SliceStable(c.found, func(i, j int) bool {
		return uint(c.found[i].Line-1) < uint(c.found[j].Line-1) // 0 goes last
	})
	return c.found
}

// lines looks at each line by itself.
func (c *checker) lines(b []byte) {
	for _, e := range c.file.Entries {
		if isSecret(e.Key) {
			c.secretLines[e.Last] = true
		}
		if e.First > 1 || !hasBOM(b) { // the mark is in the key
			c.spelling(e)
		}
		c.continued(e)
	}
	c.repeated()
}

// settings looks at what IBC gets in the end.
func (c *checker) settings() {
	set := 0
	for _, s := range settings {
		if e, ok := c.file.last(s.key); ok {
			set++
			c.value(s, e)
			c.freeForm(s, e)
			c.escapes(s, e)
		}
	}
	if set == 0 && Count(c.found, Error) > 0 { // nothing is set, so that all is missing
		return
	}
	r := rules{c}
	r.login()
	r.mode()
	r.port()
	r.readOnly()
	r.commandServer()
	r.controlFrom()
	r.folder()
	r.twoFactor()
	r.dialogs()
	r.restarts()
	r.day()
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

	meant       map[string]bool // keys that a line sets under a wrong name
	secretLines map[int]bool    // lines that end a secret's entry
}

func (c *checker) add(line int, key string, s Severity, write, reason string, args ...any) {
	c.found = append(c.found, Finding{Line: line, Key: key, Severity: s, Write: write, Reason: fmt.Sprintf(reason, args...)})
}

// addForKey adds a finding about a key, at its line if it has one. That it is
// missing is not said of one that a line means: what to do is said there.
func (c *checker) addForKey(key string, s Severity, write, reason string, args ...any) {
	e, ok := c.file.last(key)
	if !ok && c.meant[key] {
		return
	}
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
