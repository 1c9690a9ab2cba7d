package cli

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"testing"
)

// Go needs file descriptors of its own, and crashes without them.
func TestAGatelightWithoutFileDescriptorsDoesNotExitLikeAState(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	crashed := false
	for limit := 4; limit < 10; limit++ {
		cmd := exec.Command("sh", "-c", fmt.Sprintf("ulimit -c 0; ulimit -n %d; exec gatelight status", limit))
		cmd.Env = append(os.Environ(), "HOME="+dir, "XDG_CONFIG_HOME="+dir, "GATELIGHT_STATE_DIR="+dir, "GATELIGHT_RUNTIME_DIR="+dir)
		var out, complaint bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &complaint
		err := cmd.Run()
		var exit *exec.ExitError
		if err != nil && !errors.As(err, &exit) {
			t.Fatal(err)
		}
		status := cmd.ProcessState.ExitCode() // -1: a signal
		crashed = crashed || status == -1
		if out.Len() == 0 && status < exitUnknown && status != -1 {
			t.Errorf("with %d descriptors: it exits with %d\n%s", limit, status, &complaint)
		}
	}
	if !crashed {
		t.Error("with no number of descriptors it has crashed")
	}
}
