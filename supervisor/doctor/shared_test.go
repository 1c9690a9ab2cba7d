//go:build unix

package doctor

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestTwoGatewaysThatLoseEachOthersRestartAreNamed(t *testing.T) {
	for _, tt := range []struct {
		name            string
		folder, restart string // of the second one, below the test's folder
		lost            bool
	}{
		{"the same time and folder", "Jts", "11:45 PM", true},
		{"the same time in other letters", "Jts", "11:45 pm", true},
		{"a slash at the end", "Jts/", "11:45 PM", true},
		{"one folder by two names", "too/Jts", "11:45 PM", true},
		{"a folder by its IbDir", "live", "11:45 PM\nIbDir=DIR/Jts", true},
		{"another time", "Jts", "11:30 PM", false},
		{"the other half of the day", "Jts", "11:45 AM", false},
		{"another folder", "live", "11:45 PM", false},
		{"no time", "Jts", "", false},
	} {
		h := newHarness(t)
		h.write("live/jts.ini", "")
		if err := os.Symlink(h.dir, filepath.Join(h.dir, "too")); err != nil {
			t.Fatal(err)
		}
		h.secondGateway(h.dir+"/"+tt.folder, strings.ReplaceAll(tt.restart, "DIR", h.dir))
		sections := Run(t.Context(), h.host)
		named := map[string]bool{}
		for _, s := range sections {
			for _, r := range s.Results {
				if r.Verdict == Error && strings.Contains(r.Text+r.Do, "AutoRestartTime") {
					named[s.Gateway] = true
				}
			}
		}
		if named["paper"] != tt.lost || named["live"] != tt.lost {
			t.Errorf("%s: %v, want %t for both\n%s", tt.name, named, tt.lost, Text(sections, false))
		}
	}
}

// secondGateway sets up one more, with a settings folder and an AutoRestartTime.
func (h *harness) secondGateway(folder, restart string) {
	h.t.Helper()
	h.write("ibc/live.ini", "IbLoginId="+canary+"\nIbPassword="+canary+"\nTradingMode=live\nReadOnlyApi=yes\nCommandServerPort=7463\nBindAddress=127.0.0.1\n"+
		"AcceptIncomingConnectionAction=reject\nExistingSessionDetectedAction=primary\nReloginAfterSecondFactorAuthenticationTimeout=yes\nAutoRestartTime="+restart+"\n")
	if err := os.Chmod(filepath.Join(h.dir, "ibc/live.ini"), 0o600); err != nil {
		h.t.Fatal(err)
	}
	h.settings(fmt.Sprintf("[[gateway]]\nname = 'live'\nport = 4001\nibc.mode = 'live'\nibc.path = '%s/ibc'\nibc.config = '%[1]s/ibc/live.ini'\nibc.tws_path = '%[1]s/Jts'\nibc.tws_settings_path = '%s'\n", h.dir, folder))
}
