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
)

// A standIn shows a Status that is replaced, never changed.
type standIn struct {
	atomic.Pointer[supervisor.Status]
}

func (s *standIn) Latest() supervisor.Status { return *s.Load() }

// show shows two Gateways, of which the second is down.
func (s *standIn) show(paper supervisor.State) {
	s.Store(&supervisor.Status{Gateways: []supervisor.Snapshot{{Name: "paper", State: paper}, {Name: "live", State: supervisor.Down}}})
}

type noted []string

func (n *noted) Append(e supervisor.Entry) {
	*n = append(*n, fmt.Sprintf("%s %s %q %q %s", e.At.UTC().Format("15:04"), e.Gateway, e.From, e.To, e.Kind))
}

func TestTheLogSaysThatSomebodyWatches(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &standIn{}
		w.show(supervisor.Unknown)
		var log noted
		markBegin(w, &log)
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { defer close(done); markOn(ctx, w, &log) }()
		time.Sleep(history.MarkInterval)
		synctest.Wait()
		w.show(supervisor.Connected)
		time.Sleep(history.MarkInterval)
		synctest.Wait()
		cancel()
		<-done
		markEnd(w, &log)
		want := noted{ // the clock of a bubble begins at midnight
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

// The real thing: a Gatelight that comes and goes is watching in between.
func TestASupervisionIsInTheLog(t *testing.T) {
	ports, err := freePorts(1)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	file, err := settings.Parse("config.toml", fmt.Appendf(nil, "[[gateway]]\nname = 'paper'\nport = %d\nmonitor = false\nibc.path = '%s'\n", ports[0], dir))
	if err != nil {
		t.Fatal(err)
	}
	b := build{file: file, eyes: sockets.New(socketsChild), tune: func(*supervisor.Policy) {},
		paths: settings.Paths{State: filepath.Join(dir, "state"), Runtime: filepath.Join(dir, "run")}}
	a, err := open(t.Context(), b)
	if err != nil {
		t.Fatal(err)
	}
	for w := range a.engine.Watch(t.Context()) {
		if w.Gateways[0].State != supervisor.Unknown {
			break
		}
	}
	a.close()
	var got []string
	_, err = history.Read(b.paths.Events(), time.Time{}, func(_ []byte, e supervisor.Entry) error {
		got = append(got, fmt.Sprintf("%s %q %q", e.Kind, e.From, e.To))
		return nil
	})
	want := []string{`supervision "" "unknown"`, `state "unknown" "down"`, `supervision "down" ""`}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Error(diff, err)
	}
}
