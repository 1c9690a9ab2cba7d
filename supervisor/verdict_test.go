package supervisor

import (
	"strings"
	"testing"
	"time"
)

func TestEveryStateBecomesUnknownWithoutNewEvidence(t *testing.T) {
	for _, state := range States {
		h := newHarness(t)
		become[state](h)
		for end := h.now.Add(20 * time.Second); h.now.Before(end); {
			h.now = h.s.WakeAt // only timers fire
			h.event(TimerFired{})
		}
		if h.s.State != Unknown {
			t.Errorf("%s is still claimed 20 s after the last look and answer", state)
		}
	}
}

func TestAFreshSessionProvesTheStateWhileLooksFail(t *testing.T) {
	h := newHarness(t)
	h.becomeConnected()
	h.event(LookFailed{Reader: "lsof", Why: "lsof is missing"})
	h.hold(time.Minute)
	if h.s.State != Connected || !strings.Contains(h.s.Why, "cannot be seen") {
		t.Errorf("%s: %s; want connected", h.s.State, h.s.Why)
	}
	h.event(CodeReceived{Code: 1100, Link: LinkDown})
	if h.s.State != CutOff {
		t.Errorf("%s after code 1100, want cut_off", h.s.State)
	}
	h.event(SessionClosed{Why: "gone"})
	h.now = h.now.Add(time.Second)
	h.event(TimerFired{})
	if h.s.State != Unknown || len(h.actions()) != 0 {
		t.Errorf("%s, and %+v was begun; want unknown, and nothing done", h.s.State, h.actions())
	}
}

func TestEvidenceFromTheFutureIsNotFresh(t *testing.T) {
	now := time.Date(2026, 11, 3, 12, 0, 0, 0, time.UTC)
	for at, want := range map[time.Time]bool{now: true, now.Add(time.Nanosecond): false, now.Add(-time.Second): true, now.Add(-time.Minute): false, {}: false} {
		if got := fresh(at, now, time.Minute); got != want {
			t.Errorf("evidence of %v is fresh at %v: %v", at, now, got)
		}
	}
}

func TestEvidenceFromBeforeAClockSetBackIsNotFresh(t *testing.T) {
	h := newConnected(t)
	w := Status{Gateways: []Snapshot{h.s}}
	h.now = h.now.Add(-time.Hour)
	if got := w.Aged(h.now).Gateways[0].State; got != Unknown {
		t.Errorf("Aged shows %s", got)
	}
	silent := *h
	for range 60 {
		silent.now = silent.now.Add(time.Second)
		silent.event(TimerFired{})
	}
	if silent.s.State != Unknown {
		t.Errorf("%s after a minute without evidence", silent.s.State)
	}
	for range 3600 {
		silent.now = silent.now.Add(time.Second)
		if silent.event(TimerFired{}); silent.s.State != Unknown {
			t.Fatalf("%s when the clock has come to the time of the old evidence", silent.s.State)
		}
	}
	h.event(SessionClosed{Why: "gone"})
	h.view = PortView{}
	h.hold(2 * time.Second)
	if h.s.State != Down {
		t.Errorf("%s, want down: the looks show that nobody listens", h.s.State)
	}
}
