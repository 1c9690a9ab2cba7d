package packaging

import (
	"path/filepath"
	"testing"
)

func TestWhoHasSwitchedTheAgentOff(t *testing.T) {
	list := func(state string) string {
		return "\tdisabled services = {\n\t\t\"com.example.other\" => disabled\n\t\t\"" + BundleID + "\" => " + state + "\n\t}\n"
	}
	for _, tt := range []struct {
		status  int
		printed string
		want    string
	}{
		{1, list("enabled"), ""},
		{1, list("disabled"), launchctl},
		{1, list("true"), launchctl},
		{1, list("false"), ""},
		{2, list("enabled"), loginItems},
		{2, list("disabled"), loginItems}, // what only the person can undo comes first
		{3, "", ""},
		{-1, "\t\"com.example.other\" => disabled\n", ""},
	} {
		if got := agentOffBy(tt.status, tt.printed); got != tt.want {
			t.Errorf("%d %q: %q, want %q", tt.status, tt.printed, got, tt.want)
		}
	}
}

func TestAnAgentThatIsSwitchedOffElsewhereIsOff(t *testing.T) {
	offBy, enabled := "", 0
	format, file, err := launchAgent(func(string) string { return t.TempDir() })
	if err != nil {
		t.Fatal(err)
	}
	a := Autostart{Program: writeProgram(t, "gatelight"), format: format,
		store: switchedStore{file, func() string { return offBy }, func() error { enabled++; return nil }}}
	wantStatus(t, a, Status{})
	offBy = loginItems
	wantStatus(t, a, Status{}) // there is nothing to be off
	if err := a.On(); err != nil || enabled != 1 {
		t.Fatalf("%v; enabled %d times", err, enabled)
	}
	wantStatus(t, a, Status{Command: []string{a.Program}, DisabledBy: loginItems, OnlyThere: true})
	offBy = launchctl
	wantStatus(t, a, Status{Command: []string{a.Program}, DisabledBy: launchctl})
	offBy = ""
	wantStatus(t, a, Status{State: On, Command: []string{a.Program}})
	if name := filepath.Base(a.Where()); name != BundleID+".plist" {
		t.Error(name)
	}
}
