package ibc

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gatelight/supervisor"
	"gatelight/supervisor/simgateway"
	"gatelight/supervisor/testkit"
)

// No secret leaves config.ini. The password and the login in there, and a
// variable of our own environment, are looked for wherever something was left.
func TestNoSecretIsPassedOn(t *testing.T) {
	h := install(t, simgateway.Options{CommandServerPort: testkit.Port(t)})
	t.Parallel()
	if b, err := os.ReadFile(h.o.Config); err != nil || !bytes.Contains(b, []byte(canary)) {
		t.Fatalf("there is no canary in the config: %v", err)
	}
	f := h.follow()
	f.startsAndLogsIn()

	looked := map[string]bool{}
	clean := func(path string) {
		t.Helper()
		b, err := os.ReadFile(path)
		if err != nil || len(b) == 0 {
			t.Errorf("%s: %d bytes, %v", path, len(b), err)
		}
		if bytes.Contains(b, []byte(canary)) {
			t.Errorf("a secret is in %s", path)
		}
		looked[filepath.Base(path)] = true
	}
	procs := h.processes()
	if len(procs) != 2 {
		t.Fatalf("%q, want the script and java", procs)
	}
	for _, p := range procs {
		pid, _, _ := strings.Cut(p, " ")
		clean("/proc/" + pid + "/cmdline")
		clean("/proc/" + pid + "/environ")
	}
	clean(h.runFile())
	clean(h.logFile())
	for _, path := range []string{h.runFile(), h.logFile()} {
		isPrivate(t, path, 0o600)
		isPrivate(t, filepath.Dir(path), 0o700)
	}
	f.performs(supervisor.Restart)
	f.expects("seen", "launching", "login", "LOGIN", "logged_in", "restarting", "logged_in")
	clean(h.logFile())

	// Nor is it in an error.
	if err := os.WriteFile(h.o.Config, []byte("IbPassword="+canary+"\nCommandServerPort=soon\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := f.Perform(t.Context(), supervisor.PerformAction{Action: supervisor.Stop}); err == nil || strings.Contains(err.Error(), canary) {
		t.Errorf("%v", err)
	}
	if len(looked) != 4 {
		t.Errorf("looked at %v", looked)
	}
}

// Otherwise its absence elsewhere proves nothing.
func TestTheCanaryIsInTheEnvironment(t *testing.T) {
	if os.Getenv("GATELIGHT_TEST_SECRET") != canary {
		t.Error("it is not")
	}
}

func isPrivate(t *testing.T, path string, mode os.FileMode) {
	t.Helper()
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != mode {
		t.Errorf("%s: %v, %v, want %v", path, info, err, mode)
	}
}
