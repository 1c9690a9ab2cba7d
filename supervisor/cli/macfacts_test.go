package cli

import "testing"

func TestTheLidIsOpenOrClosedOrNotKnown(t *testing.T) {
	for printed, want := range map[string]string{
		"+-o IOPMrootDomain  <class IOPMrootDomain>\n    {\n      \"AppleClamshellState\" = Yes\n    }\n": "closed",
		"      \"AppleClamshellState\" = No\n":        "open",
		"      \"AppleClamshellCausesSleep\" = Yes\n": "",
		"": "",
	} {
		got := ""
		if closed := lidClosed(printed); closed != nil && *closed {
			got = "closed"
		} else if closed != nil {
			got = "open"
		}
		if got != want {
			t.Errorf("%q: %q, want %q", printed, got, want)
		}
	}
}
