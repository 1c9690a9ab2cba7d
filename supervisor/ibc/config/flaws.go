package config

import (
	"strings"

	"gatelight/supervisor/lazyregexp"
)

// A flaw is what people put around a value, or in its place, that IBC takes for
// a part of it.
type flaw int

const (
	noFlaw flaw = iota
	placeholder
	quoted
	commented
)

// blame is how a reason about a value with that flaw begins.
func (f flaw) blame() string {
	return map[flaw]string{
		placeholder: "nobody has filled in this placeholder",
		quoted:      "IBC takes the quotes for a part of the value",
		commented:   "IBC takes the comment behind the value for a part of it",
	}[f]
}

// flawOf judges a value as it stands in the file, and says what is left of it
// without quotes and comment. A backslash in front of a sign, which Java takes
// away, says that the sign is meant: \"such a value\".
func flawOf(raw string) (f flaw, rest string) {
	rest = strings.Trim(raw, blanks)
	for range 2 { // a comment may stand behind quotes, or within them
		if isPlaceholder(rest) {
			return placeholder, rest
		}
		if at := commentAt(rest); at >= 0 {
			f, rest = commented, strings.TrimRight(rest[:at], blanks)
		}
		if inside, ok := unquoted(rest); ok {
			rest = strings.Trim(inside, blanks)
			if f == noFlaw {
				f = quoted
			}
		}
	}
	return f, rest
}

// commentForm is a sign that begins a comment elsewhere, with white space around
// it where a value may hold it.
var commentForm = lazyregexp.New(`[ \t]+#|^#[ \t]|(?:^|[ \t])(?:;|//|--|<!--)(?:[ \t]|$)|[ \t]!(?:[ \t]|$)`)

// commentAt is where a comment begins that is outside of quotes, or -1.
func commentAt(s string) int {
	from := 0
	if s != "" && (s[0] == '"' || s[0] == '\'') {
		if end := strings.IndexByte(s[1:], s[0]); end >= 0 {
			from = end + 2
		}
	}
	if from == len(s) {
		return -1
	}
	if at := commentForm.FindStringIndex(s[from:]); at != nil {
		return from + at[0]
	}
	return -1
}

// quotes are pairs, the typographic ones as Latin-1 shows their UTF-8.
var quotes = [][2]string{{`"`, `"`}, {`'`, `'`}, {"`", "`"}, {"\u00e2\u0080\u009c", "\u00e2\u0080\u009d"}, {"\u00e2\u0080\u0098", "\u00e2\u0080\u0099"},
	{"\u00e2\u0080\u009e", "\u00e2\u0080\u009c"}, {"\u0093", "\u0094"}, {"\u0091", "\u0092"}, {"\u00ab", "\u00bb"}}

func unquoted(s string) (inside string, ok bool) {
	for _, q := range quotes {
		if len(s) >= len(q[0])+len(q[1]) && strings.HasPrefix(s, q[0]) && strings.HasSuffix(s, q[1]) && !strings.HasSuffix(s, `\`+q[1]) {
			return s[len(q[0]) : len(s)-len(q[1])], true
		}
	}
	return s, false
}

// placeholderForms are what templates and examples have in the place of a value.
var placeholderForms = []*lazyregexp.Regexp{
	lazyregexp.New(`^\$\{[^{}]*\}$|^\$\([^()]*\)$|^\{\{.*\}\}$|^\{%.*%\}$|^<%.*%>$`), // shell, Jinja, ERB
	lazyregexp.New(`^\$[A-Z][A-Z0-9]*(_[A-Z0-9]+)+$|^\$env:\w+$`),
	lazyregexp.New(`^<[A-Za-z][^<>]*>$|^\{[A-Za-z][\w .-]*\}$|^\[(?i:your|my|enter|insert)[ _-][^\[\]]*\]$`),
	lazyregexp.New(`^@[A-Za-z][\w.-]*@$|^%[A-Za-z]\w*%$|^__[A-Za-z0-9_]+__$|^%\([A-Za-z]\w*\)s$`),
	lazyregexp.New(`^(?:[xX]{3,}|\*{3,}|\.{3,}|-{3,}|_{3,}|\?{3,}|#{3,}|(?i:x{2,}(?:[-_ ]x{2,})+))$`),
	lazyregexp.New(`(?i)^(?:your|votre|ihr|dein|tu|su|seu|uw|jouw|il_tuo|my)?[_ .-]?(?:own[_ -])?(?:(?:ib|ibkr|ibrk|tws|api|real|live|paper|demo|account|trading)[_ -]?)*(?:user|user[_ -]?name|user[_ -]?id|login|login[_ -]?id|account|password|passwd|passwort|pass|pwd|usuario|utilisateur|identifiant|mot[_ -]de[_ -]passe|contrase\S*|benutzer\w*|device)(?:[_ -]?(?:name|here|id|ibkr|ib))*$`),
	lazyregexp.New(`(?i)^your[_ -].+|^your(?:user|pass|login|account|name|id)\w*$`),
	lazyregexp.New(`(?i)^(?:change|replace|fill|put|insert|enter|set|type)[_ -]?(?:me|this|it|in|with|your|here|the)(?:[_ -].*)?$|^[A-Za-z][\w-]*[_-]here$`),
	lazyregexp.New(`(?i)^placeholder(?:[_ -].*)?$|^[A-Za-z][\w-]*[_-]placeholder$|^(?:todo|tbd|fixme|changeit|redacted|n/a|null|none|nil|undefined)$`),
}

// variableForm is one of a shell within a longer value.
var variableForm = lazyregexp.New(`\$\{[A-Za-z_][^{}]*\}|\{\{[^{}]+\}\}`)

func isPlaceholder(s string) bool {
	if len(s) > 200 { // longer than any of them
		return false
	}
	for _, form := range placeholderForms {
		if form.MatchString(s) {
			return true
		}
	}
	return false
}
