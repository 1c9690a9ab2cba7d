package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gatelight/supervisor/settings"
	"gatelight/supervisor/testkit"
)

// A fullDisk takes nothing.
type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errors.New("no space left") }

// A script would take 1 for "listening", 2 for "down" and 0 for "everything is
// well".
func TestAnAnswerThatCannotBePrintedIsAnInternalError(t *testing.T) {
	dir := t.TempDir()
	p := settings.Paths{Settings: filepath.Join(dir, "config.toml"), State: dir, Runtime: dir}
	file := "[[gateway]]\nport = " + fmt.Sprint(testkit.Port(t)) + "\nmonitor = false\n[gateway.ibc]\nconfig = \"" + filepath.Join(dir, "config.ini") + "\"\n"
	if err := os.WriteFile(p.Settings, []byte(file), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, command := range []string{
		"status", "status --json", "watch", "zombies", "zombies --json", "history", "timeline", "logs",
		"config new", "autostart status", "version", "--version", "--help",
	} {
		var complaint bytes.Buffer
		got := run(strings.Fields(command), env{ctx: t.Context(), stdin: strings.NewReader(""), stdout: fullDisk{}, stderr: &complaint, paths: p})
		if want := "gatelight: cannot print everything: no space left\n"; got != exitInternal || !strings.HasSuffix(complaint.String(), want) {
			t.Errorf("gatelight %s: %d\n%s", command, got, &complaint)
		}
	}
}

func TestAnAnswerThatIsPrintedKeepsItsStatus(t *testing.T) {
	if got := run([]string{"version"}, env{ctx: t.Context(), stdout: io.Discard, stderr: io.Discard}); got != exitOK {
		t.Error(got)
	}
}
