package cli

import (
	"context"
	"fmt"
	"path/filepath"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"gatelight/supervisor"
	"gatelight/supervisor/history"
	"gatelight/supervisor/settings"
	"gatelight/supervisor/sockets"
	"gatelight/supervisor/testkit"
)

// A fakeSupervisor has a Status that is replaced, never changed.
type fakeSupervisor struct {
	atomic.Pointer[supervisor.Status]
}

func (s *fakeSupervisor) Latest() supervisor.Status { return *s.Load() }

// set sets the state of the first of two Gateways. The second one is down.
func (s *fakeSupervisor) set(paper supervisor.State) {
	s.Store(&supervisor.Status{Gateways: []supervisor.Snapshot{{Name: "paper", State: paper}, {Name: "live", State: supervisor.Down}}})
}

type recorded []string

func (n *recorded) Append(e supervisor.Entry) {
	*n = append(*n, fmt.Sprintf("%s %s %q %q %s", e.At.UTC().Format("15:04"), e.Gateway, e.From, e.To, e.Kind))
}

func TestSupervisionIsRecordedAsItBeginsGoesOnAndEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &fakeSupervisor{}
		w.set(supervisor.Unknown)
		var log recorded
		recordMark(w, &log, beginMark)
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { defer close(done); recordAlive(ctx, w, &log) }()
		time.Sleep(history.MarkInterval)
		synctest.Wait()
		w.set(supervisor.Connected)
		time.Sleep(history.MarkInterval)
		synctest.Wait()
		cancel()
		<-done
		recordMark(w, &log, history.EndMark)
		want := recorded{ // the clock of a bubble begins at midnight
			`00:00 paper "" "unknown" supervision`, `00:00 live "" "down" supervision`,
			`00:10 paper "unknown" "unknown" supervision`, `00:10 live "down" "down" supervision`,
			`00:20 paper "connected" "connected" supervision`, `00:20 live "down" "down" supervision`,
			`00:20 paper "connected" "" supervision`, `00:20 live "down" "" supervision`,
		}
		if diff := cmp.Diff(want, log); diff != "" {
			t.Error(diff)
		}
	})
}

// The same with a service: between its start and its end somebody watches.
func TestServiceRecordsItsBeginAndEnd(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file, err := settings.Parse("config.toml", fmt.Appendf(nil, "[[gateway]]\nname = 'paper'\nport = %d\nmonitor = false\nibc.path = '%s'\n", testkit.Port(t), dir))
	if err != nil {
		t.Fatal(err)
	}
	o := serviceOptions{settings: file, sockets: sockets.New(socketsChild),
		paths: settings.Paths{State: filepath.Join(dir, "state"), Runtime: filepath.Join(dir, "run")}}
	s, err := startService(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	await(t, s, "a look", func(g supervisor.Snapshot) bool { return g.State != supervisor.Unknown })
	s.close()
	var got []string
	_, err = history.Read(o.paths.Events(), time.Time{}, func(_ []byte, e supervisor.Entry) error {
		got = append(got, fmt.Sprintf("%s %q %q", e.Kind, e.From, e.To))
		return nil
	})
	want := []string{`supervision "" "unknown"`, `state "unknown" "down"`, `supervision "down" ""`}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Error(diff, err)
	}
}
