package monitor

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"
)

// within is the deadline of every condition that the tests wait for. It is met in milliseconds on an idle machine.
const within = 10 * time.Second

// childExe is the program in testdata/childmain.
var childExe string

func TestMain(m *testing.M) { os.Exit(withChild(m)) }

// withChild builds the child without the race detector: the library races with itself in every session, and that is
// one reason why it lives in a process of its own.
func withChild(m *testing.M) int {
	dir, err := os.MkdirTemp("", "monitor-test-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	childExe = filepath.Join(dir, "childmain")
	if runtime.GOOS == "windows" {
		childExe += ".exe"
	}
	build := exec.Command("go", "build", "-race=false", "-o", childExe, "./testdata/childmain")
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "cannot build the child: %v\n%s", err, out)
		return 1
	}
	return m.Run()
}

// transcript collects a session's messages.
type transcript struct {
	t       *testing.T
	mu      sync.Mutex
	all     []Message
	changed chan struct{} // replaced at every message
	session *Session
}

// open starts a session with the child in the given mode, and makes sure that it has ended when the test does.
func open(t *testing.T, mode string, port int) *transcript {
	t.Helper()
	tr := &transcript{t: t, changed: make(chan struct{})}
	s, err := Open(t.Context(), Options{Exe: childExe, Args: []string{mode}, Port: port, ClientID: 13, Every: time.Second}, tr.add)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	tr.session = s
	return tr
}

func (tr *transcript) add(m Message) {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	tr.all = append(tr.all, m)
	close(tr.changed)
	tr.changed = make(chan struct{})
}

func (tr *transcript) messages() []Message {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	return slices.Clone(tr.all)
}

func (tr *transcript) kinds() []Kind {
	var kinds []Kind
	for _, m := range tr.messages() {
		kinds = append(kinds, m.Kind)
	}
	return kinds
}

// await waits for the nth message of a kind.
func (tr *transcript) await(kind Kind, nth int) Message {
	tr.t.Helper()
	ctx, cancel := context.WithTimeout(tr.t.Context(), within)
	defer cancel()
	for {
		tr.mu.Lock()
		all, changed := tr.all, tr.changed
		tr.mu.Unlock()
		seen := 0
		for _, m := range all {
			if m.Kind != kind {
				continue
			}
			if seen++; seen == nth {
				return m
			}
		}
		select {
		case <-changed:
		case <-ctx.Done():
			tr.t.Fatalf("waited in vain for %s number %d; got %+v", kind, nth, all)
		}
	}
}

// end waits for the closed message and checks that it is the last and the only one.
func (tr *transcript) end(reason string) {
	tr.t.Helper()
	m := tr.await(KindClosed, 1)
	tr.session.Close()
	if m.Reason != reason {
		tr.t.Errorf("closed because %q, want %q", m.Reason, reason)
	}
	kinds := tr.kinds()
	if i := slices.Index(kinds, KindClosed); i != len(kinds)-1 {
		tr.t.Errorf("messages after the closed one: %v", kinds)
	}
}

func (tr *transcript) want(kinds ...Kind) {
	tr.t.Helper()
	if got := tr.kinds(); !slices.Equal(got, kinds) {
		tr.t.Errorf("messages %v, want %v", got, kinds)
	}
}
