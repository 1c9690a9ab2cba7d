package packaging

import (
	"fmt"
	"os/exec"
	"testing"
)

// gopsutil needs go-m1cpu. Before v0.2.1 its init, which runs before main,
// crashes on Apple M5 and macOS 26 (slingdata-io/sling-cli#735, tikv/pd#10765).
// No test on another system would notice.
func TestM1CPUVersionDoesNotCrashOnNewMacs(t *testing.T) {
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Version}}", "github.com/shoenig/go-m1cpu").CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	var major, minor, patch int
	if _, err := fmt.Sscanf(string(out), "v%d.%d.%d", &major, &minor, &patch); err != nil {
		t.Fatalf("version %q: %v", out, err)
	}
	if major == 0 && (minor < 2 || minor == 2 && patch < 4) {
		t.Errorf("go.mod has go-m1cpu v%d.%d.%d, want v0.2.4 or later", major, minor, patch)
	}
}
