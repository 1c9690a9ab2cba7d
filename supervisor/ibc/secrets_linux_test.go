package ibc

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gatelight/supervisor"
	"gatelight/supervisor/simgateway"
)

// No secret leaves config.ini. The password and the login in there, and a
// variable of our own environment, are looked for wherever something was left.
func TestNoSecretIsPassedOn(t *testing.T) {
	r := install(t, simgateway.Options{CommandServerPort: freePort(t)})
	t.Parallel()
	if b, err := os.ReadFile(r.o.Config); err != nil || !bytes.Contains(b, []byte(canary)) {
		t.Fatalf("there is no canary in the config: %v", err)
	}
	g := r.follow()
	g.start()

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
	procs := r.processes()
	if len(procs) != 2 {
		t.Fatalf("%q, want the script and java", procs)
	}
	for _, p := range procs {
		pid, _, _ := strings.Cut(p, " ")
		clean("/proc/" + pid + "/cmdline")
		clean("/proc/" + pid + "/environ")
	}
	clean(g.runFile())
	clean(r.logFile())
	for _, path := range []string{g.runFile(), r.logFile()} {
		private(t, path, 0o600)
		private(t, filepath.Dir(path), 0o700)
	}
	g.act(supervisor.Restart)
	g.sees("seen", "launching", "login", "LOGIN", "logged_in", "restarting", "logged_in")
	clean(r.logFile())

	// Nor is it in an error.
	if err := os.WriteFile(r.o.Config, []byte("IbPassword="+canary+"\nCommandServerPort=soon\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := g.Perform(t.Context(), supervisor.PerformAction{Action: supervisor.Stop}); err == nil || strings.Contains(err.Error(), canary) {
		t.Errorf("%v", err)
	}
	if len(looked) != 4 {
		t.Errorf("looked at %v", looked)
	}
}

// Our own canary must be in our own environment, or its absence proves nothing.
func TestTheCanaryIsThere(t *testing.T) {
	if os.Getenv("GATELIGHT_TEST_SECRET") != canary {
		t.Error("it is not")
	}
}

func private(t *testing.T, path string, mode os.FileMode) {
	t.Helper()
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != mode {
		t.Errorf("%s: %v, %v, want %v", path, info, err, mode)
	}
}
