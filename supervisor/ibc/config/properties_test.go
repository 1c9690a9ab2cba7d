package config

import (
	"maps"
	"slices"
	"testing"
)

// The rules of java.util.Properties, with which IBC reads its config.ini.
func TestParseFollowsTheRulesOfJava(t *testing.T) {
	type p = map[string]string
	for _, tt := range []struct {
		name, in string
		want     p
	}{
		{"key and value", "TradingMode=paper\n", p{"TradingMode": "paper"}},
		{"no last newline", "TradingMode=paper", p{"TradingMode": "paper"}},
		{"an empty file", "", p{}},
		{"space around the equals sign", "TradingMode = paper", p{"TradingMode": "paper"}},
		{"a colon", "TradingMode: paper", p{"TradingMode": "paper"}},
		{"white space alone", "TradingMode paper", p{"TradingMode": "paper"}},
		{"a tab, a form feed", "a\t1\nb\f2", p{"a": "1", "b": "2"}},
		{"one separator only", "a = = b\nc::d", p{"a": "= b", "c": ":d"}},
		{"a key without a value", "CommandServerPort=\nFIX", p{"CommandServerPort": "", "FIX": ""}},
		{"space in front", "  \t\f a=1", p{"a": "1"}},
		{"space behind belongs to the value", "a=1 \t\r\n", p{"a": "1 \t"}},
		{"an equals sign in the value", "IbPassword=a=b", p{"IbPassword": "a=b"}},
		{"an empty key", "=x", p{"": "x"}},
		{"comments", "# a=1\n! b=2\n  # c=3\nd=4#5", p{"d": "4#5"}},
		{"a comment does not go on", "# a \\\nb=2", p{"b": "2"}},
		{"blank lines", "\n \t \na=1\n\n", p{"a": "1"}},
		{"the last of equal keys wins", "CommandServerPort=0\nCommandServerPort=7462\n", p{"CommandServerPort": "7462"}},
		{"keys differ by case", "a=1\nA=2", p{"a": "1", "A": "2"}},

		{"CRLF", "a=1\r\nb=2\r\n", p{"a": "1", "b": "2"}},
		{"CR alone", "a=1\rb=2", p{"a": "1", "b": "2"}},
		{"a mixture", "a=1\r\n\nb=2\r\rc=3\n", p{"a": "1", "b": "2", "c": "3"}},

		{"a line that goes on", "a=one \\\n   two", p{"a": "one two"}},
		{"and on", "a=1\\\r\n2\\\r3\\\n4", p{"a": "1234"}},
		{"a comment sign in what goes on is none", "a=1\\\n#2", p{"a": "1#2"}},
		{"a blank line ends what goes on", "a=1\\\n\nb=2", p{"a": "1", "b": "2"}},
		{"two backslashes do not go on", "a=1\\\\\nb=2", p{"a": `1\`, "b": "2"}},
		{"three do", "a=1\\\\\\\nb=2", p{"a": `1\b=2`}},
		{"at the end of the file", "a=1\\", p{"a": "1"}},
		{"a key that goes on", "Trading\\\n  Mode=paper", p{"TradingMode": "paper"}},
		{"nothing that goes on is nothing", "\\\n\na=1\n", p{"a": "1"}},
		{"nor with a comment behind it", "\\\n#a=1\nb=2", p{"b": "2"}},
		{"but at the end of the file it is an empty key", "a=1\n\\", p{"a": "1", "": ""}},
		{"with a line break, too", "a=1\n\\\n", p{"a": "1", "": ""}},
		{"though not when that is CRLF", "a=1\n\\\r\n", p{"a": "1"}},

		{"escapes", `a=\t\n\r\f\\\=\:\ \x`, p{"a": "\t\n\r\f\\=: x"}},
		{"a Windows path without escapes loses them", `IbDir=C:\Jts\tws`, p{"IbDir": "C:Jts\tws"}},
		{"escapes in a key", `a\=b\:c\ d=1`, p{"a=b:c d": "1"}},
		{"an escaped comment sign", `\#a=1`, p{"#a": "1"}},
		{"a Unicode escape", `a=\u00e9\u20AC`, p{"a": "é€"}},
		{"in a key", `\u0061=1`, p{"a": "1"}},
		{"a pair of surrogates", `a=\ud83d\ude00`, p{"a": "😀"}},
		{"a byte is a character", "a=caf\xe9 \xc3\xa9", p{"a": "café Ã©"}},
	} {
		f := Parse([]byte(tt.in))
		if got := values(f); !maps.Equal(got, tt.want) || f.Broken != 0 {
			t.Errorf("%s: %q gives %q, want %q (broken in line %d)", tt.name, tt.in, got, tt.want, f.Broken)
		}
	}
}

// values is what IBC sees.
func values(f File) map[string]string {
	p := map[string]string{}
	for _, e := range f.Entries {
		p[e.Key] = e.Value
	}
	return p
}

func TestTheFirstBrokenLineIsReported(t *testing.T) {
	for in, want := range map[string]int{
		"a=1\nb=\\u00e": 2, "a=1\n\nb=x\\\n  \\uZ": 3, "\\u00 e9=1": 1, "a=\\u+123": 1, "a=\\\\u12": 0, "# \\u": 0, "a=\\u00e9": 0, "a=\\U12": 0,
	} {
		if got := Parse([]byte(in)).Broken; got != want {
			t.Errorf("%q: broken in line %d, want %d", in, got, want)
		}
	}
}

func TestEntriesHaveTheirLines(t *testing.T) {
	f := Parse([]byte("# one\r\n\r\na=1\r\n  b=2\\\r\n  3\r\rc=4\\\n\nd=5\\"))
	want := []Entry{{"a", "1", 3, 3}, {"b", "23", 4, 5}, {"c", "4", 7, 8}, {"d", "5", 9, 9}}
	if !slices.Equal(f.Entries, want) {
		t.Errorf("%v, want %v", f.Entries, want)
	}
}

func FuzzProperties(f *testing.F) {
	f.Add([]byte("# comment\r\nCommandServerPort = 7462\r\nIbPassword=\\u00e9\\\n  x\\"))
	f.Add([]byte("\\\n\\\n=\\u12\\"))
	f.Fuzz(func(t *testing.T, b []byte) {
		p := Parse(b)
		next := 1
		for _, e := range p.Entries {
			if e.First < next || e.Last < e.First || e.Last > len(p.lines) {
				t.Errorf("%+v stands before line %d, or behind the last one", e, next)
			}
			next = e.Last + 1
		}
		// One more line at the end wins over whatever was there before it.
		if v := Parse(append(append([]byte("\n"), b...), "\n\nCommandServerPort=7462"...)).Value("CommandServerPort"); v != "7462" {
			t.Errorf("the last line gives %q", v)
		}
		Check(b, Place{})
	})
}
