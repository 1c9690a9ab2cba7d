package ibc

import (
	"os"
	"strings"
	"syscall"
	"testing"
)

// "Cannot tell" is neither alive nor over: out of file descriptors, /proc cannot
// be read. Then nothing has ended, nothing is proven, and nothing is signalled.
func TestLivesCannotBeTold(t *testing.T) {
	started, argv, err := identity(os.Getppid())
	if err != nil || len(argv) == 0 {
		t.Fatal(argv, err)
	}
	r := run{PID: os.Getppid(), StartedAt: started, Args: argv}
	if lives, err := r.lives(); !lives || err != nil {
		t.Fatalf("%t, %v", lives, err)
	}

	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
	none := syscall.Rlimit{Cur: 0, Max: limit.Max}
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &none); err != nil {
		t.Fatal(err)
	}
	lives, unknown := r.lives()
	status, over := r.over()
	alive, refused := r.alive(), terminate(r)
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}

	if lives || unknown == nil || over || status != -1 || alive {
		t.Errorf("lives %t (%v), over %t (status %d), alive %t", lives, unknown, over, status, alive)
	}
	if refused == nil || !strings.Contains(refused.Error(), "it cannot be told whether it still is the Gateway") {
		t.Errorf("a signal: %v", refused)
	}
}
