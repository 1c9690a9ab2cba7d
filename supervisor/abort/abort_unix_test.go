//go:build unix

package abort_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"sync"
	"syscall"
	"testing"
	"time"

	"gatelight/supervisor/abort"
)

// crashes are the ways in which Go ends a program: a panic, and a fatal error
// that nothing can catch.
var crashes = map[string]func(){
	"panic in a goroutine": func() { go panic("on purpose"); select {} },
	"fatal error":          func() { new(sync.Mutex).Unlock() },
}

func TestMain(m *testing.M) {
	syscall.Setrlimit(syscall.RLIMIT_CORE, &syscall.Rlimit{})
	if crash := crashes[os.Getenv("CRASH")]; crash != nil {
		crash()
	}
	if os.Getenv("NO_THREADS") != "" {
		abort.AtOnce()
		needThreads()
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

// needThreads starts threads until the system has no room for another one.
func needThreads() {
	var size uint64
	statm, _ := os.ReadFile("/proc/self/statm")
	fmt.Sscan(string(statm), &size)
	limit := size*uint64(os.Getpagesize()) + 1<<20
	syscall.Setrlimit(syscall.RLIMIT_AS, &syscall.Rlimit{Cur: limit, Max: limit})
	for range 100 {
		go func() {
			runtime.LockOSThread()
			select {}
		}()
	}
	time.Sleep(time.Second)
	memory = make([]byte, 1<<33) // without the C library threads need little, and memory goes first
	time.Sleep(time.Minute)
}

var memory []byte

// The limit is one second less than what Go takes to end by a signal.
func TestWithoutRoomForAThreadItEndsAtOnce(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only Linux limits the address space, and says how large it is")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 9*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, os.Args[0])
	cmd.Env = append(os.Environ(), "NO_THREADS=1")
	out, err := cmd.CombinedOutput()
	if ctx.Err() != nil || err == nil {
		t.Errorf("it ended with %v, %v\n%.2000s", err, ctx.Err(), out)
	}
}
