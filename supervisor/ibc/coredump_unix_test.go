//go:build unix

package ibc

import (
	"os/exec"
	"strings"
	"syscall"
	"testing"
)

func TestTheGatewayMayDumpAndGatelightNot(t *testing.T) {
	var before syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_CORE, &before); err != nil {
		t.Fatal(err)
	}
	some := syscall.Rlimit{Cur: min(before.Max, 1<<20), Max: before.Max}
	if err := syscall.Setrlimit(syscall.RLIMIT_CORE, &some); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { coreLimit.Store(nil); syscall.Setrlimit(syscall.RLIMIT_CORE, &before) })

	limitOf := func(start func(func() error) error) string {
		t.Helper()
		var out strings.Builder
		cmd := exec.Command("/bin/sh", "-c", "ulimit -c")
		cmd.Stdout = &out
		if err := start(cmd.Start); err != nil {
			t.Fatal(err)
		}
		if err := cmd.Wait(); err != nil {
			t.Fatal(err)
		}
		return strings.TrimSpace(out.String())
	}
	plain := func(start func() error) error { return start() }
	was := limitOf(plain)
	if got := limitOf(WithCoreDumps); got != was {
		t.Errorf("%s before anything is forbidden, want %s", got, was)
	}
	ForbidCoreDumps()
	for range 2 {
		if got := limitOf(WithCoreDumps); got != was {
			t.Errorf("the Gateway gets %s, want %s", got, was)
		}
		if got := limitOf(plain); got != "0" { // blocks of 512 bytes
			t.Errorf("any other child gets %s", got)
		}
		var ours syscall.Rlimit
		if err := syscall.Getrlimit(syscall.RLIMIT_CORE, &ours); err != nil || ours.Cur != noCoreDump || ours.Max != before.Max {
			t.Errorf("ours is %+v, %v", ours, err)
		}
	}
}
