package ibc

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What IBC really printed, from its start to its end, or to where it was cut.
func TestEventsOfRealLogs(t *testing.T) {
	const (
		begin    = "launching, launching, LAUNCH, login, LOGIN, "
		refused  = "login, LOGIN, problem login_refused, launching, launching, LAUNCH, "
		noServer = "login, LOGIN, problem dialog waits, problem server_unreachable, launching, launching, LAUNCH, "
	)
	for name, want := range map[string]string{
		"login-ok-then-stop":             begin + "logged_in, STOP → 0",
		"two-factor-approved":            begin + "two_factor, login, logged_in, STOP → 0",
		"two-factor-stuck-relogin":       begin + "two_factor, login, problem two_factor_missed → 87",
		"two-factor-never-answered-exit": begin + "two_factor, login → -1",
		"existing-session":               begin + "problem dialog waits, goes on, logged_in, STOP → 0",
		"restart-without-authentication": begin + "logged_in, restarting, restarting, restarting, LAUNCH, restarting, logged_in, STOP → 0",
		"wrong-password-loop":            "launching, launching, LAUNCH, " + refused + refused + "login, LOGIN, problem login_refused, launching → 0",
		"server-connection-failed-loop":  "launching, launching, LAUNCH, " + noServer + noServer + "login, LOGIN, problem dialog waits, problem server_unreachable, launching → 0",
		"login-dialog-never-shown":       "launching, launching, LAUNCH, problem no_login_dialog, launching, LAUNCH, problem no_login_dialog, launching, LAUNCH, problem no_login_dialog → 88",
		"too-many-failed-logins":         begin + "problem dialog waits, problem too_many_attempts waits → -1",
		"java-killed":                    begin + "logged_in → 137",
	} {
		text, err := os.ReadFile(filepath.Join("testdata", "ibc-3.24.1", name+".txt"))
		if err != nil {
			t.Fatal(err)
		}
		events, status := readLog(t, string(text))
		var words []string
		for _, word := range strings.Split(describe(events), ", ") {
			if strings.HasPrefix(word, "LOGIN ") {
				word = "LOGIN" // without the time
			}
			words = append(words, word)
		}
		if got := fmt.Sprintf("%s → %d", strings.Join(words, ", "), status); got != want {
			t.Errorf("%s:\n%s, want\n%s", name, got, want)
		}
	}
}
