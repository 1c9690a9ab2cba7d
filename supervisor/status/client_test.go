package status

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"gatelight/supervisor"
)

var _ supervisor.Supervisor = (*Remote)(nil)

func TestDialFailsWithoutAGatelight(t *testing.T) {
	if _, err := Dial(t.Context(), pathsOf(path(t))); err != ErrNotRunning {
		t.Error(err)
	}
}

func TestLatestIsTheStatusOfTheServer(t *testing.T) {
	socket := path(t)
	serve(t, socket, newFake(connectedStatus("hello")))
	w := dial(t, socket).Latest()
	if g := w.Gateways[0]; w.Source != "engine" || w.Version != "1.2.3" || g.State != supervisor.Connected || g.Why != "hello" || !g.Verified {
		t.Errorf("%+v", w)
	}
}

func TestDoIsPassedOnAndItsErrorReturned(t *testing.T) {
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
			socket, s := path(t), newFake(connectedStatus("hello"))
			s.refuse = tt.refuse
			serve(t, socket, s)
			got := ""
			if err := dial(t, socket).Do(t.Context(), tt.gateway, tt.action); err != nil {
				got = err.Error()
			}
			if got != tt.want {
				t.Errorf("\n got %s\nwant %s", got, tt.want)
			}
			if diff := cmp.Diff(tt.asked, s.asked); diff != "" {
				t.Error("asked:", diff)
			}
		})
	}
}

func TestDoFailsWhenTheServerHasEnded(t *testing.T) {
	socket := path(t)
	closeServer := serve(t, socket, newFake(connectedStatus("hello")))
	r := dial(t, socket)
	closeServer()
	err := r.Do(t.Context(), "paper", supervisor.Start)
	if err == nil || !strings.HasPrefix(err.Error(), "cannot ask the running Gatelight: ") {
		t.Error(err)
	}
}

func TestWatchSendsEachChange(t *testing.T) {
	socket, s := path(t), newFake(connectedStatus("one"))
	serve(t, socket, s)
	r := dial(t, socket)
	ctx, cancel := context.WithCancel(t.Context())
	watch := r.Watch(ctx)
	for _, why := range []string{"one", "two", "three"} {
		s.show(connectedStatus(why))
		awaitWhy(t, watch, why)
		if got := r.Latest().Gateways[0].Why; got != why {
			t.Errorf("Latest says %q after Watch said %q", got, why)
		}
	}
	cancel()
	for range watch { // until it is closed
	}
}

// A reader that was slow gets the newest Status.
func TestASlowWatchSkips(t *testing.T) {
	socket, s := path(t), newFake(connectedStatus("0"))
	serve(t, socket, s)
	r := dial(t, socket)
	slow, quick := r.Watch(t.Context()), r.Watch(t.Context())
	for _, why := range []string{"1", "2", "3", "last"} {
		s.show(connectedStatus(why))
		awaitWhy(t, quick, why)
	}
	awaitWhy(t, slow, "last")
}

func TestWatchGoesOnAfterARestart(t *testing.T) {
	t.Parallel()
	socket := path(t)
	closeServer := serve(t, socket, newFake(connectedStatus("before")))
	watch := dial(t, socket).Watch(t.Context())
	awaitWhy(t, watch, "before")
	closeServer()
	serve(t, socket, newFake(connectedStatus("after")))
	awaitWhy(t, watch, "after")
}

// A state is shown without new messages only for as long as it was promised to
// be fresh.
func TestLatestBecomesUnknownWhenItIsStale(t *testing.T) {
	clock := supervisor.Now()
	socket := path(t)
	closeServer := serve(t, socket, newFake(connectedStatus("hello"))) // good for an hour
	r := dial(t, socket)
	r.now = func() time.Time { return clock }
	closeServer()

	clock = clock.Add(59 * time.Minute)
	if g := r.Latest().Gateways[0]; g.State != supervisor.Connected || !g.Verified {
		t.Errorf("still good, but %v", g.State)
	}
	clock = clock.Add(time.Minute + time.Second)
	if g := r.Latest().Gateways[0]; g.State != supervisor.Unknown || g.Verified || !strings.HasPrefix(g.Why,
		"Nothing has been heard since ") {
		t.Errorf("out of date, but %v: %s", g.State, g.Why)
	}
}
