//go:build unix

package simgateway

import (
	"strings"
	"testing"
	"time"
)

func TestEachVersionSpeaksInItsOwnWords(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		version     string
		says, never []string
	}{
		{"3.8.6", []string{"IBC: Version: 3.8.6-simulated", "Click button: Log In", "Second Factor Authentication dialog closed", "IBC closing after Second Factor Authentication dialog timeout", "Exiting with exit code=1111", "IBC returned exit status 87"},
			[]string{"Login attempt", "Setting user name", "WINDOW_OPENED", "Duration since login", "autorestart file"}},
		{"3.16.2", []string{"IBC: Detected frame entitled", "IBC: Login dialog WINDOW_OPENED", "Login attempt: 1", "Duration since login", "because login has not completed"}, []string{"Setting user name", "autorestart file"}},
		{"3.17.0", []string{"autorestart file not found", "IBC: detected frame entitled", "Setting user name", "Exiting with exit code=1111"}, []string{"full authentication", "Finding autorestart"}},
		{"3.23.0", []string{"full authentication will be required", "Exiting with exit code=1111"}, []string{"because login has not completed", "!!!!"}},
		{"3.24.1", []string{"because login has not completed", "Exiting after error with exit code=1111"}, nil},
	} {
		h := launch(t, Options{IBC: tt.version, TwoFactor: time.Millisecond, LoginResult: LoginStuck}, "--mode=live")
		if code := h.status(); code != 87 {
			t.Errorf("%s: exit status %d, not 87", tt.version, code)
		}
		h.wantInOrder(tt.says...)
		for _, text := range tt.never {
			if strings.Contains(h.text(), text) {
				t.Errorf("%s says %q", tt.version, text)
			}
		}
	}
}

func TestOldVersionsHaveTheStartLineInFrontOfTheirLoop(t *testing.T) {
	t.Parallel()
	for version, want := range map[string]int{"3.12.0": 1, "3.15.0": 3} {
		h := launch(t, Options{IBC: version, LoginResult: LoginStuck}, "--on2fatimeout=restart")
		h.waitForLog("ersion: "+version+"-simulated", 3)
		if n := strings.Count(h.text(), "Starting Gateway with this command"); n != want {
			t.Errorf("%s: %d start lines of 3 starts, want %d", version, n, want)
		}
	}
}

func TestARefusedLoginEndsAsInThatVersion(t *testing.T) {
	t.Parallel()
	h := launch(t, Options{IBC: "3.20.0", LoginResult: LoginFailed})
	if code := h.status(); code != 0 {
		t.Errorf("3.20.0: exit status %d, not 0", code)
	}
	h.wantInOrder("Login failed", "Cold restart in progress", "Login has not completed: exiting immediately", "IBC returned exit status 0", "Gateway finished")
	h = launch(t, Options{IBC: "3.17.0", LoginResult: LoginFailed})
	h.waitForLog("IBC: Login failed", 1)
	h.command("STOP\n") // it waits with the dialog open
	if code := h.status(); code != 0 || strings.Contains(h.text(), "Cold restart") {
		t.Errorf("3.17.0: exit status %d", code)
	}
}

func TestCommandsAreAnsweredAsInThatVersion(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ version, command, answer string }{
		{"3.12.0", "RESTART", "ERROR Command invalid\n"},
		{"3.12.0", "STOP", "OK Shutting down\n"},
		{"3.16.2", "RESTART", "OK Restart in progress\n"},
		{"3.20.0", "STOP", "OK Shutting down: STOP command\n"},
		{"3.23.0", "PAUSE", "ERROR Command invalid\n"},
		{"3.24.1", "RESTART", "OK RESTART in progress\n"},
	} {
		h := launchAndLogIn(t, Options{IBC: tt.version})
		command := tt.command + "\n"
		if strings.HasPrefix(tt.answer, "ERROR") {
			command += "EXIT\n" // an invalid command does not end the conversation
			tt.answer += "OK Goodbye\n"
		}
		if got := h.command(command); got != tt.answer {
			t.Errorf("%s, %s: %q, want %q", tt.version, tt.command, got, tt.answer)
		}
	}
}
