package supervisor

import (
	"strings"
	"testing"
)

func TestActionsThatTheStateRulesOutAreRefused(t *testing.T) {
	for state, want := range map[State]map[Action]string{
		Unknown:   {Start: "unknown", Stop: "unknown", Restart: "unknown"},
		Down:      {Stop: "not running", Restart: "not running"},
		Starting:  {Start: "starting already"},
		Listening: {Start: "open already"},
		Connected: {Start: "open already"},
	} {
		for _, a := range []Action{Start, Stop, Restart, CopyConfig} {
			h := newHarness(t)
			become[state](h)
			h.clear()
			h.event(ActionRequested{ID: 9, Action: a})
			replies, acts := effectsOf[Reply](h), h.actions()
			if want[a] == "" && (len(replies) != 0 || len(acts) != 1) {
				t.Errorf("%s in %s: %+v %+v, want it done", a, state, replies, acts)
			}
			if want[a] != "" && (len(acts) != 0 || len(replies) != 1 || !strings.Contains(errorText(replies[0].Err), want[a])) {
				t.Errorf("%s in %s: %+v %+v, want it refused: %s", a, state, replies, acts, want[a])
			}
		}
	}
}

// The restart has stopped the Gateway and could not start it again.
func TestDownIsUnexpectedAfterARestartThatFailsHalfway(t *testing.T) {
	h := newHarness(t)
	h.ours()
	h.becomeConnected()
	id := h.ask(Restart)
	h.event(PlannedEndSeen{}) // Gatelight sent it, as a part of the restart
	h.becomeDown()
	h.event(ActionEnded{ID: id, Action: Restart, Err: failed("port 4002 is taken")})
	h.wantDown(false)
}
