package cli

import (
	"slices"
	"testing"
)

func TestEverySystemHasAViewerForOurFiles(t *testing.T) {
	for _, tt := range []struct {
		system, path string
		want         []string
	}{
		{"darwin", "/s/events.jsonl", []string{"/usr/bin/open", "-t", "/s/events.jsonl"}},
		{"darwin", "/s/log/ibc-paper.log", []string{"/usr/bin/open", "-t", "/s/log/ibc-paper.log"}},
		{"darwin", "/s/timeline.html", []string{"/usr/bin/open", "/s/timeline.html"}},
		{"darwin", "/s/log", []string{"/usr/bin/open", "/s/log"}},
		{"windows", `C:\s\events.jsonl`, []string{"notepad.exe", `C:\s\events.jsonl`}},
		{"windows", `C:\s\timeline.html`, []string{"rundll32", "url.dll,FileProtocolHandler", `C:\s\timeline.html`}},
		{"linux", "/s/events.jsonl", []string{"xdg-open", "/s/events.jsonl"}},
	} {
		if got := openerOf(tt.system, tt.path); !slices.Equal(got, tt.want) {
			t.Errorf("%s: %q, want %q", tt.system, got, tt.want)
		}
	}
}
