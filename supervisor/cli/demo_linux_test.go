package cli

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"gatelight/supervisor"
)

// Whenever a demo is ended, its Gateway and its folder are gone with it, also
// while the Gateway has neither a command server nor an open port.
func TestADemoLeavesNothing(t *testing.T) {
	dir, err := os.MkdirTemp("", "gl-") // short enough for sockets
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	t.Setenv("TMPDIR", dir)
	face := Face{Text: func(supervisor.Status, time.Time, bool) string { return "" }}
	for _, after := range []time.Duration{100, 600, 900, 1500, 3000, 7000} {
		ctx, cancel := context.WithTimeout(t.Context(), after*time.Millisecond)
		run([]string{"demo", "--headless", "--scenario", "quiet"}, env{ctx: ctx, stdout: io.Discard, stderr: io.Discard, face: face})
		cancel()
		left, _ := os.ReadDir(dir)
		if len(left) != 0 {
			t.Errorf("ended after %d ms it leaves %v", after, left)
		}
		cmdlines, _ := filepath.Glob("/proc/[0-9]*/cmdline")
		for _, f := range cmdlines {
			if line, err := os.ReadFile(f); err == nil && bytes.Contains(line, []byte(dir)) {
				t.Errorf("ended after %d ms it leaves a process: %q", after, line)
			}
		}
	}
}
