package plist

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestDecodeReturnsWhatWasEncoded(t *testing.T) {
	want := Dict{
		{"Label", "a & b <c> \"d\" 'e' \t\n ü 🚦"},
		{"Empty", ""},
		{"RunAtLoad", true},
		{"Off", false},
		{"Seconds", 30},
		{"Arguments", []string{"/a b/c", "", "--x"}},
		{"None", []string{}},
		{"KeepAlive", Dict{{"SuccessfulExit", false}}},
	}
	text, err := Encode(want)
	if err != nil {
		t.Fatal(err)
	}
	got, err := Decode(text)
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-encoded +decoded):\n%s", diff)
	}
}

func TestDecodeRefusesWhatItDoesNotSupport(t *testing.T) {
	for what, text := range map[string]string{
		"nothing":              "",
		"another format":       "<html></html>",
		"the binary format":    "bplist00\xd1",
		"an array as the root": "<plist><array/></plist>",
		"an unknown kind":      "<plist><dict><key>a</key><real>1.5</real></dict></plist>",
		"a key without value":  "<plist><dict><key>a</key></dict></plist>",
		"two keys in a row":    "<plist><dict><key>a</key><key>b</key></dict></plist>",
		"a value without key":  "<plist><dict><string>a</string></dict></plist>",
		"a file cut short":     "<plist><dict><key>a</key><string>b</string>",
	} {
		if d, err := Decode([]byte(text)); err == nil {
			t.Errorf("%s: decoded as %v", what, d)
		}
	}
	if _, err := Encode(Dict{{"at", 1.5}}); err == nil || !strings.Contains(err.Error(), "at: ") {
		t.Errorf("encoded a number that is not an integer: %v", err)
	}
}
