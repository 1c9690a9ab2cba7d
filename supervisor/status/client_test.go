package status

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"gatelight/supervisor"
)

// It takes the engine's place.
var _ supervisor.Supervisor = (*Remote)(nil)

func TestNobodyAnswers(t *testing.T) {
	socket := filepath.Join(t.TempDir(), "s")
	_, err := Dial(t.Context(), socket)
	if err == nil || !strings.HasPrefix(err.Error(), "no Gatelight answers at "+socket+": ") {
		t.Error(err)
	}
}

func TestLatestIsWhatTheOtherOneShows(t *testing.T) {
	socket := path(t)
	serve(t, socket, newStub(connectedStatus("hello")))
	w := dial(t, socket).Latest()
	if g := w.Gateways[0]; w.Source != "engine" || w.Version != "1.2.3" || g.State != supervisor.Connected || g.Why != "hello" || !g.Verified {
		t.Errorf("%+v", w)
	}
}

func TestDoIsPassedOnAndItsReasonBack(t *testing.T) {
	for _, tt := range []struct {
		name    string
		gateway string
		action  supervisor.Action
		refuse  error
		asked   []string
		want    string
	}{
		{"done", "paper", supervisor.Start, nil, []string{"start paper"}, ""},
		{"the only one", "", supervisor.CopyConfig, nil, []string{"copy-config paper"}, ""},
		{"refused", "paper", supervisor.Stop, errors.New("pid 4711 was not started by Gatelight; stop it in its own window"),
			[]string{"stop paper"}, "pid 4711 was not started by Gatelight; stop it in its own window"},
		{"unknown Gateway", "live", supervisor.Start, nil, nil, `no Gateway is named "live" in the settings; there is: paper`},
		{"unknown action", "paper", "explode", nil, nil, `there is no action "explode"`},
		{"no route's action", "paper", "../../status", nil, nil, `there is no action "../../status"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			socket, s := path(t), newStub(connectedStatus("hello"))
			s.refuse = tt.refuse
			serve(t, socket, s)
			said := ""
			if err := dial(t, socket).Do(t.Context(), tt.gateway, tt.action); err != nil {
				said = err.Error()
			}
			if said != tt.want {
				t.Errorf("\n got %s\nwant %s", said, tt.want)
			}
			if diff := cmp.Diff(tt.asked, s.asked); diff != "" {
				t.Error("asked:", diff)
			}
		})
	}
}

func TestDoWhenTheOtherOneHasGone(t *testing.T) {
	socket := path(t)
	closed := serve(t, socket, newStub(connectedStatus("hello")))
	r := dial(t, socket)
	closed()
	err := r.Do(t.Context(), "paper", supervisor.Start)
	if err == nil || !strings.HasPrefix(err.Error(), "cannot ask the running Gatelight: ") {
		t.Error(err)
	}
}

func TestWatchFollows(t *testing.T) {
	socket, s := path(t), newStub(connectedStatus("one"))
	serve(t, socket, s)
	r := dial(t, socket)
	ctx, cancel := context.WithCancel(t.Context())
	worlds := r.Watch(ctx)
	for _, why := range []string{"one", "two", "three"} {
		s.show(connectedStatus(why))
		await(t, worlds, why, func(g supervisor.Snapshot) bool { return g.Why == why })
		if got := r.Latest().Gateways[0].Why; got != why {
			t.Errorf("Latest says %q after Watch said %q", got, why)
		}
	}
	cancel()
	for range worlds { // is closed
	}
}

// A reader that takes nothing finds the newest when it does.
func TestASlowViewSkips(t *testing.T) {
	socket, s := path(t), newStub(connectedStatus("0"))
	serve(t, socket, s)
	r := dial(t, socket)
	slow, quick := r.Watch(t.Context()), r.Watch(t.Context())
	for _, why := range []string{"1", "2", "3", "last"} {
		s.show(connectedStatus(why))
		await(t, quick, why, func(g supervisor.Snapshot) bool { return g.Why == why })
	}
	await(t, slow, "last", func(g supervisor.Snapshot) bool { return g.Why == "last" })
}

func TestWatchSurvivesARestart(t *testing.T) {
	t.Parallel()
	socket := path(t)
	closed := serve(t, socket, newStub(connectedStatus("before")))
	worlds := dial(t, socket).Watch(t.Context())
	await(t, worlds, "the first", func(g supervisor.Snapshot) bool { return g.Why == "before" })
	closed()
	serve(t, socket, newStub(connectedStatus("after")))
	await(t, worlds, "the second", func(g supervisor.Snapshot) bool { return g.Why == "after" })
}

// The light never lies by being late: without news it is what it was only for
// as long as that was good.
func TestLatestTurnsUnknown(t *testing.T) {
	clock := time.Now().Round(0)
	socket := path(t)
	closed := serve(t, socket, newStub(connectedStatus("hello"))) // good for an hour
	r := dial(t, socket)
	r.now = func() time.Time { return clock }
	closed()

	clock = clock.Add(59 * time.Minute)
	if g := r.Latest().Gateways[0]; g.State != supervisor.Connected || !g.Verified {
		t.Errorf("still good, but %v", g.State)
	}
	clock = clock.Add(time.Minute + time.Second)
	if g := r.Latest().Gateways[0]; g.State != supervisor.Unknown || g.Verified || !strings.HasPrefix(g.Why, "Nothing has been heard since ") {
		t.Errorf("out of date, but %v: %s", g.State, g.Why)
	}
}

// A Gatelight that hangs keeps its connections, and sends nothing.
func TestWatchTellsWhenTheNewsHaveGoneStale(t *testing.T) {
	w := connectedStatus("hello")
	w.Gateways[0].FreshUntil = time.Now().Round(0).Add(300 * time.Millisecond)
	socket := path(t)
	serve(t, socket, newStub(w))
	worlds := dial(t, socket).Watch(t.Context())
	await(t, worlds, "unknown", func(g supervisor.Snapshot) bool { return g.State == supervisor.Unknown })
}
