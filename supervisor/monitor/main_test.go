package monitor

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"gatelight/supervisor"
	"gatelight/supervisor/testkit"
)

// childExe is the program in testdata/childmain.
var childExe string

func TestMain(m *testing.M) { os.Exit(withChild(m)) }

// withChild builds the child without the race detector: the library has data
// races in every session, and that is one reason why it lives in a process of
// its own.
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

// A transcript is one session and the events that it has emitted.
type transcript struct {
	t      *testing.T
	cancel context.CancelFunc // ends the session from our side
	ended  chan struct{}      // closed when it has ended
	why    string             // and why; not before

	mu      sync.Mutex
	all     []supervisor.Event
	changed chan struct{} // replaced at every event
}

// open starts a session with the child in the given mode, and makes sure that it
// has ended when the test does.
func open(t *testing.T, mode string, port int) *transcript {
	t.Helper()
	return openWith(t, Options{Exe: childExe, Args: []string{mode}, Port: port, ClientID: 13, Heartbeat: time.Second})
}

func openWith(t *testing.T, o Options) *transcript {
	ctx, cancel := context.WithCancel(context.Background())
	tr := &transcript{t: t, cancel: cancel, ended: make(chan struct{}), changed: make(chan struct{})}
	go func() {
		defer close(tr.ended)
		tr.why = Run(ctx, o, tr.add)
	}()
	t.Cleanup(tr.close)
	return tr
}

// close ends the session from our side, and waits for its end.
func (tr *transcript) close() {
	tr.cancel()
	<-tr.ended
}

func (tr *transcript) add(e supervisor.Event) {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	tr.all = append(tr.all, e)
	close(tr.changed)
	tr.changed = make(chan struct{})
}

func (tr *transcript) events() []supervisor.Event {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	return slices.Clone(tr.all)
}

// await waits for the nth event of a type, and gives it.
func await[E supervisor.Event](tr *transcript, nth int) E {
	tr.t.Helper()
	late := time.After(testkit.Patience)
	for {
		tr.mu.Lock()
		all, changed := tr.all, tr.changed
		tr.mu.Unlock()
		seen := 0
		for _, e := range all {
			if e, ok := e.(E); ok {
				if seen++; seen == nth {
					return e
				}
			}
		}
		select {
		case <-changed:
		case <-late:
			tr.t.Fatalf("waited in vain for %T number %d; got %+v", *new(E), nth, all)
		}
	}
}

// awaitEnd waits for the session's end and gives the reason.
func (tr *transcript) awaitEnd() string {
	tr.t.Helper()
	select {
	case <-tr.ended:
	case <-time.After(testkit.Patience):
		tr.t.Fatalf("waited in vain for the session's end; got %+v", tr.events())
	}
	return tr.why
}

// wantEnd checks why the session ends.
func (tr *transcript) wantEnd(why string) {
	tr.t.Helper()
	if got := tr.awaitEnd(); got != why {
		tr.t.Errorf("ended because %q, want %q", got, why)
	}
}

// want checks which types of events there were after SessionStarted, which comes
// first.
func (tr *transcript) want(events ...supervisor.Event) {
	tr.t.Helper()
	types := func(events []supervisor.Event) (types []reflect.Type) {
		for _, e := range events {
			types = append(types, reflect.TypeOf(e))
		}
		return types
	}
	want := append([]supervisor.Event{supervisor.SessionStarted{}}, events...)
	if got := tr.events(); !slices.Equal(types(got), types(want)) {
		tr.t.Errorf("events %+v, want %v", got, types(want))
	}
}

// pid is the child's process id.
func (tr *transcript) pid() int {
	tr.t.Helper()
	return await[supervisor.SessionStarted](tr, 1).PID
}

// The events of which only the type counts.
var (
	ready    = supervisor.SessionReady{}
	answered = supervisor.HeartbeatAnswered{}
	aCode    = supervisor.CodeReceived{}
)
