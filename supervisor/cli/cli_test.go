package cli

import (
	"bytes"
	"strings"
	"testing"
)

func TestTheCommandLine(t *testing.T) {
	for _, c := range []struct {
		args           string
		status         int
		says, grumbles string
	}{
		{"--help", exitOK, "Usage: gatelight <command>", ""},
		{"status --help", exitOK, "Usage: gatelight status", ""},
		{"--version", exitOK, "gatelight " + versionText() + "\n", ""},
		{"version", exitOK, "gatelight " + versionText() + "\n", ""},
		{"status --version", exitOK, "gatelight " + versionText() + "\n", ""},
		{"--verbose", exitUsage, "", "unknown flag --verbose\nTry: gatelight --help"},
		{"sttaus", exitUsage, "", "Try: gatelight --help"},
	} {
		var out, err bytes.Buffer
		status := run(strings.Fields(c.args), env{ctx: t.Context(), stdout: &out, stderr: &err})
		if status != c.status || !strings.HasPrefix(out.String(), c.says) || !strings.Contains(err.String(), c.grumbles) ||
			(c.says == "") != (out.Len() == 0) || (c.grumbles == "") != (err.Len() == 0) {
			t.Errorf("gatelight %s: %d\n%s%s", c.args, status, &out, &err)
		}
	}
}
