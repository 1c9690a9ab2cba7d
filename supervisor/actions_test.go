package supervisor

import (
	"strings"
	"testing"
	"time"
)

func TestWhatIsRefused(t *testing.T) {
	for state, want := range map[State]map[Action]string{
		Unknown:   {Start: "unknown", Stop: "unknown", Restart: "unknown"},
		Down:      {Stop: "not running", Restart: "not running"},
		Starting:  {Start: "starting already"},
		Listening: {Start: "open already"},
		Connected: {Start: "open already"},
	} {
		for _, a := range []Action{Start, Stop, Restart, CopyConfig} {
			r := newRig(t)
			become[state](r)
			r.clear()
			r.event(Asked{ID: 9, Action: a})
			replies, acts := effectsOf[Reply](r), effectsOf[Act](r)
			if want[a] == "" && (len(replies) != 0 || len(acts) != 1) {
				t.Errorf("%s in %s: %+v %+v, want it done", a, state, replies, acts)
			}
			if want[a] != "" && (len(acts) != 0 || len(replies) != 1 || !strings.Contains(replies[0].Err, want[a])) {
				t.Errorf("%s in %s: %+v %+v, want it refused: %s", a, state, replies, acts, want[a])
			}
		}
	}
}

func TestKeepRunningStopsAtTheLoginBudget(t *testing.T) {
	r := newRig(t)
	r.p.KeepRunning = true
	r.becomeStarting()
	r.becomeConnected()
	r.becomeDown()
	var starts []time.Duration
	from := r.now
	for r.now.Sub(from) < 50*time.Minute {
		r.hold(time.Second)
		for _, a := range effectsOf[Act](r) {
			starts = append(starts, r.now.Sub(from))
			r.event(Acted{ID: a.ID, Action: a.Action})
			r.event(GatewaySeen{PID: 8, StartedAt: r.now, By: ByGatelight})
			r.event(LoginSeen{At: r.now})
			r.hold(time.Second)
			r.event(GatewayEnded{Exit: Exit{At: r.now, Why: "IBC found no Java"}})
			from = r.now
		}
		r.clear()
	}
	if len(starts) != r.p.LoginBudget {
		t.Fatalf("started %d times after %v, the budget is %d", len(starts), starts, r.p.LoginBudget)
	}
	if kinds := r.notices(); kinds[len(kinds)-1] != NoticeBudget {
		t.Errorf("people heard %v, want the budget last", kinds)
	}
	r.event(Asked{ID: 1, Action: Start})
	if len(effectsOf[Act](r)) != 1 {
		t.Error("the user himself may start it at any time")
	}
}

// IBC's own loop: "Login failed", a cold restart, and so on about every 2.3 s.

func TestIBCsLoginLoopIsStoppedAtTheBudget(t *testing.T) {
	r := newRig(t)
	r.becomeDown()
	r.event(Asked{ID: 1, Action: Start})
	r.event(GatewaySeen{PID: 8, StartedAt: r.now, By: ByGatelight})
	r.event(Acted{ID: 1, Action: Start})
	r.clear()
	logins := 0
	for len(effectsOf[Act](r)) == 0 && logins < 50 {
		r.event(PhaseSeen{Phase: Launching})
		if len(effectsOf[Act](r)) > 0 {
			break
		}
		r.hold(time.Second)
		logins++
		r.event(PhaseSeen{Phase: Login})
		r.event(LoginSeen{At: r.now})
		r.hold(time.Second)
	}
	acts := effectsOf[Act](r)
	if len(acts) != 1 || acts[0].Action != Stop || logins != 1+r.p.LoginBudget {
		t.Errorf("%+v after %d logins, want a stop after the user's own and %d more", acts, logins, r.p.LoginBudget)
	}
}
