//go:build unix

package ibc

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"gatelight/supervisor/simgateway"
	"gatelight/supervisor/testkit"
)

var startKills = flag.Int("startkills", 10, "how many times a Gatelight is killed during a start")

// Whenever Gatelight is killed during a start, the next one knows of the Gateway
// if there is one. A second start would be a second login.
func TestAGatelightThatIsKilledDuringAStartLeavesOneLoginAtMost(t *testing.T) {
	h := install(t, simgateway.Options{})
	logins, fifo := filepath.Join(h.dir, "logins"), filepath.Join(h.dir, "fifo")
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	script := fmt.Sprintf("#!/bin/sh\necho Starting IBC version 3.24.1\necho login >>%s\nread nothing <%s\n", logins, fifo)
	if err := os.WriteFile(scriptIn(h.o.Path), []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Parallel()
	o := h.o
	o.Sockets = nil
	options, err := json.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for range *startKills {
		_ = os.Remove(logins)
		killDuringStart(t, string(options))
		second := h.follow()
		<-second.Adopted()
		if second.running() != nil {
			found++
		} else if _, err := second.launchOnce(false); err != nil {
			t.Errorf("the next start: %v", err)
		}
		testkit.Eventually(t, "a login", func() bool { b, err := os.ReadFile(logins); return err == nil && len(b) > 0 })
		second.quit()
		killAll(h)
		if n := strings.Count(read(t, logins), "login"); n != 1 {
			t.Fatalf("%d logins", n)
		}
	}
	t.Logf("killed %d times, and found a Gateway %d times", *startKills, found)
}

// killDuringStart starts a Gateway with another Gatelight, which is killed at
// some moment of that.
func killDuringStart(t *testing.T, options string) {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(exe, startOnly, options)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = cmd.Wait() }()
	defer func() { _ = cmd.Process.Kill() }()
	if line, err := bufio.NewReader(out).ReadString('\n'); line != "starting\n" {
		t.Fatal(line, err)
	}
	<-time.After(rand.N(rand.N(400 * time.Millisecond)))
}

// killAll ends all processes of the harness, and forgets the run.
func killAll(h *harness) {
	h.t.Helper()
	for _, p := range h.processes() {
		pid := 0
		if _, err := fmt.Sscan(p, &pid); err == nil && pid != os.Getpid() {
			_ = syscall.Kill(pid, syscall.SIGKILL)
			_, _ = syscall.Wait4(pid, nil, 0, nil)
		}
	}
	testkit.Eventually(h.t, "all processes have ended", func() bool { return len(h.processes()) == 0 })
	_ = os.Remove(h.runFile())
}
