//go:build linux

package fakedesktop

import (
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"
)

func TestNoDaemon(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	said := failureOf(t, func(t testing.TB) { Start(t) })
	if !strings.Contains(said, "dbus-daemon was not found") || !strings.Contains(said, "Install it") {
		t.Errorf("without dbus-daemon the test fails with %q", said)
	}
}

func TestLongTempDir(t *testing.T) {
	long := t.TempDir() + "/" + strings.Repeat("long", 30)
	if err := os.Mkdir(long, 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("TMPDIR", long)
	d := desktop(t)
	if strings.Contains(d.Address(), long) {
		t.Errorf("the bus is at %s", d.Address())
	}
}

// failingTest is a test that may fail.
type failingTest struct {
	testing.TB
	message string
}

func (d *failingTest) Helper() {}

func (d *failingTest) Errorf(format string, args ...any) { d.message = fmt.Sprintf(format, args...) }

func (d *failingTest) Fatalf(format string, args ...any) {
	d.Errorf(format, args...)
	runtime.Goexit()
}

// failureOf is what f makes its test fail with.
func failureOf(t testing.TB, f func(testing.TB)) string {
	d := &failingTest{TB: t}
	done := make(chan struct{})
	go func() {
		defer close(done)
		f(d)
	}()
	<-done
	return d.message
}
