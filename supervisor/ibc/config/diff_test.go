package config

import (
	"strings"
	"testing"
)

func TestDiffShowsChangesWithoutSecrets(t *testing.T) {
	for _, tt := range []struct{ name, old, new, want string }{
		{"nothing", validConfig, validConfig, ""},
		{"a value", "FIX=no\nCommandServerPort=0\nReadOnlyApi=yes\n", "FIX=no\nCommandServerPort=7462\nReadOnlyApi=yes\n",
			"@@ -2 +2 @@\n-CommandServerPort=0\n+CommandServerPort=7462\n"},
		{"more and less", "FIX=no\nReadOnlyApi=yes\nTradingMode=paper\n", "ReadOnlyApi=yes\nTradingMode=paper\nMinimizeMainWindow = yes\nBindAddress=127.0.0.1",
			"@@ -1 +0,0 @@\n-FIX=no\n@@ -3,0 +3,2 @@\n+MinimizeMainWindow = yes\n+BindAddress=127.0.0.1\n"},
		{"from nothing", "", "FIX=no\n", "@@ -0,0 +1 @@\n+FIX=no\n"},
		{"to nothing", "FIX=no\n\n", "", "@@ -1,2 +0,0 @@\n-FIX=no\n-\n"},
		{"the password", "IbPassword=" + canary, "IbPassword=" + canary + "2", "@@ -1 +1 @@\n-IbPassword=***\n+IbPassword=***\n"},
		{"a first password", "IbPassword=\n", "IbPassword=" + canary, "@@ -1 +1 @@\n-IbPassword=\n+IbPassword=***\n"},
		{"behind an escape", `IbPass\u0077ord=` + canary, "", "@@ -1 +0,0 @@\n-IbPassword=***\n"},
		{"behind a continuation", "IbPass\\\n  word=\\\n" + canary + "\\\n#x", "", "@@ -1,4 +0,0 @@\n-IbPassword=***\n-…\n-…\n-…\n"},
		{"swallowed by a setting", "FIX=no\\\nIbPassword=" + canary, "", "@@ -1,2 +0,0 @@\n-FIX=…\n-…\n"},
		{"in small letters", "ibpassword=" + canary, "", "@@ -1 +0,0 @@\n-…\n"},
		{"on a line of its own", canary, "", "@@ -1 +0,0 @@\n-…\n"},
		{"commented out", "#IbPassword=" + canary, "", "@@ -1 +0,0 @@\n-# …\n"},
		{"in the place of a number", "CommandServerPort=" + canary, "", "@@ -1 +0,0 @@\n-CommandServerPort=…\n"},
		{"in the place of an address", "BindAddress=fe80::1%" + canary, "", "@@ -1 +0,0 @@\n-BindAddress=…\n"},
		{"of free form", "IbDir=" + canary, "", "@@ -1 +0,0 @@\n-IbDir=…\n"},
		{"what a terminal would obey", "FIX=no\x1b[2J", "", "@@ -1 +0,0 @@\n-FIX=…\n"},
	} {
		want := tt.want
		if want != "" {
			want = "--- old\n+++ new\n" + want
		}
		for _, end := range []string{"\n", "\r\n"} {
			old, new := strings.ReplaceAll(tt.old, "\n", end), strings.ReplaceAll(tt.new, "\n", end)
			if got := Diff("old", "new", []byte(old), []byte(new)); got != want {
				t.Errorf("%s: got\n%s\nwant\n%s", tt.name, got, want)
			}
		}
	}
}

// A file without end is told as changed from the first change to the last.
func TestDiffOfLongFilesIsOneHunk(t *testing.T) {
	old, new := strings.Repeat("FIX=no\n", 10_000), strings.Repeat("FIX=yes\n", 10_000)
	got := Diff("old", "new", []byte("ReadOnlyApi=yes\n"+old+"TradingMode=live\n"), []byte("ReadOnlyApi=yes\n"+new+"TradingMode=live\n"))
	if want := "--- old\n+++ new\n@@ -2,10000 +2,10000 @@\n-FIX=no\n"; !strings.HasPrefix(got, want) || strings.Contains(got, "live") {
		t.Errorf("%.100q", got)
	}
}

// No part of a file that is no value of a known key is ever shown.
func FuzzDiffShowsNoSecret(f *testing.F) {
	f.Add([]byte("IbPassword="), []byte("\\\nFIX=no"))
	f.Add([]byte("#"), []byte("\n"))
	f.Add([]byte("FIX=no\\\n"), []byte(""))
	f.Add([]byte("IbPassword=\""), []byte("\" # mine"))
	f.Add([]byte("AutoRestartTime=09:30 PM # "), []byte(""))
	f.Add([]byte("ClosedownAt=Friday 22:00 "), []byte("\nColdRestartTime=7:00"))
	f.Add([]byte("User="), []byte("\nTrustedIPs=127.0.0.1,"))
	f.Add([]byte("BindAddress='127.0.0.1' ; "), []byte("\n[Logon]\nApiOnly=yes"))
	f.Fuzz(func(t *testing.T, before, behind []byte) {
		b := append(append(append([]byte{}, before...), canary...), behind...)
		said := Diff("old", "new", b, nil) + Diff("old", "new", nil, b)
		for _, found := range Check(b, testPlace) {
			said += found.Key + found.Reason + found.Write
		}
		if strings.Contains(said, canary) && !strings.Contains(string(before), "IbDir") {
			t.Errorf("%q shows\n%s", b, said)
		}
	})
}
