package cli

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"gatelight/supervisor/testkit"
)

// Whenever a demo is ended, its Gateway and its folder are gone with it, also
// while the Gateway has neither a command server nor an open port.
func TestDemoLeavesNothing(t *testing.T) {
	t.Parallel()
	for _, after := range []time.Duration{100, 600, 900, 1500, 3000, 7000} {
		after *= time.Millisecond
		t.Run(after.String(), func(t *testing.T) {
			t.Parallel()
			testkit.Slot(t)
			dir, err := os.MkdirTemp("", "gl-") // short enough for sockets
			if err != nil {
				t.Fatal(err)
			}
			defer os.RemoveAll(dir)
			cmd := exec.Command(builtOrOwn(), "demo", "--headless", "--scenario", "quiet")
			cmd.Env = append(os.Environ(), "TMPDIR="+dir)
			said, err := cmd.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			handles := after > time.Second // before, it may not yet handle the signal
			if handles {
				said.Read(make([]byte, 1)) // its first line comes after that
			}
			end := time.AfterFunc(after, func() { cmd.Process.Signal(os.Interrupt) })
			defer end.Stop()
			io.Copy(io.Discard, said)
			if err := cmd.Wait(); err != nil && handles {
				t.Error(err)
			}
			if left, _ := os.ReadDir(dir); len(left) != 0 {
				t.Errorf("it leaves %v", left)
			}
			cmdlines, _ := filepath.Glob("/proc/[0-9]*/cmdline")
			for _, f := range cmdlines {
				if line, err := os.ReadFile(f); err == nil && bytes.Contains(line, []byte(dir)) {
					t.Errorf("it leaves a process: %q", line)
				}
			}
		})
	}
}
