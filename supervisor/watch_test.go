package supervisor

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
)

func TestDoReturnsWhenTheActionHasEnded(t *testing.T) {
	run(t, func(t *testing.T, e *Engine, f *fakeGateway) {
		if err := e.Do(t.Context(), "", Start); err != nil {
			t.Errorf("start: %v", err)
		}
		f.set(func() { f.actErr = errors.New("IBC is not installed") })
		if err := e.Do(t.Context(), "paper", Start); err == nil || err.Error() != "cannot start paper: IBC is not installed" {
			t.Errorf("start: %v, want the driver's reason", err)
		}
		if err := e.Do(t.Context(), "live", Start); err == nil || !strings.Contains(err.Error(), "paper") {
			t.Errorf("start: %v, want the names that exist", err)
		}
		if !slices.Equal(f.acted, []Action{Start, Start}) {
			t.Errorf("acted %v", f.acted)
		}
	})
}

func TestASlowWatchSkipsToTheNewestStatus(t *testing.T) {
	run(t, func(t *testing.T, e *Engine, f *fakeGateway) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		slow := e.Watch(ctx)
		<-slow
		for i := range 100 {
			e.emitter(ctx, 0)(CodeReceived{Code: 2104, Text: fmt.Sprint(i)})
		}
		synctest.Wait()
		if w := <-slow; w.Gateways[0].API.LastText != "99" {
			t.Errorf("the slow reader got %q, want the newest Status", w.Gateways[0].API.LastText)
		}
		cancel()
		synctest.Wait()
		if _, open := <-slow; open {
			t.Error("the watch is open after its context has ended")
		}
	})
}

func TestAnEngineThatHasEndedRefusesActionsAndClosesWatches(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFakeGateway()
		e := NewEngine(EngineConfig{Gateways: []Gateway{{Policy: DefaultPolicy(), Driver: f, Session: f.hold}}, Sockets: f})
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		e.Run(ctx)
		var refused *ActionError
		if err := e.Do(t.Context(), "", Start); !errors.As(err, &refused) || refused.Reason != ReasonQuitting {
			t.Errorf("%v, want %s", err, ReasonQuitting)
		}
		if _, open := <-e.Watch(t.Context()); open {
			t.Error("the watch of an ended engine is open")
		}
	})
}
