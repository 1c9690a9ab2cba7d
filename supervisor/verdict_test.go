package supervisor

import (
	"strings"
	"testing"
	"time"
)

func TestEveryStateBecomesUnknownWithoutNewEvidence(t *testing.T) {
	for _, state := range allStates {
		r := newHarness(t)
		become[state](r)
		for end := r.now.Add(20 * time.Second); r.now.Before(end); {
			r.now = r.s.WakeAt // only timers fire
			r.event(TimerFired{})
		}
		if r.s.State != Unknown {
			t.Errorf("%s is still claimed 20 s after the last look and answer", state)
		}
	}
}

func TestAFreshSessionProvesTheStateWhileLooksFail(t *testing.T) {
	r := newHarness(t)
	r.becomeConnected()
	r.event(LookFailed{Reader: "lsof", Why: "lsof is missing"})
	r.hold(time.Minute)
	if r.s.State != Connected || !strings.Contains(r.s.Why, "cannot be seen") {
		t.Errorf("%s: %s; want connected", r.s.State, r.s.Why)
	}
	r.event(CodeReceived{Code: 1100, Link: LinkDown})
	if r.s.State != CutOff {
		t.Errorf("%s after code 1100, want cut_off", r.s.State)
	}
	r.event(SessionClosed{Why: "gone"})
	r.now = r.now.Add(time.Second)
	r.event(TimerFired{})
	if r.s.State != Unknown || len(r.actions()) != 0 {
		t.Errorf("%s, and %+v was begun; want unknown, and nothing done", r.s.State, r.actions())
	}
}

func TestEvidenceFromBeforeAClockSetBackIsNotFresh(t *testing.T) {
	r := newConnected(t)
	w := Status{Gateways: []Snapshot{r.s}}
	r.now = r.now.Add(-time.Hour)
	if got := w.Aged(r.now).Gateways[0].State; got != Unknown {
		t.Errorf("Aged shows %s", got)
	}
	silent := *r
	for range 60 {
		silent.now = silent.now.Add(time.Second)
		silent.event(TimerFired{})
	}
	if silent.s.State != Unknown {
		t.Errorf("%s after a minute without evidence", silent.s.State)
	}
	r.event(SessionClosed{Why: "gone"})
	r.view = PortView{}
	r.hold(2 * time.Second)
	if r.s.State != Down {
		t.Errorf("%s, want down: the looks show that nobody listens", r.s.State)
	}
}
