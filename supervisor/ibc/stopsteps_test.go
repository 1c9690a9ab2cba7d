package ibc

import "testing"

// A hung Gateway must come to an end where there is no polite signal, too.
func TestOnlyKillEndsAProcessOnWindows(t *testing.T) {
	for system, want := range map[string]string{"windows": "SIGKILL", "linux": "SIGTERM SIGKILL", "darwin": "SIGTERM SIGKILL"} {
		got := ""
		for i, step := range stopSteps(system) {
			if i > 0 {
				got += " "
			}
			got += step.name
		}
		if got != want {
			t.Errorf("%s: %s, want %s", system, got, want)
		}
	}
}
