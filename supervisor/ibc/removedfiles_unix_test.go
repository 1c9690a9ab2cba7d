//go:build unix

package ibc

import (
	"os"
	"strings"
	"testing"

	"gatelight/supervisor"
	"gatelight/supervisor/simgateway"
)

// Who empties the state folder while a Gateway runs does not make it a foreign
// one: its run file is written again, and its log is followed to the end.
func TestAGatewayWhoseFilesAreRemovedStaysOurs(t *testing.T) {
	h := install(t, simgateway.Options{})
	t.Parallel()
	f := h.follow()
	f.startsAndLogsIn()
	before, err := os.ReadFile(h.runFile())
	if err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{h.o.RunDir, h.o.LogDir} {
		if err := os.Rename(dir, dir+".away"); err != nil { // at once, also while the driver writes there
			t.Fatal(err)
		}
	}
	f.waitFor(func([]supervisor.Event) bool {
		return strings.Contains(strings.Join(f.progress(), "\n"), h.logFile()+" was removed")
	})
	if after, err := os.ReadFile(h.runFile()); err != nil || string(after) != string(before) {
		t.Errorf("%s, %v; it was %s", after, err, before)
	}
	said := strings.Join(f.progress(), "\n")
	for _, path := range []string{h.runFile(), h.logFile()} {
		if strings.Count(said, path+" was removed") != 1 {
			t.Errorf("said of %s: %q", path, said)
		}
	}
	if _, ok := New(h.o).Running().(supervisor.GatewaySeen); !ok {
		t.Error("the next Gatelight does not know it")
	}
	f.performs(supervisor.Stop)
	f.expects(after("ended 143: SIGTERM")...)
}
