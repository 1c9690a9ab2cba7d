//go:build unix

package abort_test

import (
	"os"
	"os/exec"
	"sync"
	"syscall"
	"testing"

	_ "gatelight/supervisor/abort"
)

// crashes are the ways in which Go ends a program: a panic, and a fatal error
// that nothing can catch.
var crashes = map[string]func(){
	"panic in a goroutine": func() { go panic("on purpose"); select {} },
	"fatal error":          func() { new(sync.Mutex).Unlock() },
}

func TestMain(m *testing.M) {
	if crash := crashes[os.Getenv("CRASH")]; crash != nil {
		syscall.Setrlimit(syscall.RLIMIT_CORE, &syscall.Rlimit{})
		crash()
	}
	os.Exit(m.Run())
}

func TestACrashEndsByASignalAndNotWithAStatus(t *testing.T) {
	for name := range crashes {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), "CRASH="+name)
		out, _ := cmd.CombinedOutput()
		if status := cmd.ProcessState.Sys().(syscall.WaitStatus); !status.Signaled() || status.Signal() != syscall.SIGABRT {
			t.Errorf("%s: %v, want SIGABRT\n%s", name, cmd.ProcessState, out)
		}
	}
}
