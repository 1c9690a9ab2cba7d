package config

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// What is written passes its own check but for the login, which is the user's
// to fill in, and then passes it.
func TestANewConfigIsValidButForTheLogin(t *testing.T) {
	for _, tt := range []struct {
		mode  string
		api   int
		other map[string]int
		port  string
	}{
		{"paper", 4002, nil, "7462"},
		{"live", 4001, map[string]int{"paper": 7462}, "7463"},
		{"live", 7463, map[string]int{"paper": 7462}, "7464"},
	} {
		place := Place{Mode: tt.mode, Port: tt.api, TwoFactorTimeout: "restart", CommandPorts: tt.other, Permissions: 0o600}
		text := string(New(place))
		var got []string
		for _, f := range Check([]byte(text), place) {
			got = append(got, string(f.Severity)+" "+f.Key)
		}
		if !slices.Equal(got, []string{"warning IbLoginId", "warning IbPassword"}) {
			t.Errorf("%s: %v", tt.mode, got)
		}
		if port := Parse([]byte(text)).Value("CommandServerPort"); port != tt.port {
			t.Errorf("the command port is %s, want %s", port, tt.port)
		}
		text = strings.Replace(strings.Replace(text, "IbLoginId=", "IbLoginId=a", 1), "IbPassword=", "IbPassword=b", 1)
		if found := Check([]byte(text), place); len(found) > 0 {
			t.Error(found)
		}
		if !isPrintableASCII(strings.ReplaceAll(text, "\n", "")) || strings.Contains(text, "{{") {
			t.Errorf("there is more than ASCII in it, or a place that was not filled in:\n%s", text)
		}
	}
}

func TestCreateReplacesNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ibc", "config.ini")
	write(t, filepath.Join(filepath.Dir(path), ".config.ini.gatelight-1"), "left by a crash")
	if err := os.Chmod(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := Create(path, []byte("FIX=no\n")); err != nil {
		t.Fatal(err)
	}
	wantMode(t, path, 0o600)
	if err := Create(path, []byte("FIX=yes\n")); !errors.Is(err, fs.ErrExist) || !strings.Contains(err.Error(), path) {
		t.Error(err)
	}
	wantFiles(t, filepath.Dir(path), map[string]string{"config.ini": "FIX=no\n"})
}
