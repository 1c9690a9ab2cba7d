package ibc

import (
	"os"
	"strings"
	"syscall"
	"testing"
)

// Without file descriptors /proc cannot be read. Then nothing has ended,
// nothing is proven, and nothing is signalled.
func TestAProcessThatCannotBeReadIsNeitherOursNorEnded(t *testing.T) {
	_, r := standIn(t, detach)
	if ours, err := r.isStillOurs(); !ours || err != nil {
		t.Fatalf("%t, %v", ours, err)
	}

	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
	none := syscall.Rlimit{Cur: 0, Max: limit.Max}
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &none); err != nil {
		t.Fatal(err)
	}
	ours, unknown := r.isStillOurs()
	status, ended := r.hasEnded()
	adopted := r
	adopted.PID = os.Getppid() // no child of ours, of which the kernel would tell
	adoptedStatus, adoptedEnded := adopted.hasEnded()
	refused := terminate(&r)
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}

	if ours || unknown == nil || ended || status != -1 {
		t.Errorf("ours %t (%v), ended %t (status %d)", ours, unknown, ended, status)
	}
	if adoptedEnded || adoptedStatus != -1 {
		t.Errorf("an adopted one: ended %t (status %d)", adoptedEnded, adoptedStatus)
	}
	if refused == nil || !strings.Contains(refused.Error(), "it cannot be told whether it still is the Gateway") {
		t.Errorf("a signal: %v", refused)
	}
}
