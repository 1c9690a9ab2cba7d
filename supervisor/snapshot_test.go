package supervisor

import (
	"testing"
)

func TestTheTrayShowsTheWorst(t *testing.T) {
	calmest := []Snapshot{
		{State: Down, Expected: true}, {State: Connected}, {State: Starting, Phase: Login}, {State: Listening},
		{State: Starting, Phase: TwoFactor}, {State: CutOff}, {State: Unknown}, {State: Zombies}, {State: Down},
	}
	for i := 1; i < len(calmest); i++ {
		w := Status{Gateways: []Snapshot{calmest[i], calmest[i-1]}}
		if got := w.Worst(); got.Severity() != calmest[i].Severity() || got.State != calmest[i].State {
			t.Errorf("of %s and %s the worst is %s", calmest[i].State, calmest[i-1].State, got.State)
		}
	}
}
