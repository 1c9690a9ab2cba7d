package cli

import (
	"bytes"
	"strings"
	"testing"
)

func TestCommandLinePrintsHelpVersionAndUsageErrors(t *testing.T) {
	for _, c := range []struct {
		args           string
		status         int
		stdout, stderr string
	}{
		{"--help", exitOK, "Usage: gatelight <command>", ""},
		{"status --help", exitOK, "Usage: gatelight status", ""},
		{"--version", exitOK, versionLine() + "\n", ""},
		{"version", exitOK, versionLine() + "\n", ""},
		{"status --version", exitOK, versionLine() + "\n", ""},
		{"--verbose", exitUsage, "", "gatelight has no option --verbose; see: gatelight --help"},
		{"sttaus", exitUsage, "", "there is no command \"sttaus\"; did you mean status?"},
	} {
		var out, err bytes.Buffer
		status := run(strings.Fields(c.args), env{ctx: t.Context(), stdout: &out, stderr: &err})
		if status != c.status || !strings.HasPrefix(out.String(), c.stdout) || !strings.Contains(err.String(), c.stderr) ||
			(c.stdout == "") != (out.Len() == 0) || (c.stderr == "") != (err.Len() == 0) {
			t.Errorf("gatelight %s: %d\n%s%s", c.args, status, &out, &err)
		}
	}
}
