package config

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"
)

// hasEscapedKey reports a text in which the key may have escapes, or go on in the
// next line. Such a key is none for blank.
func hasEscapedKey(text, key string) bool {
	for n := 1; n <= len(key); n++ {
		if strings.Contains(text, key[:n]+`\`) || strings.Contains(text, `\`+key[n-1:n]) {
			return true
		}
	}
	return strings.Contains(text, `\u`)
}

func FuzzBlankKeepsTheKeysAndNothingElse(f *testing.F) {
	for _, text := range []string{validConfig, "", "CommandServerPort=7462", "CommandServerPort : 7462\r\nIbPassword=" + canary + "\r\n",
		"# CommandServerPort=1\n!\\\nCommandServerPort=2\n", "IbPassword=a\\\nCommandServerPort=1\nCommandServerPort\t2",
		"CommandServerPort=1\\\n\\\n2\\\\\nX=\\\\\\\n3", "\\\nCommandServerPort=4\n", "a\\\r\nb\\\rCommandServerPort=5\\", " \f CommandServerPort", "#\\", "Command\\ServerPort 0",
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		const key = "CommandServerPort"
		want := Parse(b)
		blanked := bytes.Clone(b)
		blank(blanked, []string{key})
		got := Parse(blanked)
		if len(blanked) != len(b) || strings.Count(string(blanked), "\n") != strings.Count(string(b), "\n") {
			t.Fatalf("%q became %q", b, blanked)
		}
		if got.Value(key) != want.Value(key) && !hasEscapedKey(string(b), key) {
			t.Errorf("%q became %q: %q, want %q", b, blanked, got.Value(key), want.Value(key))
		}
	})
}

func TestReadKeysKnowsNoOtherKey(t *testing.T) {
	path := filepath.Join(t.TempDir(), "config.ini")
	write(t, path, "# "+canary+"\nIbPassword="+canary+"\\\n"+canary+"\nAutoRestartTime=11:45 PM\nCommandServerPort=7462\nIbLoginId "+canary)
	f, err := ReadKeys(path, "CommandServerPort", "AutoRestartTime")
	if err != nil || f.Port("CommandServerPort") != 7462 || f.Value("AutoRestartTime") != "11:45 PM" || f.Value("IbPassword") != "" {
		t.Errorf("%v, %v", f, err)
	}
	for _, line := range f.lines {
		if strings.Contains(line, canary) {
			t.Errorf("%q", line)
		}
	}
	if _, err := ReadKeys(path+".none", "x"); err == nil {
		t.Error("a file that is not there was read")
	}
}
