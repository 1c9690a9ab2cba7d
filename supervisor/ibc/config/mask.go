package config

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"gatelight/supervisor/lazyregexp"
)

// A Mask takes the secrets of config.ini files out of text that is to be shown.
// The zero Mask knows none and still takes out what a log names as one.
type Mask struct {
	secrets []string // the longest first: one may be a part of another
}

// Masked stands in the place of a secret, whatever its length.
const Masked = "•••"

// Learn makes the mask know the secrets of one more config.ini, besides those
// that it knows already: what is in an older log may have been changed since.
// It is known in every form that it may have been written in. login reports that
// there is a login among them.
//
// Every value counts that stands under a key which IBC does not know. That may be
// a misspelt one, whose value IBC prints.
func (m *Mask) Learn(b []byte) (login bool) {
	f := Parse(b)
	for _, e := range f.Entries {
		if _, isKnown := known(e.Key); isKnown && !isSecret(e.Key) || slices.Contains(commonWords, strings.ToLower(e.Value)) {
			continue
		}
		login = login || isSecret(e.Key) && e.Value != ""
		for _, value := range append(f.raw(e), e.Value, strings.Trim(e.Value, javaTrimSet)) {
			m.add(value)
		}
	}
	slices.SortFunc(m.secrets, func(a, b string) int {
		return cmp.Or(len(b)-len(a), strings.Compare(a, b))
	})
	m.secrets = slices.Compact(m.secrets)
	return login
}

// commonWords are values that are no secret anywhere, and would leave little of a
// log.
var commonWords = []string{"yes", "no", "true", "false"}

// raw are a value's lines as they stand in the file: whole, and without the
// backslash that continues them.
func (f File) raw(e Entry) (parts []string) {
	_, first := splitProperty(strings.TrimLeft(f.lines[e.First-1], blanks))
	for i, line := range append([]string{first}, f.lines[e.First:e.Last]...) {
		line = strings.Trim(line, blanks)
		if i < e.Last-e.First {
			line = strings.TrimSuffix(line, `\`)
		}
		parts = append(parts, line)
	}
	return parts
}

// add takes a secret in, as Java's Latin-1 shows it, as the bytes that the
// editor has saved, as a system without these letters prints it, and quoted as
// in our own log.
func (m *Mask) add(secret string) {
	if secret == "" {
		return
	}
	m.secrets = append(m.secrets, secret)
	if !strings.ContainsFunc(secret, func(r rune) bool { return r < ' ' || r > '~' || r == '"' || r == '\\' }) {
		return // all forms are the same, and each copy would be one more in the memory
	}
	var bytes []byte
	ascii, latin := "", true
	for _, r := range secret {
		latin = latin && r < 0x100
		bytes = append(bytes, byte(r))
		if r > '~' {
			r = '?'
		}
		ascii += string(r)
	}
	m.secrets = append(m.secrets, ascii)
	if latin {
		m.secrets = append(m.secrets, string(bytes))
	}
	for _, s := range m.secrets[len(m.secrets)-2:] {
		quoted := strconv.Quote(s)
		m.secrets = append(m.secrets, quoted[1:len(quoted)-1])
	}
}

// namedSecret finds a value after the name of a secret: the keys of config.ini
// and the options of IBC's scripts, in any of the ways in which these are
// written.
var namedSecret = lazyregexp.New(`(?i)((?:Ib|FIX)(?:LoginId|Password)["']?\s*(?:[=:]|\bis\b|\s)\s*|--?(?:user|pw|fix-user|fix-pw)\s*=\s*|/(?:User|PW|FIXUser|FIXPW)\s*[:=]\s*)(\S.*)`)

// Line is the line without its secrets.
func (m Mask) Line(line string) string {
	for _, s := range m.secrets {
		line = strings.ReplaceAll(line, s, Masked)
	}
	return namedSecret.ReplaceAllString(line, "${1}"+Masked)
}
