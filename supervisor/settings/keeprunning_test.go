package settings

import (
	"strings"
	"testing"
)

func TestSetKeepRunningChangesNothingElse(t *testing.T) {
	for _, tt := range []struct {
		name, gateway string
		keep          bool
		in, want      string
	}{
		{"nothing", "paper", true, "", "[[gateway]]\nkeep_running = true\n"},
		{"other things, from Windows", "paper", true, "\ufeff# mine\r\nnotify = false\r\n",
			"\ufeff# mine\r\nnotify = false\r\n\r\n[[gateway]]\r\nkeep_running = true\r\n"},
		{"a Gateway", "paper", true, "[[gateway]] # mine\nport = 4002\n", "[[gateway]] # mine\nkeep_running = true\nport = 4002\n"},
		{"a Gateway that has it", "paper", false, "[[gateway]]\n keep_running=true# mine\n", "[[gateway]]\n keep_running=false# mine\n"},
		{"as it is", "paper", false, "[[gateway]]\nport = 4002", "[[gateway]]\nport = 4002"},
		{"as it is, in the file", "paper", true, "[[gateway]]\nkeep_running = true", "[[gateway]]\nkeep_running = true"},
		{"a plain table", "paper", true, "[gateway.ibc]\npath = '/opt/ibc'\n", ""},
		{"inline, with it", "paper", true, "gateway = [{ keep_running = false }]\n", "gateway = [{ keep_running = true }]\n"},
		{"the second of two", "live", true, "[[gateway]]\n[[gateway]]\nibc.mode = 'live'\n",
			"[[gateway]]\n[[gateway]]\nkeep_running = true\nibc.mode = 'live'\n"},
	} {
		got, err := SetKeepRunning("config.toml", []byte(tt.in), tt.gateway, tt.keep)
		switch {
		case tt.want == "" && tt.in != "": // refused, with what to write
			if err == nil {
				t.Errorf("%s: got\n%q", tt.name, got)
			}
		case err != nil || string(got) != tt.want:
			t.Errorf("%s: got\n%q, %v; want\n%q", tt.name, got, err, tt.want)
		}
	}
}

func TestSetKeepRunningRefusesWhatIsNotSimple(t *testing.T) {
	for in, says := range map[string]string{
		"gateway = [{port = 4002}]\n": "write by hand, under [[gateway]]: keep_running = true",
		"[[gateway]]\nname = 'x'\n":   `there is no Gateway "paper"`,
		"port = 4002\n":               "config.toml:1:",
	} {
		if got, err := SetKeepRunning("config.toml", []byte(in), "paper", true); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %q, %v; want %q", in, got, err, says)
		}
	}
}
