package ibc

import (
	"strings"

	"gatelight/supervisor"
	"gatelight/supervisor/ibc/config"
	"gatelight/supervisor/lazyregexp"
)

// maxWords is how much of IBC's and the Gateway's own words is shown.
const maxWords = 200

// What may be a secret or name a person in a text that is not known: what
// follows the word user, what is quoted, an account number, an address, and any
// long number.
var (
	namedUser = lazyregexp.New(`(?i)\b(user(?:\s?-?name|\s?id)?|login|account)(\s*[:=]\s*)[^\s,;.]+`)
	quoted    = lazyregexp.New(`"[^"]*"|“[^”]*”|‘[^’]*’`)
	single    = lazyregexp.New(`(^|[^\pL])'[^']*'`) // but no apostrophe
	account   = lazyregexp.New(`\b[A-Z]{1,3}\d{5,}\b|\S+@\S+|\d{6,}`)
)

// mask makes words of IBC or the Gateway fit to be shown: without the secrets
// of config.ini, without what may be one, and cleaned.
func (s runSettings) mask(text string) string {
	text = s.secrets.Line(strings.Join(strings.Fields(text), " "))
	text = namedUser.ReplaceAllString(text, "${1}${2}"+config.Masked)
	text = quoted.ReplaceAllString(text, config.Masked)
	text = single.ReplaceAllString(text, "${1}"+config.Masked)
	text = account.ReplaceAllString(text, config.Masked)
	return strings.TrimRight(supervisor.CleanText(text, maxWords), ". ")
}
