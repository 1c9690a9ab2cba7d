package cli

import (
	"testing"
	"time"

	"gatelight/supervisor"
	"gatelight/tray"
)

// What a login waits for is in the text, not only in the JSON.
func TestTheStatusTextSaysWhatALoginWaitsFor(t *testing.T) {
	p := supervisor.DefaultPolicy()
	at := time.Date(2026, 11, 23, 14, 0, 0, 0, time.Local)
	code := supervisor.TwoFactorRequest{Do: "Type the code", Until: at.Add(3 * time.Minute)}
	refused := supervisor.LoginProblem{Reason: supervisor.LoginRefused, Title: "login refused", Text: "IBKR has refused the login"}
	waits := refused
	waits.Waits = true
	for name, c := range map[string]struct {
		login supervisor.Event
		port  bool // it is open already
		want  string
	}{
		"two-factor": {supervisor.PhaseSeen{Phase: supervisor.TwoFactor, TwoFactor: code}, false,
			"⚿ Approve login: paper, since 14:00:00\n  Type the code before 14:03:00; it has waited since 14:00:00\n"},
		"two-factor behind an open port": {supervisor.PhaseSeen{Phase: supervisor.TwoFactor, TwoFactor: code}, true,
			"⚿ Approve login: paper, since 14:00:00\n  Port 4002 is open already. Type the code before 14:03:00; it has waited\n  since 14:00:00\n"},
		"a refusal that IBC answers by itself": {supervisor.LoginProblemSeen{LoginProblem: refused}, false,
			"◔ Starting: paper, since 14:00:00\n  IBC is logging in; IBKR has refused the login\n"},
		"a refusal that waits": {supervisor.LoginProblemSeen{LoginProblem: waits}, false,
			"♙ Waiting for you: paper, since 14:00:00\n  IBKR has refused the login\n"},
		"a refusal behind an open port": {supervisor.LoginProblemSeen{LoginProblem: waits}, true,
			"♙ Waiting for you: paper, since 14:00:00\n  Port 4002 is open already. IBKR has refused the login\n"},
	} {
		var view supervisor.PortView
		if c.port {
			view.Listener = &supervisor.Listener{Process: supervisor.Process{PID: 4711, Name: "java"}}
		}
		s := supervisor.New(p, at)
		for _, e := range []supervisor.Event{
			supervisor.GatewaySeen{PID: 4711, StartedAt: at, By: supervisor.ByGatelight},
			supervisor.PhaseSeen{Phase: supervisor.Login}, c.login,
			supervisor.Looked{At: at, Reader: "netlink", View: view},
		} {
			s, _ = supervisor.Decide(s, e, at, p)
		}
		if got := tray.StatusText(supervisor.Status{Gateways: []supervisor.Snapshot{s}}, at.Add(time.Second), false); got != c.want {
			t.Errorf("%s: it reads\n%swant\n%s", name, got, c.want)
		}
	}
}
