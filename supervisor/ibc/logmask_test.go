package ibc

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func settingsOf(t testing.TB, config string) runSettings {
	t.Helper()
	ini := filepath.Join(t.TempDir(), "config.ini")
	if err := os.WriteFile(ini, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	return readRunSettings(ini)
}

func TestWordsThatAreShownHaveNoSecretAndNobodysName(t *testing.T) {
	s := settingsOf(t, "IbLoginId=trader1\nIbPassword=pass word\nFIXLoginId=fixer\nIbPasswort=misspelt\n")
	for text, want := range map[string]string{
		"Cannot log in trader1 with pass word":           "Cannot log in ••• with •••",
		"no such FIX user fixer, or misspelt":            "no such FIX user •••, or •••",
		"Your account U1234567 is closed.":               "Your account ••• is closed",
		"Paper account DU7654321 of F123456":             "Paper account ••• of •••",
		"Soft token for user 'somebody else' is gone":    "Soft token for user ••• is gone",
		`"Somebody" said “something”`:                    "••• said •••",
		"user: somebody; username=somebody":              "user: •••; username=•••",
		"mail somebody@example.com or call 0123456789":   "mail ••• or call •••",
		"it can't be done, it won't":                     "it can't be done, it won't",
		"Login failed: the server doesn't know it":       "Login failed: the server doesn't know it",
		"  many \t blanks\n and lines  ":                 "many blanks and lines",
		"port 4002 is taken, version 10.45.1c of 2026":   "port 4002 is taken, version 10.45.1c of 2026",
		strings.Repeat("é", maxWords+50):                 strings.Repeat("é", maxWords-1) + "…",
		"a path /home/trader/Jts/jts.ini and its 'path'": "a path /home/trader/Jts/jts.ini and its •••",
	} {
		if got := s.mask(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestTheSettingsOfARunAreThoseOfItsConfig(t *testing.T) {
	s := settingsOf(t, "ClosedownAt=22:00\nColdRestartTime=\nSecondFactorDevice = 'IB Key' \nSecondFactorAuthenticationTimeout=90\n")
	if !s.closesDown || s.coldRestarts || s.device != "IB Key" || s.timeout.Seconds() != 90 {
		t.Errorf("%+v", s)
	}
	if s := readRunSettings(filepath.Join(t.TempDir(), "none")); s.device != "" || s.timeout != defaultTwoFactorTimeout {
		t.Errorf("without a file: %+v", s)
	}
}

// Whatever is printed, the words that are shown never hold the password.
func FuzzMask(f *testing.F) {
	s := settingsOf(f, "IbPassword=correct horse battery\n")
	f.Add("before ", " after")
	f.Add(`"`, `'`)
	f.Fuzz(func(t *testing.T, before, after string) {
		if got := s.mask(before + "correct horse battery" + after); strings.Contains(got, "correct horse battery") {
			t.Errorf("%q", got)
		}
	})
}
