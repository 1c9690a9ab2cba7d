package supervisor

import (
	"testing"
	"time"
)

func TestAnotherProgramOnThePortIsNeitherStoppedNorRestarted(t *testing.T) {
	h := newHarness(t)
	h.listen()
	h.hold(time.Second)
	pid := h.s.Listener.Process.PID
	h.event(OtherProgramSeen{PID: pid + 1}) // that of a listener before
	if h.s.Listener.NoGateway {
		t.Fatal("another process counts")
	}
	h.event(OtherProgramSeen{PID: pid})
	for _, a := range []Action{Stop, Restart, ClearZombies} {
		if r := h.s.Refusal(a); r == nil || r.Reason != ReasonNotRunning {
			t.Errorf("%s: %v", a, r)
		}
	}
	if !h.s.Listener.NoGateway || h.s.Process.PID != 0 {
		t.Errorf("%+v, process %d", h.s.Listener, h.s.Process.PID)
	}
	// What answers as a Gateway is one.
	h.becomeConnected()
	if h.s.Listener.NoGateway || h.s.Refusal(Stop) != nil {
		t.Errorf("connected: %+v, %v", h.s.Listener, h.s.Refusal(Stop))
	}
}
