package supervisor

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// keepRunning is a policy by which Gatelight starts the Gateway itself, so that
// a test notices a start on a guess.
func keepRunning() Policy {
	p := DefaultPolicy()
	p.KeepRunning = true
	return p
}

// run runs an engine with a fake Gateway in simulated time, until the test is
// over.
func run(t *testing.T, test func(t *testing.T, e *Engine, f *fakeGateway)) *fakeGateway {
	var f *fakeGateway
	synctest.Test(t, func(t *testing.T) {
		f = newFakeGateway() // in here, since its channels belong to the simulated time
		e, stop := startEngine(t, EngineConfig{
			Gateways: []Gateway{{Policy: keepRunning(), Driver: f, Session: f.hold}},
			Sockets:  f, Record: f.record, Version: "test",
		})
		synctest.Wait()
		test(t, e, f)
		stop()
	})
	return f
}

func state(e *Engine) State { return e.Latest().Gateways[0].State }

func TestTheStateFollowsTheGatewayFromDownToConnectedAndBack(t *testing.T) {
	f := run(t, func(t *testing.T, e *Engine, f *fakeGateway) {
		if got := state(e); got != Down {
			t.Errorf("%s at first, want down", got)
		}
		f.listen()
		time.Sleep(3 * time.Second)
		synctest.Wait()
		if got := state(e); got != Connected {
			t.Fatalf("%s with a listener, want connected: %s", got, e.Latest().Gateways[0].Why)
		}
		f.set(func() { f.view = PortView{}; close(f.exits[4711]) })
		f.session <- "the Gateway closed the connection"
		synctest.Wait() // no time passes: the end of the process causes a look at once
		if got := state(e); got != Down {
			t.Errorf("%s at once after the process has ended, want down", got)
		}
		if n := e.Latest().Gateways[0].Notices; len(n) != 1 || n[0].Kind != NoticeDrop {
			t.Errorf("people were told %+v, want one drop", n)
		}
	})
	var states []string
	for _, e := range f.entries {
		if e.Kind == EntryState {
			states = append(states, string(e.To))
		}
	}
	if got := strings.Join(states, " "); got != "down listening connected down" {
		t.Errorf("recorded: %s", got)
	}
}

func TestWhileLooksHangTheStateIsUnknownAndRequestsAreAnswered(t *testing.T) {
	run(t, func(t *testing.T, e *Engine, f *fakeGateway) {
		f.set(func() { f.silent = true })
		f.listen()
		time.Sleep(10 * time.Second)
		f.set(func() { f.stuck = true })
		time.Sleep(10 * time.Second)
		synctest.Wait()
		if got := state(e); got != Unknown {
			t.Errorf("%s while looks hang, want unknown", got)
		}
		if err := e.Do(t.Context(), "", Stop); err == nil || !strings.Contains(err.Error(), "unknown") {
			t.Errorf("stop: %v, want it refused", err)
		}
		if len(f.acted) != 0 {
			t.Errorf("acted: %v", f.acted)
		}
		f.set(func() { f.stuck = false })
		time.Sleep(10 * time.Second)
		synctest.Wait()
		if got := state(e); got != Silent {
			t.Errorf("%s when it can be seen again, want silent", got)
		}
	})
}

func TestADayOfFailingLooksCausesNoAction(t *testing.T) {
	f := run(t, func(t *testing.T, e *Engine, f *fakeGateway) {
		f.listen()
		time.Sleep(3 * time.Second)
		f.set(func() { f.err = errors.New("lsof is missing"); f.silent = true })
		f.session <- "gone"
		time.Sleep(24 * time.Hour)
		synctest.Wait()
		if got := state(e); got != Unknown {
			t.Errorf("%s, want unknown", got)
		}
	})
	if len(f.acted) != 0 || f.sessions != 1 {
		t.Errorf("acted %v, %d sessions; want nothing done on a guess", f.acted, f.sessions)
	}
}

// The settings hold the last request, however slow the disk is.
func TestTheLastKeepRunningRequestIsTheOneThatIsSaved(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var written []bool
		disk := make(chan struct{})
		f := newFakeGateway()
		e, stop := startEngine(t, EngineConfig{Gateways: []Gateway{{Policy: DefaultPolicy(), Driver: f, Session: f.hold, SaveKeepRunning: func(keep bool) error {
			if len(written) == 0 {
				<-disk
			}
			written = append(written, keep)
			return nil
		}}}, Sockets: f, Version: "test"})
		var wg sync.WaitGroup
		for _, a := range []Action{KeepRunningOn, KeepRunningOff, KeepRunningOn, KeepRunningOff} {
			wg.Go(func() {
				if err := e.Do(t.Context(), "", a); err != nil {
					t.Errorf("%s: %v", a, err)
				}
			})
			synctest.Wait()
		}
		close(disk)
		synctest.Wait()
		if len(written) != 4 || written[3] || e.Latest().Gateways[0].KeepRunning {
			t.Errorf("written %v, and keep running is %v; want it off", written, e.Latest().Gateways[0].KeepRunning)
		}
		wg.Wait()
		stop()
	})
}

func TestQuittingWithAPendingHandshakeIsRecorded(t *testing.T) {
	f := run(t, func(t *testing.T, e *Engine, f *fakeGateway) {
		f.set(func() { f.silent = true })
		f.listen()
		time.Sleep(3 * time.Second)
	})
	last := f.entries[len(f.entries)-1]
	if !strings.Contains(last.Text, "handshake is pending") {
		t.Errorf("the last entry is %+v", last)
	}
	if len(f.acted) != 0 {
		t.Errorf("quitting did %v to the Gateway", f.acted)
	}
}

// An entry may come while the one before is written, and the end right after it.
func TestEntriesOfTheLastMomentAreRecorded(t *testing.T) {
	for range 50 { // what is chosen between the entry and the end is chance
		q := entryQueue{more: make(chan struct{}, 1)}
		ctx, end := context.WithCancel(t.Context())
		var recorded []string
		q.add(Entry{Text: "one"})
		q.drain(ctx, func(e Entry) {
			recorded = append(recorded, e.Text)
			if e.Text == "one" {
				q.add(Entry{Text: "two"})
				end()
			}
		})
		if len(recorded) != 2 {
			t.Fatalf("recorded %q", recorded)
		}
	}
}
