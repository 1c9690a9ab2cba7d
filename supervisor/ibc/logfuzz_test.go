package ibc

import (
	"strings"
	"testing"

	"gatelight/supervisor"
)

// Whatever is printed, in whatever order: a line reports two things at most, no
// problem is without words, and what is shown has no secret.
func FuzzLines(f *testing.F) {
	settings := settingsOf(f, "IbPassword=correct horse battery\n")
	f.Add(javaOf("3.24.1") + errorBlock("could not press correct horse battery"))
	f.Add(javaOf("3.12.0") + stamp + "Detected dialog entitled: Gateway; event=Opened\n" + stamp + "correct horse battery\nand more\n")
	f.Add(stamp + "Login error message:\ncorrect horse battery\n" + stamp + "Click button: OK\nIBC returned exit status 1\n")
	f.Fuzz(func(t *testing.T, text string) {
		l := logParser{settings: settings}
		for line := range strings.Lines(text) {
			events := l.events(strings.TrimRight(line, "\r\n"))
			if len(events) > 2 {
				t.Errorf("%q: %d events", line, len(events))
			}
			for _, e := range events {
				p, ok := e.(supervisor.LoginProblemSeen)
				if ok && (p.Reason == "") != (p.Text == "") || strings.Contains(p.Text+p.Title, "correct horse battery") {
					t.Errorf("%q: %+v", line, p)
				}
			}
		}
		for _, status := range []int{-1, 0, 1, 87, 137} {
			if m := (ending{l.java, l.script}).meaning(status, true); m.text == "" || m.reason == "" || strings.Contains(m.text, "correct horse battery") {
				t.Errorf("status %d: %+v", status, m)
			}
		}
	})
}
