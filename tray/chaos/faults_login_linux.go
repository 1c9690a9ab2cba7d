package main

import (
	"fmt"
	"math/rand/v2"
	"syscall"
	"time"

	"gatelight/supervisor/simgateway"
)

// What IBKR does with a login.
var loginFaults = []*fault{
	{"logins fail", 4, func(w *world, g *gateway, s step, r *rand.Rand) string {
		o := simulated()
		o.LaunchDelay, o.RelaunchDelay = 300*time.Millisecond, 300*time.Millisecond
		o.LoginResult = []string{simgateway.LoginFailed, simgateway.LoginConnectionFailed, simgateway.LoginNoDialog,
			simgateway.LoginStuck, simgateway.LoginUnanswered, simgateway.LoginTooMany, simgateway.LoginExisting}[r.IntN(7)]
		return o.LoginResult + ", " + w.behave(g, o, s.hold)
	}},
	{"logins wait for an approval", 3, func(w *world, g *gateway, s step, r *rand.Rand) string {
		o := simulated()
		o.TwoFactor = simgateway.Never
		if r.IntN(2) == 0 {
			o.TwoFactor = spread(r, 100*time.Millisecond, time.Second)
		}
		return fmt.Sprintf("for %v, %s", o.TwoFactor, w.behave(g, o, s.hold))
	}},
}

// simulated is how the Gateways behave when nothing is wrong.
func simulated() simgateway.Options {
	return simgateway.Options{
		LaunchDelay: 150 * time.Millisecond, LoginDelay: 150 * time.Millisecond, RestartDelay: 100 * time.Millisecond, RelaunchDelay: 200 * time.Millisecond,
	}
}

// behave ends a Gateway, whose next logins are different for a time.
func (w *world) behave(g *gateway, o simgateway.Options, hold time.Duration) string {
	w.later("logins", hold, func() {
		w.must(g.layout.SetScenes(simulated()))
		w.expectEnd(g) // it may be in a loop, or waiting
	})
	w.must(g.layout.SetScenes(o))
	w.expectEnd(g)
	w.signal(g, "script", syscall.SIGKILL)
	w.signal(g, "java", syscall.SIGKILL)
	if g.keepRunning {
		return "killed"
	}
	w.user(g, "start")
	return "killed and started"
}
