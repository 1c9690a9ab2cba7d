package supervisor

import (
	"testing"
	"time"
)

func TestAgedMakesAStateWithStaleEvidenceUnknown(t *testing.T) {
	h := newHarness(t)
	h.becomeConnected()
	w := Status{Gateways: []Snapshot{h.s}}
	if got := w.Aged(h.now.Add(5 * time.Second)).Gateways[0].State; got != Connected {
		t.Errorf("%s after 5 s", got)
	}
	h.becomeDown()
	if got := (Status{Gateways: []Snapshot{h.s}}).Aged(h.now.Add(10 * time.Second)).Gateways[0].State; got != Unknown {
		t.Errorf("%s by a look that is 10 s old", got)
	}
	old := w.Aged(h.now.Add(20 * time.Second)).Gateways[0]
	if old.State != Unknown || old.Verified {
		t.Errorf("%s after 20 s", old.State)
	}
}

func TestWorstIsTheGatewayOfTheHighestSeverity(t *testing.T) {
	ascending := []Snapshot{
		{State: Down, Expected: true}, {State: Connected}, {State: Starting, Phase: Login}, {State: Listening},
		{State: Starting, Phase: TwoFactor}, {State: CutOff}, {State: Unknown}, {State: Zombies}, {State: Down},
	}
	for i := 1; i < len(ascending); i++ {
		w := Status{Gateways: []Snapshot{ascending[i], ascending[i-1]}}
		if got := w.Worst(); got.Severity() != ascending[i].Severity() || got.State != ascending[i].State {
			t.Errorf("of %s and %s the worst is %s", ascending[i].State, ascending[i-1].State, got.State)
		}
	}
}
