//go:build unix

package doctor

import (
	"strings"
	"testing"

	"gatelight/supervisor/testkit"
)

func TestAFullDiskIsAProblem(t *testing.T) {
	for name, prepare := range map[string]func(*harness){
		"there are events already": func(h *harness) { h.write("state/events.jsonl", "{}\n") },
		"there are none yet":       func(h *harness) {},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHarness(t)
			prepare(h)
			c := checker{Host: h.host}
			testkit.FillDisk(t, 0)
			if err := c.canWrite(); err == nil || !strings.Contains(err.Error(), "file too large") {
				t.Errorf("a byte can be written: %v", err)
			}
		})
	}
}
