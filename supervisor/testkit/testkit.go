// Package testkit is what the tests of all packages share: ports that belong to
// one test, and waiting for what no message announces.
package testkit

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/gofrs/flock"
)

// The environment variables that name the programs which make test has built: the
// whole one, and the simulated Gateway alone.
const (
	BuiltProgram = "GATELIGHT_TEST_PROGRAM"
	BuiltGateway = "GATELIGHT_TEST_GATEWAY"
)

// Program is a program that can be run as the children that Gatelight has. It is the one that make test has built, without
// the race detector, with which it takes five times as long to start. A test that
// was not started by make test gets its own program.
func Program(t testing.TB) string {
	t.Helper()
	return built(t, BuiltProgram)
}

// Gateway is a program that can be run as a simulated Gateway, and as nothing
// else. It starts in a third of the time of [Program].
func Gateway(t testing.TB) string {
	t.Helper()
	return built(t, BuiltGateway)
}

func built(t testing.TB, variable string) string {
	t.Helper()
	if program := os.Getenv(variable); program != "" {
		return program
	}
	own, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return own
}

// Patience is how long a test waits for what must come. It is far longer than
// anything takes, since a loaded machine is no failure.
const Patience = 90 * time.Second

// The ports that are handed out: above the privileged ones and below the range
// from which the demo takes those of its Gateway (20000 and up), which it probes,
// and Linux the local ones of connections (32768 and up). So no other program
// occupies one, or connects to it.
const (
	firstPort = 10000
	ports     = 10000
)

var (
	mu   sync.Mutex
	next = rand.IntN(ports) // so that two test programs seldom try the same one
)

// Port gives the test a TCP port on which nobody listens, and which no other test
// gets before this one has ended: not in this program, nor in any other on this
// machine that asks here. A lock file per port is the proof of it.
func Port(t testing.TB) int {
	t.Helper()
	dir := filepath.Join(os.TempDir(), "gatelight-test-ports")
	if err := os.MkdirAll(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	mu.Lock()
	defer mu.Unlock()
	for range ports {
		next = (next + 1) % ports // never the same twice: its old sockets may still be in the table
		port := firstPort + next
		lock := flock.New(filepath.Join(dir, fmt.Sprint(port)))
		if got, err := lock.TryLock(); err != nil || !got {
			continue
		}
		l, err := net.Listen("tcp", fmt.Sprint(":", port))
		if err != nil {
			lock.Unlock()
			continue
		}
		l.Close()
		t.Cleanup(func() { lock.Unlock() })
		return port
	}
	t.Fatalf("no port between %d and %d is free", firstPort, firstPort+ports)
	return 0
}

// slots is how many tests with real processes run at a time on this machine: more
// than its processors, since they wait most of the time, and not so many that each
// of them is slower than its limits of time.
var slots = 5 * runtime.NumCPU()

var withSlot sync.Map // the tests that have one, or wait for it

// Slot waits until few enough other tests with real processes run on this machine,
// in this program or in any other that asks here, and counts this one until it
// ends. It is called behind t.Parallel; a second call in a test does nothing.
func Slot(t testing.TB) {
	t.Helper()
	if _, has := withSlot.LoadOrStore(t, true); has {
		return
	}
	dir := filepath.Join(os.TempDir(), "gatelight-test-slots")
	if err := os.MkdirAll(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	for first := rand.IntN(slots); ; time.Sleep(20 * time.Millisecond) {
		for i := range slots {
			lock := flock.New(filepath.Join(dir, fmt.Sprint((first+i)%slots)))
			switch got, err := lock.TryLock(); {
			case err != nil:
				t.Fatal(err)
			case got:
				t.Cleanup(func() { lock.Unlock() })
				return
			}
			lock.Close()
		}
	}
}

// ShortDir is a folder with a path that is short enough for a socket, which that
// of t.TempDir may not be. It is removed when the test ends.
func ShortDir(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "gl-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

// Symlink makes a link to a path. On a Windows where there are none, or where not
// every user may make one, the test is skipped.
func Symlink(t testing.TB, to, link string) {
	t.Helper()
	err := os.Symlink(to, link)
	if info, statErr := os.Lstat(link); err == nil && (statErr != nil || info.Mode()&os.ModeSymlink == 0) {
		err = fmt.Errorf("%s became no link", link)
	}
	switch {
	case err != nil && runtime.GOOS == "windows":
		t.Skip("no links here: ", err)
	case err != nil:
		t.Fatal(err)
	}
}

// Remove removes a file, or a folder with all that is in it. On Windows it waits
// until nobody has any of it open, since that is refused there: a log's rotation
// looks through its folder in a goroutine of its own.
func Remove(t testing.TB, path string) {
	t.Helper()
	err := os.RemoveAll(path)
	for late := time.Now().Add(Patience); err != nil && runtime.GOOS == "windows" && time.Now().Before(late); err = os.RemoveAll(path) {
		time.Sleep(5 * time.Millisecond)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// Zip is an archive with these files, given by name.
func Zip(t testing.TB, files map[string]string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, text := range files {
		w, err := z.Create(name)
		if err == nil {
			_, err = w.Write([]byte(text))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// StartWithPipes starts a program that the test talks to. Who starts it ends it.
func StartWithPipes(t testing.TB, cmd *exec.Cmd) (stdin io.WriteCloser, stdout io.ReadCloser) {
	t.Helper()
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return in, out
}

// WriteFile writes a file that only its owner may read, and makes the folders that
// it is in.
func WriteFile(t testing.TB, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// Eventually waits until something holds, and ends the test when it does not
// come to that within [Patience]. Use it for what no message or channel announces.
func Eventually(t testing.TB, what string, holds func() bool) {
	t.Helper()
	for late := time.Now().Add(Patience); !holds(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(late) {
			t.Fatalf("waited %v in vain: %s", Patience, what)
		}
	}
}

// Await returns the first value from a channel that is what the test waits for.
// It ends the test when none comes within [Patience] or the channel is closed.
func Await[T any](t testing.TB, values <-chan T, what string, is func(T) bool) T {
	t.Helper()
	late := time.After(Patience)
	var last T
	for {
		select {
		case v, open := <-values:
			if !open {
				t.Fatalf("no more values before: %s; the last one was %+v", what, last)
			}
			if last = v; is(v) {
				return v
			}
		case <-late:
			t.Fatalf("waited %v in vain: %s; the last value was %+v", Patience, what, last)
		}
	}
}
