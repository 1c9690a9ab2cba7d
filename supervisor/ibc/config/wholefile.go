package config

import (
	"bytes"
	"slices"
	"strings"

	"gatelight/supervisor/lazyregexp"
)

// wholeFile is about the file as a whole, before its lines.
type wholeFile struct{ *checker }

// form looks at the file as a whole, and reports whether there is more to be
// said about it.
func (c wholeFile) form(b []byte) (goOn bool) {
	if c.text(b) {
		goOn = c.isConfig(b)
	}
	// Of another file, such as /etc/hosts, it is none of our business.
	if p := c.place.Permissions.Perm(); goOn && p&0o077 != 0 {
		c.add(0, "", Warning, "chmod 600 "+c.place.File, "other users may read this file, which holds your password")
	}
	return goOn
}

// text looks at the bytes of the file, and reports whether they can be a config.ini.
func (c wholeFile) text(b []byte) bool {
	if isUTF16(b) {
		c.add(1, "", Error, "", "the file is saved as UTF-16, which Windows calls Unicode, and IBC can read nothing of it; save it as UTF-8 without a byte order mark, or as ANSI")
		return false
	}
	if at := bytes.IndexByte(b, 0); at >= 0 { // a crash or a broken copy leaves them
		c.add(1+bytes.Count(b[:at], []byte("\n")), "", Error, "", "there is a NUL byte, so that this is no text file or a damaged one; copy it again, or take the line out")
		return false
	}
	if hasBOM(b) {
		c.mark()
	}
	if n := c.file.Broken; n > 0 {
		c.add(n, "", Error, "", `there is a \u without four hexadecimal digits behind it, and IBC ends when it reads that; write \\ for every backslash`)
	}
	return true
}

// isUTF16 reports a file of two bytes to each letter, with a mark or without.
// Two NUL bytes in a row are no letter.
func isUTF16(b []byte) bool {
	if bytes.HasPrefix(b, []byte("\xff\xfe")) || bytes.HasPrefix(b, []byte("\xfe\xff")) {
		return true
	}
	b = b[:min(len(b), 4096)]
	return len(b) >= 8 && bytes.Count(b, []byte{0})*3 > len(b) && !bytes.Contains(b, []byte{0, 0})
}

// mark finds the setting that a byte order mark spoils.
func (c wholeFile) mark() {
	const say = "the file begins with a byte order mark, which IBC takes for a part of the first line; save it as UTF-8 without a mark, or as Latin-1"
	first := strings.TrimPrefix(c.file.lines[0], latin1BOM)
	key, _ := splitProperty(strings.TrimLeft(first, blanks))
	if strings.Trim(first, blanks) == "" || isComment(strings.TrimLeft(first, blanks)) || strings.HasPrefix(first, "[") {
		c.add(1, "", Warning, "", say+" (nothing is lost, since no setting stands there)")
		return
	}
	if s, ok := known(key); ok {
		c.add(1, s.key, Error, "", say+"; so %s is not set there", s.key)
		c.meant[s.key] = true
		return
	}
	c.add(1, "", Error, "", say)
}

// latin1BOM is a byte order mark as Java reads it.
const latin1BOM = "\u00ef\u00bb\u00bf"

// otherFiles are files of other programs, by how they begin or what a line of
// theirs looks like.
var otherFiles = []struct {
	form *lazyregexp.Regexp
	name string
}{
	{lazyregexp.New(`(?m)^\s*\[\[gateway\]\]`), "Gatelight's own settings"},
	{lazyregexp.New(`^#!`), "a script"},
	{lazyregexp.New(`(?i)^\s*<(?:\?xml|!doctype|html|plist)`), "an XML or HTML file"},
	{lazyregexp.New(`^\s*[{\[]\s*["{\n\r]`), "a JSON file"},
	{lazyregexp.New(`(?m)^\[(?:Unit|Service|Install)\]`), "a systemd unit"},
	{lazyregexp.New(`(?m)^\[(?:program:|supervisord)`), "supervisord's configuration"},
	{lazyregexp.New(`(?m)^(?:services|version|image):\s`), "a Compose file"},
	{lazyregexp.New(`(?m)^FROM \S+|^RUN \S+`), "a Dockerfile"},
	{lazyregexp.New(`^-----BEGIN`), "a key or certificate"},
	{lazyregexp.New(`(?m)^-Xm[sx]\d|^-XX:`), "a file of Java's options"},
}

// jtsSections are the first sections of the Gateway's jts.ini.
var jtsSections = []string{"[IBGateway]", "[Logon]", "[Communication]"}

// isConfig finds files that are no config.ini, or are another file in part.
func (c wholeFile) isConfig(b []byte) bool {
	ours, jts := 0, 0
	for _, e := range c.file.Entries {
		if _, ok := known(strings.TrimPrefix(e.Key, latin1BOM)); ok {
			ours++
		} else if o, ok := otherNameOf(e.Key); ok && o.origin == jtsIni {
			jts++
		}
	}
	section := c.jtsSection()
	switch {
	case section > 0 && jts > 0 && ours == 0:
		c.add(0, "", Error, "", "this is the Gateway's jts.ini, and no config.ini of IBC, which reads nothing of it")
	case section > 0 && jts > 0:
		c.add(0, "", Error, "", "from line %d on there are parts of the Gateway's jts.ini, which IBC does not read here; take them out", section)
	case ours > 0:
	default:
		if name := otherFile(b); name != "" {
			c.add(0, "", Error, "", "this is %s, and no config.ini of IBC: it has not one of IBC's settings", name)
			return false
		}
		if len(c.file.Entries) > 0 && !c.meansIBC() {
			c.add(0, "", Error, "", "this is no config.ini of IBC: it has not one of IBC's settings")
			return false
		}
	}
	return true
}

// meansIBC reports whether one of IBC's settings is meant by a key at least.
func (c wholeFile) meansIBC() bool {
	return slices.ContainsFunc(c.file.Entries, func(e Entry) bool {
		key := strings.TrimPrefix(e.Key, latin1BOM)
		_, ok := otherNameOf(key)
		return ok || nearest(key) != ""
	})
}

func (c wholeFile) jtsSection() (line int) {
	for i, text := range c.file.lines {
		for _, s := range jtsSections {
			if strings.EqualFold(strings.Trim(text, blanks), s) {
				return i + 1
			}
		}
	}
	return 0
}

func otherFile(b []byte) string {
	for _, o := range otherFiles {
		if o.form.Match(b) {
			return o.name
		}
	}
	return ""
}
