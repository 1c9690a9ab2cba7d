package supervisor

import (
	"net/netip"
	"reflect"
	"strings"
	"unicode"
)

// The most characters that is kept of foreign text.
const (
	MaxName = 80   // of a process, a user, a file
	MaxText = 2000 // of anything else
)

// CleanText makes foreign text fit for a line of a terminal, a menu, a
// notification or a page: the names of processes and files, what IBC and the
// Gateway say, what another program has written. Each character that could do
// something instead of being shown becomes a dot, and blank ones a space:
// control characters, which a terminal obeys, format characters, which hide text
// or reverse it (Unicode's Cf), line separators and bytes that are no UTF-8. The
// text gets at most limit characters; 0 is no limit.
//
// It is called where such text enters the program, and where the status of
// another Gatelight or the event log is read.
func CleanText(s string, limit int) string {
	if limit > 0 && len(s) > limit { // it may have more characters
		if runes := []rune(s); len(runes) > limit {
			s = string(runes[:limit-1]) + "…"
		}
	}
	if !strings.ContainsFunc(s, isUnclean) {
		return s
	}
	return strings.Map(func(r rune) rune {
		switch {
		case !isUnclean(r):
			return r
		case unicode.IsSpace(r), r == '\u2028', r == '\u2029':
			return ' '
		}
		return '·'
	}, s)
}

func isUnclean(r rune) bool {
	return r == unicode.ReplacementChar || unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp)
}

// CleanTexts cleans every text in what v points to: structs, lists, pointers.
func CleanTexts(v any) { cleanTexts(reflect.ValueOf(v)) }

func cleanTexts(v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(CleanText(v.String(), MaxText))
	case reflect.Pointer:
		if !v.IsNil() {
			cleanTexts(v.Elem())
		}
	case reflect.Slice:
		for i := range v.Len() {
			cleanTexts(v.Index(i))
		}
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[netip.AddrPort]() { // its zone is a text
			addr := v.Addr().Interface().(*netip.AddrPort)
			*addr = netip.AddrPortFrom(addr.Addr().WithZone(""), addr.Port())
			return
		}
		for i := range v.NumField() {
			if field := v.Type().Field(i); field.IsExported() || field.Anonymous {
				cleanTexts(v.Field(i))
			}
		}
	}
}
