package cli

import (
	"testing"
	"time"

	"gatelight/supervisor"
)

// gateways are snapshots in these states, each proven.
func gatewaysIn(states ...supervisor.State) (all []supervisor.Snapshot) {
	for _, s := range states {
		all = append(all, supervisor.Snapshot{State: s, Verified: s == supervisor.Connected})
	}
	return all
}

func TestAStateIsWaitedForAtAllGateways(t *testing.T) {
	const connected, listening, cutOff, down = supervisor.Connected, supervisor.Listening, supervisor.CutOff, supervisor.Down
	for _, tt := range []struct {
		wanted supervisor.State
		states []supervisor.State
		holds  bool
	}{
		{connected, []supervisor.State{connected, connected}, true},
		{connected, []supervisor.State{connected, listening}, false},
		{connected, []supervisor.State{cutOff}, false},
		{listening, []supervisor.State{listening, connected, cutOff}, true},
		{listening, []supervisor.State{supervisor.Silent}, false},
		{listening, []supervisor.State{supervisor.Zombies}, false},
		{down, []supervisor.State{down}, true},
		{down, []supervisor.State{supervisor.Unknown}, false},
		{supervisor.Unknown, []supervisor.State{supervisor.Unknown}, true},
		{connected, nil, false},
	} {
		if got := (waitOptions{For: string(tt.wanted)}).holds(gatewaysIn(tt.states...)); got != tt.holds {
			t.Errorf("waiting for %s with %v: %t", tt.wanted, tt.states, got)
		}
	}
	unverified := []supervisor.Snapshot{{State: connected}}
	if o := (waitOptions{For: string(connected)}); o.holds(unverified) || !cannotBeProven(unverified) {
		t.Error("a connection of somebody proves that the API answers")
	}
}

func TestAStateHoldsOnceItHasLastedForLongEnough(t *testing.T) {
	at := time.Date(2026, 11, 23, 14, 0, 0, 0, time.UTC)
	after := func(d time.Duration) time.Time { return at.Add(d) }
	status := func(source string, state supervisor.State, since time.Time) supervisor.Status {
		g := gatewaysIn(state)
		g[0].Since = since
		return supervisor.Status{Source: source, Gateways: g}
	}
	type seen struct {
		at    time.Duration
		w     supervisor.Status
		holds bool
	}
	for name, steps := range map[string][]seen{
		"it has held for long": {
			{0, status("engine", supervisor.Connected, after(-time.Hour)), true},
		},
		"it begins": {
			{0, status("engine", supervisor.Connected, after(-time.Second)), false},
			{2 * time.Second, status("engine", supervisor.Connected, after(-time.Second)), true},
		},
		"it breaks": {
			{0, status("engine", supervisor.Connected, after(-time.Second)), false},
			{time.Second, status("engine", supervisor.Silent, after(time.Second)), false},
			{2 * time.Second, status("engine", supervisor.Connected, after(2*time.Second)), false},
			{5 * time.Second, status("engine", supervisor.Connected, after(2*time.Second)), true},
		},
		"it has broken unseen": {
			{0, status("engine", supervisor.Connected, after(-time.Second)), false},
			{2 * time.Second, status("engine", supervisor.Connected, after(time.Second)), false},
			{4 * time.Second, status("engine", supervisor.Connected, after(time.Second)), true},
		},
		"single looks know no beginning": {
			{0, status("one-shot", supervisor.Connected, at), false},
			{2 * time.Second, status("one-shot", supervisor.Connected, after(2*time.Second)), false},
			{3 * time.Second, status("one-shot", supervisor.Connected, after(3*time.Second)), true},
		},
	} {
		h := holding{wanted: waitOptions{For: string(supervisor.Connected)}.holds, stable: 3 * time.Second}
		for _, s := range steps {
			if got := h.see(s.w, after(s.at)); got != s.holds {
				t.Errorf("%s: after %v: %t", name, s.at, got)
			}
		}
	}
}
