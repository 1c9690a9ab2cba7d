package supervisor

import (
	"fmt"
	"net/netip"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"
)

func TestCleanTextIsOneLineThatIsShownAsItIs(t *testing.T) {
	for text, want := range map[string]string{
		"":                              "",
		"python3 trader.py":             "python3 trader.py",
		"Händler 取引 ☃":                  "Händler 取引 ☃",
		"tr\x1b]0;PWN\a\nGateway live:": "tr·]0;PWN· Gateway live:",
		"two\tcolumns\r\nand lines":     "two columns  and lines",
		"C1: \u009b31m":                 "C1: ·31m",
		"reversed \u202etxt.py\u202c":   "reversed ·txt.py·",
		"zero\u200bwidth\ufeff":         "zero·width·",
		"line\u2028paragraph\u2029":     "line paragraph ",
		"Latin-1 \xe9t\xe9":             "Latin-1 ·t·",
	} {
		if got := CleanText(text, 0); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
	if got := CleanText("abcdef", 3); got != "ab…" {
		t.Errorf("with at most 3 characters: %q", got)
	}
}

func FuzzCleanText(f *testing.F) {
	f.Add("\x1b[2J\u202e\u2028\xff", 3)
	f.Fuzz(func(t *testing.T, text string, limit int) {
		got := CleanText(text, limit)
		if !utf8.ValidString(got) || limit > 0 && utf8.RuneCountInString(got) > limit {
			t.Errorf("%q, %d: %q", text, limit, got)
		}
		for _, r := range got {
			if unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp) {
				t.Errorf("%q: %q has %U", text, got, r)
			}
		}
		if again := CleanText(got, 0); again != got {
			t.Errorf("%q: %q, and cleaned again %q", text, got, again)
		}
	})
}

func TestEveryTextOfAValueIsCleaned(t *testing.T) {
	type inner struct{ Text string }
	v := struct {
		Text    string
		Kind    EntryKind
		List    []string
		Pointer *inner
		None    *inner
		Inner   inner
		At      time.Time
		Peer    netip.AddrPort
	}{"\x1b", "\x1b", []string{"\x1b"}, &inner{"\x1b"}, nil, inner{"\x1b"}, time.Now(), netip.MustParseAddrPort("[fe80::1%\x1b]:5")}
	at := v.At
	CleanTexts(&v)
	if got := fmt.Sprint(v.Text, v.Kind, v.List, *v.Pointer, v.None, v.Inner, v.Peer); got != "··[·] {·} <nil> {·} [fe80::1]:5" || v.At != at {
		t.Errorf("%q", got)
	}
}
