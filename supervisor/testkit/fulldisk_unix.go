//go:build unix

package testkit

import (
	"os/signal"
	"syscall"
	"testing"
)

// FillDisk lets no file of this process become longer than that many bytes,
// until the returned function is called or the test ends. It is as on a disk
// that is full, except that the error is EFBIG instead of ENOSPC. No other test
// may run meanwhile.
func FillDisk(t *testing.T, longest uint64) (free func()) {
	t.Helper()
	t.Setenv("GATELIGHT_TEST_DISK", "full") // panics in a test that is parallel
	var before syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &before); err != nil {
		t.Fatal(err)
	}
	signal.Ignore(syscall.SIGXFSZ)
	full := before
	full.Cur = longest
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &full); err != nil {
		t.Fatal(err)
	}
	free = func() {
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &before); err != nil {
			t.Error(err)
		}
	}
	t.Cleanup(free)
	return free
}
