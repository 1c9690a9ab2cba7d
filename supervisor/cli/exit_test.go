package cli

import (
	"testing"

	"gatelight/supervisor"
)

func TestEveryStateHasItsExitStatus(t *testing.T) {
	for state, want := range map[supervisor.State]int{
		supervisor.Connected: 1, // by somebody's connection, which proves nothing
		supervisor.Starting:  1, supervisor.Listening: 1, supervisor.CutOff: 1,
		supervisor.Down: 2, supervisor.Silent: 2, supervisor.Zombies: 2,
		supervisor.Unknown: 3, "": 3,
	} {
		if got := exitStatus([]supervisor.Snapshot{{State: state}}, false); got != want {
			t.Errorf("%q: %d, want %d", state, got, want)
		}
	}
}

func TestTheExitStatusIsThatOfTheWorstGateway(t *testing.T) {
	connected := supervisor.Snapshot{State: supervisor.Connected, Verified: true}
	unverified := supervisor.Snapshot{State: supervisor.Connected}
	starting := supervisor.Snapshot{State: supervisor.Starting}
	unknown := supervisor.Snapshot{State: supervisor.Unknown}
	down := supervisor.Snapshot{State: supervisor.Down}
	stopped := supervisor.Snapshot{State: supervisor.Down, Expected: true}
	for _, tt := range []struct {
		gateways      []supervisor.Snapshot
		stoppedIsFine bool
		want          int
	}{
		{[]supervisor.Snapshot{connected, connected}, false, 0},
		{[]supervisor.Snapshot{connected, unverified}, false, 1},
		{[]supervisor.Snapshot{starting, connected}, false, 1},
		{[]supervisor.Snapshot{unknown, starting}, false, 3},
		{[]supervisor.Snapshot{unknown, down, connected}, false, 2},
		{[]supervisor.Snapshot{connected, stopped}, false, 2},
		{[]supervisor.Snapshot{connected, stopped}, true, 0},
		{[]supervisor.Snapshot{stopped}, true, 0},
		{[]supervisor.Snapshot{down}, true, 2},
		{nil, false, 3}, // nothing was said, so nothing is known
		{nil, true, 3},
	} {
		if got := exitStatus(tt.gateways, tt.stoppedIsFine); got != tt.want {
			t.Errorf("%v, stopped is fine: %t: %d, want %d", tt.gateways, tt.stoppedIsFine, got, tt.want)
		}
	}
}
